/** The statuses a target can have, in VoIPBIN's words; `scheduled` and `canceled` are additions. */
export const TARGET_STATUSES = [
  "scheduled",
  "queued",
  "sent",
  "delivered",
  "failed",
  "dlr_timeout",
  "gw_timeout",
  "canceled",
  "received",
] as const;

export type TargetStatus = (typeof TARGET_STATUSES)[number];

/** Statuses that nothing changes any more, save that a true receipt may still end `dlr_timeout`. */
export const FINAL_STATUSES: readonly TargetStatus[] = [
  "delivered",
  "failed",
  "dlr_timeout",
  "gw_timeout",
  "canceled",
  "received",
];

/**
 * Which status may follow which (promise P4: forward only). `sent → failed` and `sent → delivered` come from receipts,
 * `queued → delivered` from a receipt that overtook its response.
 */
const FOLLOWERS: { readonly [status in TargetStatus]: readonly TargetStatus[] } = {
  scheduled: ["queued", "sent", "delivered", "failed", "dlr_timeout", "gw_timeout", "canceled"],
  queued: ["sent", "delivered", "failed", "dlr_timeout", "gw_timeout", "canceled"],
  sent: ["delivered", "failed", "dlr_timeout"],
  dlr_timeout: ["delivered", "failed"],
  delivered: [],
  failed: [],
  gw_timeout: [],
  canceled: [],
  received: [],
};

/** Whether a target may go from one status to the other; never to itself. */
export function mayFollow(current: TargetStatus, next: TargetStatus): boolean {
  return FOLLOWERS[current].includes(next);
}

/** Whether a status is final. */
export function isFinal(status: TargetStatus): boolean {
  return FINAL_STATUSES.includes(status);
}
