/** One submit_sm (or data_sm) as the SMSC saw it. */
export interface SubmitEntry {
  /** Counts up from 1. */
  readonly number: number;
  /** On the simulator's monotonic clock. */
  readonly atMs: number;
  /** The connection it came over: counts up from 1 over the simulator's life. */
  readonly connection: number;
  readonly systemId: string;
  readonly source: string;
  readonly destination: string;
  readonly esmClass: number;
  readonly dataCoding: number;
  readonly registeredDelivery: number;
  /** What the part says, as a handset would show it; hex for binary data. */
  readonly text: string;
  /** Which part of how many, null for a whole message. */
  readonly part: { readonly reference: number; readonly total: number; readonly sequence: number } | null;
  /** What it was answered with; null when it was not answered. */
  readonly commandStatus: number | null;
  /** The id in the answer; null when it was not taken. */
  readonly messageId: string | null;
}

/** The latest entries, at most `limit`; older ones are counted and forgotten. */
export class SubmitLog {
  readonly #limit: number;
  readonly #ring: SubmitEntry[] = [];
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many there ever were. */
  get count(): number {
    return this.#count;
  }

  add(entry: Omit<SubmitEntry, "number">): SubmitEntry {
    const at = this.#count % this.#limit;
    this.#count++;
    const numbered = { number: this.#count, ...entry };
    this.#ring[at] = numbered;
    return numbered;
  }

  /** Those that are kept, the oldest first. */
  entries(): readonly SubmitEntry[] {
    const start = this.#count > this.#limit ? this.#count % this.#limit : 0;
    return [...this.#ring.slice(start), ...this.#ring.slice(0, start)];
  }

  clear(): void {
    this.#ring.length = 0;
    this.#count = 0;
  }
}
