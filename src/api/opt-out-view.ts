import { formatMicros } from "../domain/micros.ts";
import type { OptOutPeriod } from "../store/opting-out.ts";

/** A period of an opt-out as the API shows it. */
export function viewOptOut(period: OptOutPeriod): Record<string, unknown> {
  return {
    id: period.id,
    customer_id: period.customerId,
    sender: period.sender,
    handset: period.handset,
    status: period.until === null ? "lasting" : "ended",
    began_by: period.beganBy,
    ended_by: period.endedBy,
    tm_begin: formatMicros(period.since),
    tm_end: formatMicros(period.until),
  };
}
