import { type Clock, createClock } from "../../domain/clock.ts";
import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import {
  type CarrierId,
  createIds,
  type CustomerId,
  type EndpointId,
  type EventId,
  type MessageId,
  type NodeId,
} from "../../domain/ids.ts";
import type { MessageHead, Target, TargetKey } from "../../domain/message.ts";
import { addMs, type Micros } from "../../domain/micros.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import type { Receipt } from "../../domain/receipt.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import type { Acceptance, AcceptanceLease } from "../accepting.ts";
import type { Delivery, DeliveryClaim, DeliverySettlement } from "../announcing.ts";
import { CLAIM_MAX_CHARACTERS, type InFlightMark, type Settlement } from "../queueing.ts";
import type { Store } from "../store.ts";
import { KnownMarks } from "./known-marks.ts";

/** An engine under test. */
export interface ContractEngine {
  /** The store as it was opened last. */
  readonly store: Store;
  /** Closes it and opens it again on the same data, as a restart does. */
  reopen(): Promise<void>;
  /** Closes it and takes its data away. */
  dispose(): Promise<void>;
}

/** How an attempt ends whose outcome nobody knows, and of which nothing was answered. */
export const HELD = { outcome: "held", partStates: "", receiptKeys: [], receiptDueAt: null } as const;

export type OpenEngine = () => Promise<ContractEngine>;

/** An engine whose data a test may damage. */
export interface DamageableEngine extends ContractEngine {
  /** Takes an endpoint away and leaves its deliveries, as a removal does that a process died in. */
  loseEndpoint(id: EndpointId): Promise<void>;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export interface AcceptanceWishes {
  readonly at?: Micros;
  readonly targets?: number;
  readonly parts?: number;
  readonly text?: string;
  readonly leased?: boolean;
  /** Marked in flight from the start, for this world's carrier. */
  readonly marks?: AcceptanceLease["marks"];
  readonly priority?: 0 | 1 | 2;
  readonly dueAt?: Micros;
  readonly expiresAt?: Micros;
  readonly carrierId?: CarrierId;
  readonly fallbacks?: readonly CarrierId[];
  readonly idempotency?: Acceptance["idempotency"];
  readonly status?: TargetStatus;
}

/** One for all tests of an engine: what a later one makes is newer, even within one millisecond. */
const wall = createClock(() => Date.now());

/** What one test works with: a customer, a carrier and a node that no other test has, so that tests can share an engine. */
export class World {
  readonly engine: ContractEngine;
  readonly clock: Clock;
  readonly #ids = createIds((bytes) => crypto.getRandomValues(bytes));
  readonly node: NodeId;
  readonly otherNode: NodeId;
  readonly carrierId: CarrierId;
  readonly customerId: CustomerId;
  readonly otherCustomerId: CustomerId;
  readonly #marks = new KnownMarks();
  #aheadMs = 0;

