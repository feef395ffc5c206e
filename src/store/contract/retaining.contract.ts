import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Customer } from "../../domain/customer.ts";
import type { CustomerId, EventId, MessageId, NodeId } from "../../domain/ids.ts";
import { UNOWNED } from "../../domain/inbound.ts";
import type { Message, MessageOptions, TargetKey } from "../../domain/message.ts";
import { addMs, type Micros } from "../../domain/micros.ts";
import { FOR_EVER, type RetentionDefault } from "../../domain/retention.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import type { Acceptance } from "../accepting.ts";
import type { RetentionOutcome } from "../retaining.ts";
import { CUSTOMERS_AT_ONCE } from "../retention-walk.ts";
import { customerRecord } from "./customer-record.ts";
import { type ContractEngine, DAY_MS, HOUR_MS, keysOf, type OpenEngine, tel, World } from "./world.ts";

const KEEP: RetentionDefault = { days: null, contentDays: null, wholeMonths: false };

/** Taking away what customers do not keep any longer. */
export function retainingContract(open: OpenEngine): void {
  describe("retaining", () => {
    let engine: ContractEngine;
    let world: World;
    const made: Customer[] = [];
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    /** Other tests on the same engine sweep too: what this one left is none of theirs. */
    afterEach(async () => {
      for (const one of made.splice(0))
        await world.store.putCustomer({ ...one, retentionDays: FOR_EVER, retentionContentDays: FOR_EVER });
    });
    afterAll(() => engine.dispose());

    const customer = async (wishes: Partial<Customer>, id = world.customerId): Promise<void> => {
      const one = customerRecord(world, wishes, id);
      expect(await world.store.putCustomer(one)).toBe(true);
      made.push(one);
    };

    const daysAgo = (days: number): Micros => addMs(world.now(), -days * DAY_MS);

    /** An old message that may still be sent. */
    const sendable = (at: Micros) => ({ at, expiresAt: world.in(DAY_MS) });

    /** Accepts a message whose targets need no sending any more. */
    const over = async (at: Micros, wishes: Partial<Wishes> = {}): Promise<TargetKey> => {
      const entry = overAcceptance(world, at, wishes);
      await world.store.acceptMessages([entry]);
      return keysOf(entry)[0];
    };

    /** One step of a sweep. */
    const step = (from: string | null, wishes: Partial<Parameters<typeof request>[1]> = {}) =>
      world.store.sweepRetention(request(world, { from, ...wishes }));

    /** All the steps of a sweep together. */
    const sweep = async (wishes: Partial<Parameters<typeof request>[1]> = {}) => {
      const total = { removed: 0, emptied: 0, heldBack: 0, steps: 0 };
      let from: string | null = null;
      do {
        const done = swept(await step(from, wishes));
        total.removed += done.removed;
        total.emptied += done.emptied;
        total.heldBack += done.heldBack;
        total.steps += 1;
        from = done.next;
      } while (from !== null);
      return total;
    };

    it("keeps a customer's own rule with the customer", async () => {
      await customer({ retentionDays: 30, retentionContentDays: FOR_EVER });
      const rule = { retentionDays: 30, retentionContentDays: FOR_EVER };
      expect(await world.store.getCustomer(world.customerId)).toMatchObject(rule);
      await engine.reopen();
      expect(await world.store.findCustomer(`user-${world.customerId}`)).toMatchObject(rule);
    });

    it("removes a message at its age, and not one that is a microsecond younger", async () => {
      await customer({ retentionDays: 30 });
      const now = world.now();
      const limit = addMs(now, -30 * DAY_MS);
      const younger = await over(limit);
      const older = await over((limit - 1) as Micros);
      expect(await sweep({ now })).toMatchObject({ removed: 1, emptied: 0, heldBack: 0 });
      expect(await world.store.getMessage(older)).toBeNull();
      expect(await world.store.getMessage(younger)).not.toBeNull();
      expect(await sweep({ now: (now + 1) as Micros })).toMatchObject({ removed: 1 });
      expect(await world.store.getMessage(younger)).toBeNull();
    });

    it("keeps for ever without a rule, and keeps a customer's own longer or shorter than the default", async () => {
      const fallback = { ...KEEP, days: 7 };
      const [longer, forEver, other] = [
        world.id<CustomerId>(),
        world.id<CustomerId>(),
        world.id<CustomerId>(),
      ];
      await customer({ retentionDays: 90 }, longer);
      await customer({ retentionDays: FOR_EVER }, forEver);
      await customer({}, other);
      const at = daysAgo(50);
      const keys = await Promise.all([longer, forEver, other].map((customerId) => over(at, { customerId })));
      expect(await sweep()).toMatchObject({ removed: 0 });
      expect(await sweep({ fallback })).toMatchObject({ removed: 1 });
      const left = await Promise.all(keys.map((key) => world.store.getMessage(key)));
      expect(left.map((message) => message !== null)).toEqual([true, true, false]);
      expect(await sweep({ now: world.in(60 * DAY_MS) })).toMatchObject({ removed: 1 });
      expect(await world.store.getMessage({ ...keys[1] } as TargetKey)).not.toBeNull();
    });

    it("removes deleted messages, a deleted customer's and those of nobody too", async () => {
      await customer({ retentionDays: 30, tmDelete: world.now() });
      const key = await over(daysAgo(40));
      const { customerId, messageId } = key;
      const deletion = { customerId, messageId, at: world.now(), eventId: world.id<EventId>() };
      await world.store.deleteMessages([deletion]);
      const unowned = inboundOf(world, UNOWNED, daysAgo(40));
      await world.store.receiveMessages([unowned]);
      expect(await sweep()).toMatchObject({ removed: 1 });
      expect(await world.store.deleteMessages([deletion])).toEqual([null]);
      expect(await sweep({ fallback: { ...KEEP, days: 30 } })).toMatchObject({ removed: 1 });
      expect(await world.store.getMessage({ customerId: UNOWNED, messageId: unowned.message.id })).toBeNull();
    });

    it("takes targets, events and attempts along", async () => {
      await customer({ retentionDays: 1 });
      const endpoint = await world.endpoint();
      const key = await over(daysAgo(20), { targets: 3 });
      const [delivery] = await world.deliveries(endpoint.id);
      if (delivery === undefined) throw new Error("message_created is to be delivered");
      const refused = { ...world.attempted(delivery), outcome: "given_up", body: "private" } as const;
      await world.store.settleDeliveries([refused]);
      expect((await world.store.recount(key))?.attempts).toHaveLength(1);
      expect(await sweep()).toMatchObject({ removed: 1 });
      expect(await world.store.recount(key)).toBeNull();
      expect(await world.store.getTrails(key)).toBeNull();
      const { customerId } = world;
      const log = { customerId, endpointId: endpoint.id, before: null, limit: 10 };
      expect(await world.store.listAttempts(log)).toEqual([]);
      expect(await world.store.listEvents(customerId, FIRST_EVENT, 10)).toEqual([]);
      const which = [delivery.eventId];
      const replay = { customerId, endpointId: endpoint.id, which, now: world.now(), limit: 10 };
      expect(await world.store.replayEvents(replay)).toBe(0);
    });

    it.each([
      ["queued", async () => (await world.accept(sendable(daysAgo(40))))[0]],
      ["scheduled", async () => over(daysAgo(40), { status: "scheduled" })],
      ["in flight", async () => (await world.inFlight(sendable(daysAgo(40))))[0]],
      ["waiting for a receipt", async () => (await world.sentMessage(world.id(), sendable(daysAgo(40))))[0]],
    ])("never removes a message that is %s", async (_, accept) => {
      await customer({ retentionDays: 1, retentionContentDays: 1 });
      const key = await accept();
      expect(await sweep()).toMatchObject({ removed: 0, heldBack: 1 });
      expect(await world.store.getMessage(key)).not.toBeNull();
    });

    it("never removes a message of which one target of several is not over", async () => {
      await customer({ retentionDays: 1, retentionContentDays: 1 });
      const [first, second] = await world.inFlight({ ...sendable(daysAgo(40)), targets: 2 });
      if (second === undefined) throw new Error("there are two");
      const failed = { outcome: "failed", status: "failed", failure: null } as const;
      await world.store.settleTargets([{ ...world.base(first), ...failed }]);
      expect(await sweep()).toMatchObject({ removed: 0, emptied: 0, heldBack: 1 });
      expect((await world.store.getMessage(first))?.text).toBe("hello");
      await world.store.settleTargets([{ ...world.base(second), ...failed }]);
      expect(await sweep()).toMatchObject({ removed: 1, heldBack: 0 });
    });

    it("keeps a target whose receipt may come late until that is over", async () => {
      await customer({ retentionDays: 1 });
      const receiptKey = world.id<MessageId>();
      const [key] = await world.sentMessage(receiptKey, sendable(daysAgo(40)));
      world.passes(3 * DAY_MS + HOUR_MS);
      await world.store.expire({ now: world.now(), limit: 500 });
      expect(await world.statuses(key)).toEqual(["dlr_timeout"]);
      expect(await sweep()).toMatchObject({ removed: 0, heldBack: 1 });
      world.passes(6 * DAY_MS);
      const [late] = await world.store.applyReceipts([world.receipt(`${receiptKey}-0`)]);
      expect(late).toMatchObject({ kind: "applied", status: "delivered" });
      expect(await sweep()).toMatchObject({ removed: 1, heldBack: 0 });
    });

    it("removes what was sent without asking for a receipt once nothing changed it for ten days", async () => {
      await customer({ retentionDays: 1, retentionContentDays: 1 });
      const [key] = await world.inFlight(sendable(daysAgo(40)));
      await world.store.settleTargets([world.sent(key, [null], { receiptDueAt: null })]);
      const sentAt = (await world.store.getMessage(key))?.targets[0]?.tmUpdate ?? world.now();
      expect(await sweep({ now: addMs(sentAt, 10 * DAY_MS - 1) })).toMatchObject({ removed: 0, emptied: 1 });
      expect(await world.statuses(key)).toEqual(["sent"]);
      expect(await sweep({ now: addMs(sentAt, 10 * DAY_MS) })).toMatchObject({ removed: 1 });
    });

    it("never takes away what an endpoint is still to be told of", async () => {
      await customer({ retentionDays: 30, retentionContentDays: 20 });
      const endpoint = await world.endpoint();
      const key = await over(daysAgo(40));
      expect(await sweep()).toMatchObject({ removed: 0, emptied: 0, heldBack: 1 });
      const [delivery] = await world.deliveries(endpoint.id);
      expect(delivery?.message?.text).toBe("hello");
      if (delivery === undefined) throw new Error("it is to be delivered");
      await world.store.settleDeliveries([world.delivered(delivery)]);
      expect(await sweep()).toMatchObject({ removed: 1 });
      expect(await world.store.getMessage(key)).toBeNull();
    });

    it("empties a message at its age: text, data and media go, the rest stays", async () => {
      await customer({ retentionContentDays: 30 });
      const now = world.now();
      const limit = addMs(now, -30 * DAY_MS);
      const options = { encoding: "binary", data: "00ff", udh: "050401", flash: true } as const;
      const medias = [{ type: "image/png", url: "https://example.com/a.png" }];
      const younger = await over(limit);
      const older = await over((limit - 1) as Micros, { options: { ...options, medias }, targets: 2 });
      const before = await world.store.getMessage(older);
      expect(await sweep({ now })).toMatchObject({ removed: 0, emptied: 1 });
      expect(await world.store.getMessage(older)).toEqual({
        ...before,
        text: "",
        options: { encoding: "binary", flash: true, contentRemoved: true },
      });
      expect((await world.store.getMessage(younger))?.text).toBe("hello");
      expect(await sweep({ now })).toMatchObject({ emptied: 0 });
      expect(await sweep({ now: (now + 1) as Micros })).toMatchObject({ emptied: 1 });
      expect(await world.store.getTrails(older)).toHaveLength(2);
    });

    it("does not say of a message that said nothing that something was taken out", async () => {
      await customer({ retentionContentDays: 1 });
      const key = await over(daysAgo(2), { text: "" });
      expect(await sweep()).toMatchObject({ emptied: 0 });
      expect((await world.store.getMessage(key))?.options).toEqual({});
    });

    it("empties a message later that was not over at its time, and a deleted one", async () => {
      await customer({ retentionContentDays: 1 });
      const [waiting] = await world.accept(sendable(daysAgo(3)));
      const gone = await over(daysAgo(2));
      const { customerId, messageId } = gone;
      const deletion = { customerId, messageId, at: world.now(), eventId: world.id<EventId>() };
      await world.store.deleteMessages([deletion]);
      expect(await sweep()).toMatchObject({ emptied: 1 });
      expect((await world.claim())[0]?.text).toBe("hello");
      const failed = { outcome: "failed", status: "failed", failure: null } as const;
      await world.store.settleTargets([{ ...world.base(waiting), ...failed }]);
      expect(await sweep()).toMatchObject({ emptied: 1 });
      expect((await world.store.getMessage(waiting))?.text).toBe("");
      expect(await world.store.deleteMessages([deletion])).toMatchObject([{ text: "" }]);
      expect(await sweep()).toMatchObject({ emptied: 0 });
    });

    it("keeps what waited to be emptied when its customer keeps for ever by then", async () => {
      await customer({ retentionContentDays: 1 });
      const [key] = await world.accept(sendable(daysAgo(3)));
      expect(await sweep()).toMatchObject({ emptied: 0 });
      await customer({ retentionContentDays: FOR_EVER });
      await world.claim();
      const failed = { outcome: "failed", status: "failed", failure: null } as const;
      await world.store.settleTargets([{ ...world.base(key), ...failed }]);
      expect(await sweep()).toMatchObject({ emptied: 0 });
      expect((await world.store.getMessage(key))?.text).toBe("hello");
    });

    it("forgets the bytes that a receiver never took: a replay tells the message as it is", async () => {
      await customer({ retentionContentDays: 1 });
      const endpoint = await world.endpoint();
      await over(daysAgo(2));
      const [delivery] = await world.deliveries(endpoint.id);
      if (delivery === undefined) throw new Error("it is to be delivered");
      await world.store.settleDeliveries([
        { ...world.attempted(delivery), outcome: "given_up", body: "private" },
      ]);
      expect(await sweep()).toMatchObject({ emptied: 1 });
      const { customerId } = world;
      const which = [delivery.eventId];
      const replay = { customerId, endpointId: endpoint.id, which, now: world.now(), limit: 10 };
      expect(await world.store.replayEvents(replay)).toBe(1);
      const [again] = await world.deliveries(endpoint.id);
      expect(again).toMatchObject({ body: null, message: { text: "" } });
    });

    it("goes step by step, each bounded, and goes on after a restart where it was", async () => {
      await customer({ retentionDays: 30 });
      const keys = await Promise.all(Array.from({ length: 25 }, () => over(daysAgo(40))));
      const kept = await over(daysAgo(20));
      let from: string | null = null;
      let removed = 0;
      while (removed === 0) {
        const first = swept(await step(from, { limit: 10 }));
        expect(first.removed).toBeLessThanOrEqual(10);
        expect(first.next).not.toBeNull();
        ({ removed, next: from } = first);
      }
      await engine.reopen();
      expect(await sweep({ limit: 10 })).toMatchObject({ removed: 25 - removed });
      const left = await Promise.all(keys.map((key) => world.store.getMessage(key)));
      expect(left.every((message) => message === null)).toBe(true);
      expect(await world.store.getMessage(kept)).not.toBeNull();
    });

    it("comes to the end with the smallest steps, through more customers than it reads at a time", async () => {
      const at = daysAgo(40);
      const others = Array.from({ length: 2 * CUSTOMERS_AT_ONCE }, () => world.id<CustomerId>());
      await Promise.all(others.map((id) => customer({ retentionDays: 30 }, id)));
      await Promise.all(others.map((customerId) => over(at, { customerId })));
      expect(await sweep({ limit: 1 })).toMatchObject({ removed: others.length, heldBack: 0 });
    });

    it("steps over what is held back, however much of it there is", async () => {
      await customer({ retentionDays: 30 });
      for (let index = 0; index < 12; index++) await world.accept({ at: daysAgo(50) });
      await over(daysAgo(40));
      expect(await sweep({ limit: 5 })).toMatchObject({ removed: 1, heldBack: 12 });
    });

    it("ends a slice early when its messages have many targets", async () => {
      await customer({ retentionDays: 30 });
      for (let index = 0; index < 5; index++) await over(daysAgo(40), { targets: 900 });
      expect(await sweep()).toMatchObject({ removed: 5 });
    });

    it("goes by whole months where that is wanted", async () => {
      await customer({ retentionDays: 30 });
      const october = await over((Date.UTC(2026, 9, 3) * 1_000) as Micros);
      const fallback = { ...KEEP, wholeMonths: true };
      const turn = addMs((Date.UTC(2026, 10, 1) * 1_000) as Micros, 30 * DAY_MS);
      await sweep({ now: addMs(turn, -1), fallback });
      expect(await world.store.getMessage(october)).not.toBeNull();
      await sweep({ now: turn, fallback });
      expect(await world.store.getMessage(october)).toBeNull();
    });
  });
}

