/** What an operator may change of what one request can ask for. */
export interface AcceptLimits {
  readonly destinations: number;
  /** How long carriers are tried when the request does not say when it expires. */
  readonly validityMs: number;
  /** How long the answer to a request is kept under its idempotency key. */
  readonly idempotencyMs: number;
  /** How far ahead a message may be scheduled, and how long after that it may still be tried. */
  readonly horizonMs: number;
}

const HOUR_MS = 3_600_000;

export const DEFAULT_ACCEPT_LIMITS: AcceptLimits = {
  destinations: 1_000,
  validityMs: 24 * HOUR_MS,
  idempotencyMs: 24 * HOUR_MS,
  horizonMs: 366 * 24 * HOUR_MS,
};

/** Characters of an address's `type`; the longest that VoIPBIN knows has ten. */
export const ADDRESS_TYPE_MAX = 64;

/** Characters of an address's `target_name`, `name` and `detail` each; there are up to a thousand addresses. */
export const ADDRESS_WORDS_MAX = 255;

/** Media files of one message, and characters of the URL and of the type of each. */
export const MEDIAS_MAX = 10;
export const MEDIA_URL_MAX = 2_048;
export const MEDIA_TYPE_MAX = 127;

/** Characters of an idempotency key. */
export const IDEMPOTENCY_KEY_MAX = 255;