  constructor(engine: ContractEngine) {
    this.engine = engine;
    this.clock = { now: () => addMs(wall.now(), this.#aheadMs) };
    this.node = this.id<NodeId>();
    this.otherNode = this.id<NodeId>();
    this.carrierId = this.id<CarrierId>();
    this.customerId = this.id<CustomerId>();
    this.otherCustomerId = this.id<CustomerId>();
  }

  get store(): Store {
    return this.engine.store;
  }

  now(): Micros {
    return this.clock.now();
  }

  in(ms: number): Micros {
    return addMs(this.clock.now(), ms);
  }

  /**
   * Lets time pass for everything that this test hands in from now on: all that was `in(ms)` before is over then, even when
   * no millisecond has passed since.
   */
  passes(ms: number): void {
    this.#aheadMs += ms;
  }

  /** An id of whatever kind the caller needs. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the kind, as a cast would
  id<Id extends string>(at: Micros = this.clock.now()): Id {
    return this.#ids.at(at) as Id; // ids of every kind are made alike
  }

  acceptance(wishes: AcceptanceWishes = {}): Acceptance {
    const at = wishes.at ?? this.now();
    const message = headOf(this.id<MessageId>(at), this.customerId, at, wishes.text ?? "hello");
    const { parts = 1, status = "queued", carrierId = this.carrierId } = wishes;
    const targets = Array.from({ length: wishes.targets ?? 1 }, (_, n): Target => {
      const destination = tel(`+3160000${String(n).padStart(4, "0")}`);
      return { n, destination, status, parts, tmUpdate: at, failure: null };
    });
    const queue = targets.map(({ n, destination }): OutboundTarget => ({
      customerId: this.customerId,
      messageId: message.id,
      n,
      type: message.type,
      source: message.source,
      destination,
      text: message.text,
      options: message.options,
      parts,
      carrierId,
      fallbacks: wishes.fallbacks ?? [],
      priority: wishes.priority ?? 1,
      dueAt: wishes.dueAt ?? at,
      expiresAt: wishes.expiresAt ?? addMs(at, DAY_MS),
      attempts: 0,
      partStates: "",
    }));
    const leasedTo =
      wishes.leased === true ? { node: this.node, carriers: [carrierId], marks: wishes.marks ?? [] } : null;
    const idempotency = wishes.idempotency ?? null;
    if (leasedTo !== null && leasedTo.marks.length > 0) this.#marks.marked(queue, at);
    return { message, targets, queue, leasedTo, eventId: this.id<EventId>(), idempotency };
  }

  /** Accepts a message and answers the keys of its targets. */
  async accept(wishes: AcceptanceWishes = {}): Promise<readonly [TargetKey, ...TargetKey[]]> {
    const entry = this.acceptance(wishes);
    await this.store.acceptMessages([entry]);
    return keysOf(entry);
  }

  mark(key: TargetKey, wishes: Partial<InFlightMark> = {}): InFlightMark {
    const { node, carrierId } = this;
    const mark = { ...targetKey(key), carrierId, node, bind: 0, epoch: 1, at: this.now(), ...wishes };
    this.#marks.marked([key], mark.at);
    return mark;
  }

  /** Accepts a message that this node has, and marks its targets in flight. */
  async inFlight(wishes: AcceptanceWishes = {}): Promise<readonly [TargetKey, ...TargetKey[]]> {
    const keys = await this.accept({ ...wishes, leased: true });
    const marked = await this.store.markInFlight(keys.map((key) => this.mark(key)));
    if (marked.includes(false)) throw new Error("a target that was handed over could not be marked");
    return keys;
  }

  /** What settlements have in common: it names the mark that was asked for last. */
  base(key: TargetKey) {
    const { node, carrierId } = this;
    const markedAt = this.#marks.of(key);
    return { ...targetKey(key), carrierId, node, markedAt, at: this.now(), trail: [] };
  }

  sent(
    key: TargetKey,
    receiptKeys: readonly (string | null)[],
    wishes: Partial<SentSettlement> = {},
  ): Settlement {
    return { ...this.base(key), outcome: "sent", receiptKeys, receiptDueAt: this.in(3 * DAY_MS), ...wishes };
  }

  /** Accepts a message, sends it, and answers its targets' keys; target n awaits receipts under `${prefix}-${n}`. */
  async sentMessage(
    prefix: string,
    wishes: AcceptanceWishes = {},
  ): Promise<readonly [TargetKey, ...TargetKey[]]> {
    const keys = await this.inFlight(wishes);
    await this.store.settleTargets(
      keys.map((key) => this.sent(key, partKeys(`${prefix}-${key.n}`, wishes.parts ?? 1))),
    );
    return keys;
  }

  receipt(key: string, wishes: Partial<Receipt> = {}): Receipt {
    const { carrierId } = this;
    return {
      carrierId,
      keys: [key],
      destination: "",
      state: "delivered",
      failure: null,
      at: this.now(),
      words: "stat:DELIVRD",
      ...wishes,
    };
  }

  async statuses(key: TargetKey): Promise<readonly TargetStatus[]> {
    const message = await this.store.getMessage(key);
    return message?.targets.map(({ status }) => status) ?? [];
  }

  async trailOf(key: TargetKey): Promise<readonly string[]> {
    const trails = await this.store.getTrails(key);
    return trails?.[key.n]?.map(({ what }) => what) ?? [];
  }

  async claim(limit = 100, carrierId = this.carrierId, characters = CLAIM_MAX_CHARACTERS) {
    const claimed = await this.store.claimTargets({
      carrierId,
      node: this.node,
      now: this.now(),
      limit,
      characters,
    });
    this.#marks.unmarked(claimed);
    return claimed;
  }

  async endpoint(wishes: Partial<WebhookEndpoint> = {}): Promise<WebhookEndpoint> {
    const endpoint = this.newEndpoint(wishes);
    await this.store.putEndpoint(endpoint);
    return endpoint;
  }

  newEndpoint(wishes: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
    return {
      id: this.id<EndpointId>(),
      customerId: this.customerId,
      isPrimary: false,
      uri: "https://example.com/hook",
      method: "POST",
      events: [],
      statuses: [],
      sealedSecrets: ["sealed"],
      tmSecretRetire: null,
      disabledReason: null,
      tmFailingSince: null,
      tmCreate: this.now(),
      tmUpdate: null,
      ...wishes,
    };
  }

  deliveries(
    endpointId: EndpointId,
    limit = 100,
    wishes: Partial<DeliveryClaim> = {},
  ): Promise<readonly Delivery[]> {
    const { node } = this;
    return this.store.claimDeliveries({
      endpointId,
      node,
      now: this.now(),
      leaseUntil: this.in(60_000),
      limit,
      ...wishes,
    });
  }

  delivered(delivery: Delivery): DeliverySettlement {
    return { ...this.attempted(delivery), outcome: "delivered" };
  }

  attempted(delivery: Delivery) {
    const { endpointId, messageId, eventId, event } = delivery;
    const attempt = { at: this.now(), tookMs: 12.5, statusCode: 200, error: "", answer: "ok" };
    return { endpointId, messageId, eventId, customerId: event.customerId, attempt };
  }
}

type SentSettlement = Extract<Settlement, { readonly outcome: "sent" }>;

export function tel(target: string) {
  return { type: "tel", target, target_name: "", name: "", detail: "" };
}

function headOf(id: MessageId, customerId: CustomerId, tmCreate: Micros, text: string): MessageHead {
  const source = tel("+821028286521");
  const kind = { type: "sms", direction: "outbound", options: {} } as const;
  return { id, customerId, ...kind, source, text, tmCreate, tmUpdate: null, tmDelete: null };
}

export function keysOf({ message, targets }: Acceptance): readonly [TargetKey, ...TargetKey[]] {
  const keys = targets.map(({ n }) => ({ customerId: message.customerId, messageId: message.id, n }));
  return keys as unknown as readonly [TargetKey, ...TargetKey[]]; // an acceptance has a target at least
}

export function targetKey({ customerId, messageId, n }: TargetKey): TargetKey {
  return { customerId, messageId, n };
}

/** Receipt keys of a target's parts: the prefix alone for a single one. */
export function partKeys(prefix: string, parts: number): string[] {
  return parts === 1 ? [prefix] : Array.from({ length: parts }, (_, part) => `${prefix}/${part}`);
}
