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
  "unknown",
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** Each code in one sentence; docs/errors.md shows them. */
export const FAILURE_MEANINGS: Readonly<Record<FailureCode, string>> = {
  invalid_destination: "The number is not in use, or the carrier does not serve it.",
  unreachable: "The handset was switched off or out of reach until the carrier gave up.",
  blocked_by_carrier: "The carrier or the subscriber bars messages of this kind.",
  content_rejected: "The carrier did not want the content.",
  sender_not_allowed: "The carrier does not take this sender.",
  recipient_opted_out: "The recipient has asked for no more messages from this sender.",
  expired: "Its time was over before a carrier took or delivered it.",
  throttled: "The carrier was asked too fast until its time was over.",
  no_route: "No carrier may take it.",
  media_inaccessible: "A media URL could not be fetched.",
  media_type_unsupported: "A medium is of a type that the carrier does not take.",
  media_too_large: "A medium is larger than the carrier takes.",
  unknown: "The carrier gave no reason that is known here; `carrier_code` has its own.",
};

/** What a failed target carries: our code, the carrier's own (empty when there is none), and a sentence for people. */
export interface Failure {
  readonly code: FailureCode;
  readonly carrierCode: string;
  readonly message: string;
}