/** Where several processes share an engine, one at a time sweeps. */
const NODE = "01900000-0000-7000-8000-000000000001" as NodeId;
const FIRST_EVENT = "00000000-0000-7000-8000-000000000000" as EventId;

interface Wishes {
  readonly customerId: CustomerId;
  readonly targets: number;
  readonly status: TargetStatus;
  readonly text: string;
  readonly options: MessageOptions;
}

/** A message whose targets had ended when it was accepted, or whatever else is wished. */
function overAcceptance(world: World, at: Micros, wishes: Partial<Wishes>): Acceptance {
  const { status = "failed", targets = 1, text = "hello" } = wishes;
  const entry = world.acceptance({ at, targets, status, text });
  const { customerId = entry.message.customerId, options = {} } = wishes;
  return { ...entry, queue: [], message: { ...entry.message, customerId, options } };
}

function inboundOf(world: World, customerId: CustomerId, at: Micros) {
  const target = { n: 0, destination: tel("+3197"), status: "received", parts: 1 } as const;
  const message: Message = {
    id: world.id<MessageId>(at),
    customerId,
    type: "sms",
    direction: "inbound",
    source: tel("+31600000001"),
    text: "hello",
    options: {},
    targets: [{ ...target, tmUpdate: at, failure: null }],
    tmCreate: at,
    tmUpdate: null,
    tmDelete: null,
  };
  return { message, eventId: world.id<EventId>(), transportId: null, gathering: null };
}

function request(
  world: World,
  wishes: {
    readonly from: string | null;
    readonly now?: Micros;
    readonly fallback?: RetentionDefault;
    readonly limit?: number;
  },
) {
  const now = wishes.now ?? world.now();
  const { fallback = KEEP, limit = 500, from } = wishes;
  return { node: NODE, now, leaseUntil: now, fallback, from, limit };
}

function swept(outcome: RetentionOutcome) {
  if (outcome.kind !== "swept") throw new Error("nobody else is at it");
  return outcome;
}
