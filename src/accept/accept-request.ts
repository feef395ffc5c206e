import type { Address, AddressInput } from "../domain/address.ts";
import type { Failure } from "../domain/failure.ts";
import type { CarrierId, CustomerId } from "../domain/ids.ts";
import type { Message, MessageOptions, MessageType } from "../domain/message.ts";
import type { Encoding } from "../gsm/capacity.ts";

/** What a door asks to be sent, on behalf of a customer it knows. */
export interface AcceptRequest {
  readonly customerId: CustomerId;
  readonly source: AddressInput;
  readonly destinations: readonly AddressInput[];
  readonly text: string;
  readonly options: MessageOptions;
  /** For our own answers to STOP and the like: they reach a handset that has just opted out. */
  readonly ignoresOptOut?: boolean;
  /** `fingerprint` is a hash of everything that makes two requests the same: method, path, query and body. */
  readonly idempotency?: { readonly key: string; readonly fingerprint: string };
  /** Writes the door's answer body; what it gives is kept under the idempotency key, to be given again. */
  readonly render: (message: Message) => string;
}

/** Why a request is turned down; the door maps it to its protocol. */
export type RejectionReason =
  | "invalid_argument"
  | "route_not_found"
  | "idempotency_key_in_use"
  | "idempotency_key_reused";

/** A request that was turned down whole: nothing was stored. */
export interface Rejection {
  readonly kind: "rejected";
  readonly reason: RejectionReason;
  /** The part of the request that is wrong, as clients write it (`destinations[3].target`); null when it is none of its fields. */
  readonly field: string | null;
  /** A sentence for people; holds no text of the message and no phone number. */
  readonly message: string;
}

/** What became of a request; the first two are durable when this is given. */
export type AcceptResult =
  | { readonly kind: "accepted"; readonly message: Message; readonly answer: string }
  /** The same request under the same key came before: this is what it was answered. */
  | { readonly kind: "replayed"; readonly answer: string }
  | Rejection;

/** What would become of one destination. */
export interface TargetPreview {
  readonly destination: Address;
  readonly status: "queued" | "scheduled" | "failed";
  readonly parts: number;
  /** How its text would be written by the first carrier of its route; null for a multimedia message. */
  readonly encoding: Encoding | null;
  /** The carriers that would be tried, in order. */
  readonly route: readonly CarrierId[];
  /** Why it would fail at once; null when it would be sent. */
  readonly failure: Failure | null;
}

/** What would become of a request; nothing of it is kept. */
export type PreviewResult =
  | { readonly kind: "previewed"; readonly type: MessageType; readonly targets: readonly TargetPreview[] }
  | Rejection;

/** A request whose addresses are normalised and whose fields are all right. */
export interface CheckedRequest {
  readonly source: Address;
  readonly destinations: readonly Address[];
  readonly text: string;
  readonly options: MessageOptions;
}

/** Turns a request down for one of its fields. */
export function invalid(field: string, message: string): Rejection {
  return { kind: "rejected", reason: "invalid_argument", field, message };
}
