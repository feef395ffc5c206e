/** Which side of the protocol we are: the client (ESME) or the message centre (SMSC). */
export type SessionRole = "esme" | "smsc";

/** §2.2; `unbinding` is a bound session on its way out: nothing new is sent, answers still come and go. */
export type SessionState =
  | "open"
  | "bound_tx"
  | "bound_rx"
  | "bound_trx"
  | "unbinding"
  | "unbound"
  | "closed";

/** Limits and times of one session; all times in milliseconds. */
export interface SessionOptions {
  /** Requests that may be unanswered at once, 1 to `MAX_WINDOW`. */
  readonly windowSize: number;
  /** How long a request waits for its response. */
  readonly responseTimeoutMs: number;
  /** From the connection to the bind, and as client from our bind to its answer. */
  readonly bindTimeoutMs: number;
  /** Silence of the peer after which we ask for a sign of life; 0 for never. */
  readonly enquireLinkIntervalMs: number;
  /** How long the peer may take to answer an enquire_link. */
  readonly enquireLinkTimeoutMs: number;
  /** Silence of the peer after which we close; 0 for never. */
  readonly inactivityTimeoutMs: number;
  /** How long an unbind waits for the answers that are outstanding on both sides by then, and then again for its unbind_resp. */
  readonly unbindTimeoutMs: number;
  /** How long the socket may take to drain once it is full. */
  readonly writeStallTimeoutMs: number;
  /** Requests of the peer that the owner may leave unanswered before we stop reading. */
  readonly maxUnansweredRequests: number;
  /** Off only in a simulator that plays a hung peer. */
  readonly answersEnquireLink: boolean;
  /** The sequence number of our first PDU. */
  readonly firstSequence: number;
}

/** The largest window anybody may configure. */
export const MAX_WINDOW = 5_000;

/** What a session works with unless told otherwise. */
export const DEFAULT_SESSION_OPTIONS: SessionOptions = Object.freeze({
  windowSize: 10,
  responseTimeoutMs: 60_000,
  bindTimeoutMs: 30_000,
  enquireLinkIntervalMs: 30_000,
  enquireLinkTimeoutMs: 30_000,
  inactivityTimeoutMs: 0,
  unbindTimeoutMs: 5_000,
  writeStallTimeoutMs: 60_000,
  maxUnansweredRequests: 5_000,
  answersEnquireLink: true,
  firstSequence: 1,
});

/** Requests encoded and not yet handed to the socket may hold this many bytes; the window counts as full beyond it. */
export const MAX_UNSENT_BYTES = 1024 * 1024;
/** Unanswered requests of a peer may hold this many bytes, and one request more; beyond it we stop reading. */
export const MAX_UNANSWERED_BYTES = 4 * 1024 * 1024;
/** The largest number of unanswered requests of a peer that may be configured. */
const MAX_UNANSWERED = 100_000;
/** SMPP 3.4 §3.2: sequence numbers run from 1 to this and begin anew. */
export const LAST_SEQUENCE = 0x7fffffff;

/** Throws RangeError with the name of the first option that is out of its limits. */
export function checkSessionOptions(options: SessionOptions): void {
  checkWindowSize(options.windowSize);
  checkWithin("maxUnansweredRequests", options.maxUnansweredRequests, 1, MAX_UNANSWERED);
  checkWithin("firstSequence", options.firstSequence, 1, LAST_SEQUENCE);
  for (const name of ["enquireLinkIntervalMs", "inactivityTimeoutMs"] as const)
    if (!(options[name] >= 0)) throw new RangeError(`${name} is ${options[name]}, less than 0`);
  for (const name of [
    "responseTimeoutMs",
    "bindTimeoutMs",
    "enquireLinkTimeoutMs",
    "unbindTimeoutMs",
    "writeStallTimeoutMs",
  ] as const)
    if (!(options[name] > 0)) throw new RangeError(`${name} is ${options[name]}, not more than 0`);
}

/** Throws RangeError for a window that may not be configured. */
export function checkWindowSize(windowSize: number): void {
  checkWithin("windowSize", windowSize, 1, MAX_WINDOW);
}

function checkWithin(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${name} is ${value}, not ${least} to ${most}`);
}
