import type { Address } from "./address.ts";
import type { Failure } from "./failure.ts";
import type { CustomerId, MessageId } from "./ids.ts";
import type { Micros } from "./micros.ts";
import type { TargetStatus } from "./target-status.ts";

export type MessageType = "sms" | "mms";
export type Direction = "outbound" | "inbound";

/** Sending order: a lower number goes first. */
export const PRIORITIES = { high: 0, normal: 1, low: 2 } as const;
export type Priority = (typeof PRIORITIES)[keyof typeof PRIORITIES];

/** Priorities as clients write and read them, by their number. */
export const PRIORITY_NAMES = [
  "high",
  "normal",
  "low",
] as const satisfies readonly (keyof typeof PRIORITIES)[];

export interface MediaReference {
  readonly type: string;
  readonly url: string;
}

/** What a client may ask beyond text and addresses; a key is there only when it was asked for. Stored as JSON. */
export interface MessageOptions {
  readonly encoding?: "auto" | "gsm7" | "ucs2" | "latin1" | "binary";
  readonly flash?: boolean;
  /** Binary user data, hex; the text is then empty. */
  readonly data?: string;
  /** User data header that goes before `data`, hex, its length byte included. */
  readonly udh?: string;
  readonly priority?: Priority;
  readonly tmSchedule?: Micros;
  readonly tmExpire?: Micros;
  readonly medias?: readonly MediaReference[];
  /** Inbound only: the parts, from 1, that had not come when the wait for them ended. */
  readonly missingParts?: readonly number[];
  /** Text, data and media were taken out after their time (retention.ts). */
  readonly contentRemoved?: true;
}

/** One destination of a message; `n` counts from 0 in the order of the request. */
export interface Target {
  readonly n: number;
  readonly destination: Address;
  readonly status: TargetStatus;
  readonly parts: number;
  readonly tmUpdate: Micros;
  readonly failure: Failure | null;
}

/** A message without its targets. */
export interface MessageHead {
  readonly id: MessageId;
  readonly customerId: CustomerId;
  readonly type: MessageType;
  readonly direction: Direction;
  readonly source: Address;
  readonly text: string;
  readonly options: MessageOptions;
  readonly tmCreate: Micros;
  readonly tmUpdate: Micros | null;
  readonly tmDelete: Micros | null;
}

export interface Message extends MessageHead {
  readonly targets: readonly Target[];
}

/** Names one target everywhere. */
export interface TargetKey {
  readonly customerId: CustomerId;
  readonly messageId: MessageId;
  readonly n: number;
}
