/** Why a target failed: an open list, so clients must expect codes they do not know. */
export const FAILURE_CODES = [
  "invalid_destination",
  "unreachable",
  "blocked_by_carrier",
  "content_rejected",
  "sender_not_allowed",
  "recipient_opted_out",
  "expired",
  "throttled",
  "no_route",
  "media_inaccessible",
  "media_type_unsupported",
  "media_too_large",
  "carrier_unavailable",
  "unknown",
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** What a failed target carries: our code, the carrier's own (empty when there is none), and a sentence for people. */
export interface Failure {
  readonly code: FailureCode;
  readonly carrierCode: string;
  readonly message: string;
}
