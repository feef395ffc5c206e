import { type Message, PRIORITY_NAMES, type Target } from "./message.ts";
import { formatMicros } from "./micros.ts";

/** Renders a message as clients of the API and receivers of webhooks read it; further keys appear only where they say something. */
export function viewMessage(message: Message): Record<string, unknown> {
  const { options } = message;
  return {
    id: message.id,
    customer_id: message.customerId,
    type: message.type,
    source: message.source,
    targets: message.targets.map(viewTarget),
    text: message.text,
    direction: message.direction,
    ...(options.encoding !== undefined && { encoding: options.encoding }),
    ...(options.flash !== undefined && { flash: options.flash }),
    ...(options.data !== undefined && { data: options.data }),
    ...(options.udh !== undefined && { udh: options.udh }),
    ...(options.priority !== undefined && { priority: PRIORITY_NAMES[options.priority] }),
    ...(options.medias !== undefined && { medias: options.medias }),
    ...(options.missingParts !== undefined && { missing_parts: options.missingParts }),
    ...(options.contentRemoved !== undefined && { content_removed: options.contentRemoved }),
    ...(options.tmSchedule !== undefined && { tm_schedule: formatMicros(options.tmSchedule) }),
    ...(options.tmExpire !== undefined && { tm_expire: formatMicros(options.tmExpire) }),
    tm_create: formatMicros(message.tmCreate),
    tm_update: formatMicros(message.tmUpdate),
    tm_delete: formatMicros(message.tmDelete),
  };
}

function viewTarget(target: Target): Record<string, unknown> {
  const { failure } = target;
  return {
    destination: target.destination,
    status: target.status,
    parts: target.parts,
    ...(failure !== null && {
      error: { code: failure.code, carrier_code: failure.carrierCode, message: failure.message },
    }),
    tm_update: formatMicros(target.tmUpdate),
  };
}
