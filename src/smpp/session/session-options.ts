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
  /** How long an unbind waits for answers outstanding on both sides, and then again for its unbind_resp. */
  readonly unbindTimeoutMs: number;
  /** How long the socket may take nothing while bytes wait for it. */
  readonly writeStallTimeoutMs: number;
  /** Requests of the peer that the owner may leave unanswered before we stop reading. */
  readonly maxUnansweredRequests: number;
  /** Off only in a simulator that plays a hung peer. */
  readonly answersEnquireLink: boolean;
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
  maxUnansweredRequests: 1_000,
  answersEnquireLink: true,
});
