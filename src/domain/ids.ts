import { type Micros, micros, MICROS_PER_MS } from "./micros.ts";

export type CustomerId = string & { readonly __id: "customer" };
export type MessageId = string & { readonly __id: "message" };
export type EventId = string & { readonly __id: "event" };
export type CarrierId = string & { readonly __id: "carrier" };
export type EndpointId = string & { readonly __id: "endpoint" };
export type AccessKeyId = string & { readonly __id: "accesskey" };
export type NumberId = string & { readonly __id: "number" };
/** One process of the service, for as long as it lives. */
export type NodeId = string & { readonly __id: "node" };

const UUID_FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text has the form of a UUID of any version. */
export function isUuid(text: string): boolean {
  return UUID_FORM.test(text);
}

/** Fills an array with random bytes (`crypto.getRandomValues`). */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => unknown;

/** Makes ids that sort as their times do. */
export interface Ids {
  /** A UUIDv7 that holds `time` to the microsecond. */
  at(time: Micros): string;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const POOL_BYTES = 4_096;
const RANDOM_BYTES = 8;
const FRACTION_STEPS = 4_096;

/**
 * Makes UUIDv7 with the microsecond in the 12 bits after the milliseconds (RFC 9562 §6.2, method 3), so that the order of
 * ids is the order of times, and a list by time needs no index but the primary key. The other 62 bits are random.
 */
export function createIds(fillRandom: FillRandom): Ids {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    at(time) {
      if (used === POOL_BYTES) {
        fillRandom(pool);
        used = 0;
      }
      const head = timeHead(time);
      const tail = randomTail(pool, used);
      used += RANDOM_BYTES;
      return `${head}-${tail}`;
    },
  };
}

function timeHead(time: Micros): string {
  const ms = Math.floor(time / MICROS_PER_MS);
  const fraction = Math.ceil(((time - ms * MICROS_PER_MS) * FRACTION_STEPS) / MICROS_PER_MS);
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${fraction.toString(16).padStart(3, "0")}`;
}

function randomTail(pool: Uint8Array, at: number): string {
  let hex = HEX[(byteAt(pool, at) & 0x3f) | 0x80] ?? "";
  for (let index = 1; index < RANDOM_BYTES; index++) hex += HEX[byteAt(pool, at + index)];
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

/** The time that an id made by {@link createIds} holds, to the microsecond. */
export function timeOfId(id: string): Micros {
  const ms = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  const fraction = Number.parseInt(id.slice(15, 18), 16);
  return micros(ms * MICROS_PER_MS + Math.floor((fraction * MICROS_PER_MS) / FRACTION_STEPS));
}

/** The smallest id of a microsecond: every id made earlier sorts before it. */
export function firstIdAt(time: Micros): string {
  return `${timeHead(time)}-8000-000000000000`;
}
