import { formatMicros } from "../domain/micros.ts";
import type { OwnedNumber } from "../domain/owned-number.ts";
import { viewOptOutSettings } from "./opt-out-settings.ts";

/** VoIPBIN's way of saying that no flow is set; there are none here. */
const NO_FLOW = "00000000-0000-0000-0000-000000000000";

/** A number as the API shows it. */
export function viewNumber(number: OwnedNumber): Record<string, unknown> {
  return {
    id: number.id,
    customer_id: number.customerId,
    number: number.number,
    type: number.type,
    call_flow_id: NO_FLOW,
    message_flow_id: NO_FLOW,
    name: number.name,
    detail: number.detail,
    status: number.tmDelete === null ? "active" : "deleted",
    opt_out: viewOptOutSettings(number.optOut),
    tm_create: formatMicros(number.tmCreate),
    tm_update: formatMicros(number.tmUpdate),
    tm_delete: formatMicros(number.tmDelete),
  };
}
