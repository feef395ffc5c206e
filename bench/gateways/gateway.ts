/** What every gateway under test is told. */
export interface Setting {
  readonly smscPort: number;
  readonly sinkPort: number;
  /** Receipts asked for, and one callback per final status. */
  readonly callbacks: boolean;
  readonly window: number;
  /** Binds of the carrier; 1 unless given. */
  readonly binds?: number;
}

/** How one message is handed to it. */
export interface Submission {
  readonly port: number;
  /** Of all nodes, where there are several: connections go to them in turn. */
  readonly ports?: readonly number[];
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A gateway at work, in processes of its own. */
export interface Gateway {
  readonly name: string;
  /** All its processes now. */
  pids(): readonly number[];
  submission(): Submission;
  /** SIGKILL of what holds the queue. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The text of every message, 62 characters after its number: one part. */
export const TEXT = "M{seq} your verification code is 493022. It expires in 10 minutes.";
