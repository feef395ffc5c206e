import type { EventType } from "../../domain/event.ts";
import type { Direction, MessageType } from "../../domain/message.ts";
import type { TargetStatus } from "../../domain/target-status.ts";

/** How words are kept in integer columns. A number that was written once keeps its meaning for ever. */
export const STATUS_CODES = {
  scheduled: 0,
  queued: 1,
  sent: 2,
  delivered: 3,
  failed: 4,
  dlr_timeout: 5,
  gw_timeout: 6,
  canceled: 7,
  received: 8,
} as const satisfies Record<TargetStatus, number>;

export const TYPE_CODES = { sms: 0, mms: 1 } as const satisfies Record<MessageType, number>;

export const DIRECTION_CODES = { outbound: 0, inbound: 1 } as const satisfies Record<Direction, number>;

export const EVENT_CODES = {
  message_created: 0,
  message_updated: 1,
  message_deleted: 2,
} as const satisfies Record<EventType, number>;

/** The word of a code; throws when there is none, for then a newer version wrote it. */
export function wordOf<Word extends string>(codes: Readonly<Record<Word, number>>, code: number): Word {
  for (const word in codes) if (codes[word] === code) return word;
  throw new RangeError(`code ${code} is unknown`);
}

/** The same as bits, by which SQL tells whether an endpoint wants an event. */
export const EVENT_BITS = {
  message_created: 1,
  message_updated: 2,
  message_deleted: 4,
} as const satisfies Record<EventType, number>;

/** Statuses as bits: one for each that is given. */
export function statusBits(statuses: Iterable<TargetStatus>): number {
  let bits = 0;
  for (const status of statuses) bits |= 1 << STATUS_CODES[status];
  return bits;
}
