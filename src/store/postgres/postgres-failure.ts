import { StoreUnavailable } from "../../domain/store-unavailable.ts";

/**
 * A commit was under way when the connection broke: it may have happened or not. Whoever asked for it must look before it
 * asks again (group-commit.ts does).
 */
export class OutcomeUnknown extends StoreUnavailable {
  constructor(message: string, options: { readonly cause: unknown }) {
    super("outcome_unknown", message, options);
  }
}

/** A page that cannot be read, an index that contradicts its table, a file that is not there. */
const DAMAGED = ["damaged", "the database is damaged"] as const;

/** SQLSTATEs (PostgreSQL, appendix A) after which nothing was written and a later try may succeed; by code or class. */
const PASSING: Readonly<Record<string, readonly [StoreUnavailable["reason"], string]>> = {
  "08": ["connection_lost", "the connection to the database broke"],
  "40": ["busy", "other transactions stood in the way"],
  "53": ["busy", "the database is out of a resource"],
  "53100": ["disk_full", "the database's disk is full"],
  "53200": ["busy", "the database has no memory left"],
  "53300": ["busy", "the database takes no more connections"],
  "55P03": ["busy", "a lock was not let go in time"],
  "57": ["connection_lost", "the database stopped the session"],
  "57014": ["busy", "the database took too long"],
  "58": ["disk_full", "the database's disk reported an error"],
  "58P01": DAMAGED,
  "25006": ["read_only", "the database is read-only: after a failover this address leads to the old primary"],
  "25P03": ["connection_lost", "the database ended an idle transaction"],
  XX001: DAMAGED,
  XX002: DAMAGED,
};

/** A server that is no primary (any more) refused to write: nothing happened. */
export const READ_ONLY = "25006";

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** The SQLSTATE of an error; null when PostgreSQL did not send it. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  return SQLSTATE.test(error.code) && "severity" in error ? error.code : null;
}

/**
 * What an error of a query or of a connection attempt means: StoreUnavailable when a later try may succeed, else the error
 * itself, which stands for a defect. An error without SQLSTATE comes from the socket.
 */
export function failureOf(error: unknown): unknown {
  if (error instanceof StoreUnavailable) return error;
  const state = sqlStateOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (state === null) {
    const message = `the database cannot be reached (${detail})`;
    return new StoreUnavailable("connection_lost", message, { cause: error });
  }
  const passing = PASSING[state] ?? PASSING[state.slice(0, 2)];
  if (passing === undefined) return error;
  return new StoreUnavailable(passing[0], `${passing[1]} (${detail})`, { cause: error });
}

/** Whether the same transaction, run again at once, may go through (deadlock, serialization failure). */
export function isWorthRepeating(error: unknown): boolean {
  const state = sqlStateOf(error instanceof StoreUnavailable ? error.cause : error);
  return state === "40P01" || state === "40001";
}

const UNIQUE_VIOLATION = "23505";

/** Whether a unique index stood against a write: somebody else has the key or the name. */
export function isTaken(error: unknown): boolean {
  return sqlStateOf(error) === UNIQUE_VIOLATION;
}

/** Whether a connection on which this happened is of no more use. */
export function breaksConnection(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === null || state === "25006" || /^(08|57P|25P03)/.test(state);
}
