import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CustomerId, EndpointId, EventId, MessageId } from "../../domain/ids.ts";
import type { Delivery, DeliverySettlement } from "../announcing.ts";
import type { AuditEntry } from "../recounting.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** What happened, who was told, and telling it again. */
export function recountingContract(open: OpenEngine): void {
  describe("recounting", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    /** Claims what is due at an endpoint and settles it all; answers what was claimed. */
    const attempt = async (
      endpointId: EndpointId,
      end: (delivery: Delivery) => DeliverySettlement = (delivery) => world.delivered(delivery),
    ): Promise<readonly Delivery[]> => {
      const deliveries = await world.deliveries(endpointId);
      await world.store.settleDeliveries(deliveries.map((delivery) => end(delivery)));
      return deliveries;
    };

    const givenUp = (delivery: Delivery): DeliverySettlement => ({
      ...world.attempted(delivery),
      outcome: "given_up",
      body: `bytes of ${delivery.eventId}`,
    });

    const retried = (delivery: Delivery): DeliverySettlement => ({
      ...world.attempted(delivery),
      outcome: "retry",
      attempts: delivery.attempts,
      dueAt: world.now(),
      body: "first bytes",
    });

    const attempts = (wishes: { endpointId?: EndpointId; before?: EventId; limit?: number } = {}) => {
      const { customerId } = world;
      return world.store.listAttempts({ customerId, endpointId: null, before: null, limit: 100, ...wishes });
    };

    const replay = (
      endpointId: EndpointId,
      which: Parameters<typeof world.store.replayEvents>[0]["which"],
      limit = 100,
    ) => {
      const { customerId } = world;
      return world.store.replayEvents({ customerId, endpointId, which, now: world.now(), limit });
    };

    it("tells trails, events and attempts of a message, and null of one that is not there", async () => {
      const { id } = await world.endpoint();
      const [key] = await world.sentMessage("recount", { targets: 2 });
      await world.store.applyReceipts([world.receipt("recount-1")]);
      await attempt(id, retried);
      await attempt(id);
      const told = await world.store.recount(key);
      expect(told?.trails.map(({ n, trail }) => [n, trail.map(({ what }) => what)])).toEqual([
        [0, []],
        [1, ["receipt"]],
      ]);
      expect(told?.events.map(({ type }) => type)).toEqual(["message_created", "message_updated"]);
      expect(told?.events[1]).toMatchObject({ version: 2, changed: [0, 1] });
      const [created] = told?.events ?? [];
      expect(told?.attempts.map(({ event, attempt: count }) => [event.id, count])).toEqual([
        [created?.id, 1],
        [created?.id, 2],
      ]);
      const outcome = { tookMs: 12.5, statusCode: 200, error: "", answer: "ok" };
      expect(told?.attempts[0]).toMatchObject({ ...outcome, endpointId: id, event: created });
      expect(await world.store.recount({ ...key, customerId: world.otherCustomerId })).toBeNull();
      expect(await world.store.recount({ ...key, messageId: world.id<MessageId>() })).toBeNull();
      await world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      expect(await world.store.recount(key)).toBeNull();
    });

    it("lists attempts newest event first, of one endpoint or of all, removed ones too", async () => {
      const [one, two] = [await world.endpoint(), await world.endpoint()];
      for (let message = 0; message < 3; message++) {
        await world.accept();
        await attempt(one.id, retried);
        await attempt(one.id);
        await attempt(two.id);
      }
      const all = await attempts();
      expect(all).toHaveLength(9);
      const events = all.map(({ event }) => event.id);
      expect(events).toEqual(events.toSorted().toReversed());
      expect((await attempts({ endpointId: two.id })).map(({ attempt: count }) => count)).toEqual([1, 1, 1]);
      expect(await attempts({ endpointId: world.id<EndpointId>() })).toEqual([]);
      await world.store.removeEndpoint(two.id);
      expect(await attempts()).toHaveLength(9);
      const foreign = { endpointId: null, before: null, limit: 10, customerId: world.otherCustomerId };
      expect(await world.store.listAttempts(foreign)).toEqual([]);
    });

    it("lists attempts page by page, never cutting those of one event", async () => {
      const { id } = await world.endpoint();
      for (let message = 0; message < 3; message++) {
        await world.accept();
        await attempt(id, retried);
        await attempt(id);
      }
      const all = await attempts();
      const found = [];
      let page = await attempts({ limit: 1 });
      while (page.length > 0) {
        expect(new Set(page.map(({ event }) => event.id)).size).toBe(1);
        found.push(...page);
        const before = page.at(-1)?.event.id;
        page = before === undefined ? [] : await attempts({ limit: 1, before });
      }
      expect(found).toEqual(all);
      expect(found.map(({ attempt: count }) => count)).toEqual([2, 1, 2, 1, 2, 1]);
    });

    it("feeds a customer's events after one of them, oldest first", async () => {
      const [first] = await world.accept();
      const [told] = (await world.store.recount(first))?.events ?? [];
      if (told === undefined) throw new Error("an accepted message has an event");
      await world.sentMessage("feed");
      const fed = await world.store.listEvents(world.customerId, told.id, 10);
      expect(fed.map(({ type }) => type)).toEqual(["message_created", "message_updated"]);
      const [next] = await world.store.listEvents(world.customerId, told.id, 1);
      expect(next).toEqual(fed[0]);
      expect(await world.store.listEvents(world.otherCustomerId, told.id, 10)).toEqual([]);
    });

    it("lets a closed event absorb nothing more", async () => {
      const [key] = await world.sentMessage("closed");
      const events = async () => (await world.store.recount(key))?.events ?? [];
      await world.store.closeEvents(await events());
      await world.store.applyReceipts([world.receipt("closed-0")]);
      expect((await events()).map(({ type, version }) => [type, version])).toEqual([
        ["message_created", 1],
        ["message_updated", 1],
        ["message_updated", 1],
      ]);
    });

    it("replays an event with its own id, anew, or with the bytes that were given up", async () => {
      const { id } = await world.endpoint();
      await world.accept();
      const [delivered] = await attempt(id);
      await world.accept();
      const [lost] = await attempt(id, givenUp);
      if (delivered === undefined || lost === undefined) throw new Error("both were claimed");
      const unknown = world.id<EventId>();
      expect(await replay(id, [lost.eventId, unknown, delivered.eventId, lost.eventId])).toBe(2);
      const again = await world.deliveries(id);
      const by = new Map(again.map((delivery) => [delivery.eventId, delivery]));
      expect(by.get(delivered.eventId)).toEqual(delivered);
      expect(by.get(lost.eventId)).toMatchObject({
        attempts: 0,
        body: `bytes of ${lost.eventId}`,
        message: null,
      });
      await world.store.settleDeliveries(again.map((delivery) => world.delivered(delivery)));
      const logged = await attempts();
      expect(logged.map(({ attempt: count }) => count)).toEqual([2, 1, 2, 1]);
    });

    it("replays a message's events one after the other, and none that is still on its way", async () => {
      const { id } = await world.endpoint();
      const [key] = await world.inFlight();
      await attempt(id);
      await world.store.settleTargets([world.sent(key, [null])]);
      const events = (await world.store.recount(key))?.events ?? [];
      expect(
        await replay(
          id,
          events.map((event) => event.id),
        ),
      ).toBe(1);
      const order = [];
      let claimed = await attempt(id);
      while (claimed.length > 0) {
        order.push(claimed.map(({ event }) => event.type));
        claimed = await attempt(id);
      }
      expect(order).toEqual([["message_updated"], ["message_created"]]);
    });

    it("replays the events of a span that the endpoint wants, oldest first, at most so many", async () => {
      const { id } = await world.endpoint({ events: ["message_created"] });
      await world.accept();
      const from = world.now();
      await world.sentMessage("span-a");
      await world.sentMessage("span-b");
      const until = world.now();
      await world.accept();
      const all = await attempt(id);
      expect(all).toHaveLength(4);
      expect(await replay(id, { from, until }, 1)).toBe(1);
      const [oldest] = await attempt(id);
      expect(oldest?.eventId).toBe(all.map(({ eventId }) => eventId).toSorted()[1]);
      expect(await replay(id, { from, until })).toBe(2);
    });

    it("replays nothing to an endpoint of another customer, nor another customer's events", async () => {
      const mine = await world.endpoint();
      const foreign = await world.endpoint({ customerId: world.otherCustomerId });
      await world.accept();
      const [delivery] = await attempt(mine.id);
      const which = delivery === undefined ? [] : [delivery.eventId];
      expect(await replay(foreign.id, which)).toBe(0);
      const request = { customerId: world.otherCustomerId, endpointId: foreign.id, which, now: world.now() };
      expect(await world.store.replayEvents({ ...request, limit: 10 })).toBe(0);
    });

    it("keeps what administrators changed, newest first, over a restart", async () => {
      const entries = ["carrier.added", "customer.removed", "number.added"].map((what): AuditEntry => {
        const by = world.id<CustomerId>();
        const detail = { name: "x", count: 2, isOn: true, none: null };
        return { id: world.id(), at: world.now(), by, what, on: "it", detail };
      });
      for (const entry of entries) await world.store.appendAudit(entry);
      await engine.reopen();
      expect(await world.store.listAudit(null, 2)).toEqual(entries.toReversed().slice(0, 2));
      expect(await world.store.listAudit(entries[1]?.id ?? "", 1)).toEqual([entries[0]]);
    });
  });
}
