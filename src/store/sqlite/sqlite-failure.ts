import { StoreUnavailable } from "../../domain/store-unavailable.ts";

/** How an operation failed, in a form that crosses threads. `reason` is null when the operation itself is at fault. */
export interface OperationFailure {
  /** The operation's position in its pile. */
  readonly index: number;
  readonly reason: StoreUnavailable["reason"] | null;
  readonly message: string;
}

const DAMAGED = ["damaged", "the database is damaged: restore a backup"] as const;

/** Primary result codes (sqlite.org/rescode.html) of which the database is the cause and no operation: nothing was written. */
const OF_DATABASE: Readonly<Record<number, readonly [StoreUnavailable["reason"], string]>> = {
  5: ["busy", "another process holds the database"],
  6: ["busy", "another connection holds the table"],
  7: ["busy", "there is no memory left"],
  8: ["read_only", "the database file cannot be written"],
  10: ["disk_full", "the disk reported an error"],
  11: DAMAGED,
  13: ["disk_full", "the disk is full"],
  14: ["read_only", "a file beside the database cannot be opened"],
  26: DAMAGED,
};

const PRIMARY_CODE = 0xff;

/** The StoreUnavailable that an error stands for; null when it stands for a defect. */
export function asUnavailable(error: unknown): StoreUnavailable | null {
  if (error instanceof StoreUnavailable) return error;
  const known = OF_DATABASE[resultCodeOf(error) & PRIMARY_CODE];
  if (known === undefined) return null;
  const [reason, message] = known;
  return new StoreUnavailable(reason, message, { cause: error });
}

/** SQLite's extended result code of an error; 0 when it is none of SQLite's. */
export function resultCodeOf(error: unknown): number {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return 0;
  return error.errcode;
}

/** The failure of one operation, to be sent across. */
export function toFailure(index: number, error: unknown): OperationFailure {
  const unavailable = asUnavailable(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (unavailable === null) return { index, reason: null, message: detail };
  const message = unavailable === error ? detail : `${unavailable.message} (${detail})`;
  return { index, reason: unavailable.reason, message };
}

/** The error that a failure becomes on the other side. */
export function toError(failure: OperationFailure): Error {
  if (failure.reason === null) return new Error(`store: ${failure.message}`);
  return new StoreUnavailable(failure.reason, failure.message);
}
