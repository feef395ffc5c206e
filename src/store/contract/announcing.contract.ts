import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EndpointId } from "../../domain/ids.ts";
import type { Delivery } from "../announcing.ts";
import { type ContractEngine, HOUR_MS, keysOf, type OpenEngine, World } from "./world.ts";

/** Events and their deliveries: one event a message and commit, absorbing until somebody is told, in order per message. */
export function announcingContract(open: OpenEngine): void {
  describe("announcing", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it("announces an accepted message with the caller's event id and the message as it is", async () => {
      const { id } = await world.endpoint();
      const entry = world.acceptance({ targets: 2 });
      await world.store.acceptMessages([entry]);
      const [delivery, ...others] = await world.deliveries(id);
      const { customerId, id: messageId } = entry.message;
      expect(others).toEqual([]);
      expect(delivery).toEqual({
        endpointId: id,
        messageId,
        eventId: entry.eventId,
        event: { id: entry.eventId, customerId, messageId, type: "message_created", version: 1, changed: [] },
        attempts: 0,
        body: null,
        message: await world.store.getMessage(keysOf(entry)[0]),
      });
    });

    it("lets an update that nobody was told of absorb later ones", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const keys = await world.sentMessage("absorb", { targets: 3 });
      await world.store.applyReceipts([world.receipt("absorb-2"), world.receipt("absorb-0")]);
      const [delivery, ...others] = await world.deliveries(id);
      expect(others).toEqual([]);
      expect(delivery?.event).toMatchObject({ type: "message_updated", version: 2, changed: [0, 1, 2] });
      expect(delivery?.message?.targets.map(({ status }) => status)).toEqual([
        "delivered",
        "sent",
        "delivered",
      ]);
      await world.store.applyReceipts([world.receipt("absorb-1")]);
      if (delivery === undefined) throw new Error("there was a delivery");
      expect(await world.deliveries(id)).toEqual([]);
      await world.store.settleDeliveries([world.delivered(delivery)]);
      const [next] = await world.deliveries(id);
      expect(next?.event).toMatchObject({ version: 1, changed: [1] });
      expect(next?.eventId).not.toBe(delivery.eventId);
      expect(keys).toHaveLength(3);
    });

    it("stays closed after a restart once somebody was told", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      await world.sentMessage("closed");
      const [first] = await world.deliveries(id);
      await engine.reopen();
      await world.store.applyReceipts([world.receipt("closed-0")]);
      if (first === undefined) throw new Error("there was a delivery");
      await world.store.settleDeliveries([world.delivered(first)]);
      const [next] = await world.deliveries(id);
      expect(next?.event.version).toBe(1);
      expect(next?.eventId).not.toBe(first.eventId);
    });

    it("stays closed after a restart once it was delivered, or its endpoint was removed", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      await world.sentMessage("told");
      const [told] = await world.deliveries(id);
      if (told === undefined) throw new Error("there was a delivery");
      await world.store.settleDeliveries([world.delivered(told)]);
      await engine.reopen();
      await world.store.applyReceipts([world.receipt("told-0")]);
      const [again] = await world.deliveries(id);
      expect(again?.eventId).not.toBe(told.eventId);

      const other = await world.endpoint({ events: ["message_updated"] });
      await world.sentMessage("removed");
      const deliveries = await world.deliveries(id);
      const seen = deliveries.find(({ eventId }) => eventId !== again?.eventId);
      await world.store.removeEndpoint(id);
      await engine.reopen();
      await world.store.applyReceipts([world.receipt("removed-0")]);
      const first = await world.deliveries(other.id);
      await world.store.settleDeliveries(first.map((delivery) => world.delivered(delivery)));
      const second = await world.deliveries(other.id);
      expect(first.map(({ eventId }) => eventId)).toEqual([seen?.eventId]);
      expect(second.map(({ event }) => event.version)).toEqual([1]);
    });

    it("drops what is left of a removed endpoint when it is claimed", async () => {
      const { id } = await world.endpoint();
      await world.accept();
      await world.store.removeEndpoint(id);
      expect(await world.deliveries(id)).toEqual([]);
      expect(await world.store.dueEndpoints(world.now(), 1_000)).not.toContain(id);
    });

    it("keeps the order per message: a later event waits for the earlier one, other messages do not", async () => {
      const { id } = await world.endpoint();
      await world.sentMessage("first");
      await world.accept();
      const deliveries = await world.deliveries(id);
      expect(told(deliveries)).toEqual(["message_created", "message_created"]);
      expect(await world.deliveries(id)).toEqual([]);
      await world.store.settleDeliveries(deliveries.map((delivery) => world.delivered(delivery)));
      expect(told(await world.deliveries(id))).toEqual(["message_updated"]);
    });

    it("releases the next event when one is given up", async () => {
      const { id } = await world.endpoint();
      await world.sentMessage("given");
      const [created] = await world.deliveries(id);
      if (created === undefined) throw new Error("there was a delivery");
      const settlement = { ...world.attempted(created), outcome: "given_up", body: "{}" } as const;
      await world.store.settleDeliveries([settlement]);
      expect(told(await world.deliveries(id))).toEqual(["message_updated"]);
    });

    it("repeats the same bytes under the same event id, with the attempts counted", async () => {
      const { id } = await world.endpoint();
      await world.accept();
      const [first] = await world.deliveries(id);
      if (first === undefined) throw new Error("there was a delivery");
      const dueAt = world.in(HOUR_MS);
      const attempt = { ...world.attempted(first).attempt, statusCode: null, error: "timeout", answer: "" };
      const retry = {
        ...world.attempted(first),
        attempt,
        outcome: "retry",
        attempts: first.attempts,
        dueAt,
        body: '{"type":"x"}',
      } as const;
      await world.store.settleDeliveries([retry]);
      expect(await world.deliveries(id)).toEqual([]);
      expect(await world.store.nextDeliveryAt(id)).toBe(dueAt);
      world.passes(HOUR_MS);
      const [again] = await world.deliveries(id);
      expect(again).toMatchObject({
        eventId: first.eventId,
        attempts: 1,
        body: '{"type":"x"}',
        message: null,
      });
    });

    it("makes a claim that was never settled due again when its lease ends", async () => {
      const { id } = await world.endpoint();
      await world.accept();
      const [first] = await world.deliveries(id);
      expect(await world.deliveries(id)).toEqual([]);
      world.passes(60_001);
      const [again] = await world.deliveries(id);
      expect(again).toEqual(first);
    });

    it("claims oldest first, no more than asked for, and never the same twice", async () => {
      const { id } = await world.endpoint();
      const keys = [];
      for (let index = 0; index < 6; index++) keys.push(...(await world.accept()));
      const [one, two] = await Promise.all([world.deliveries(id, 4), world.deliveries(id, 4)]);
      expect([...one, ...two].map(({ messageId }) => messageId)).toEqual(
        keys.map(({ messageId }) => messageId),
      );
    });

    it("hands out what is made after a claim that reserves it like anything else", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const claim = (limit: number) =>
        world.deliveries(id, limit, { reserveUntil: world.in(5_000), leaseUntil: world.in(20_000) });
      expect(await claim(1)).toEqual([]);
      const keys = [];
      for (const key of ["a", "b", "c"]) keys.push(...(await world.sentMessage(`reserved-${key}`)));
      const claimed = [...(await claim(1)), ...(await claim(9))];
      expect(claimed.map(({ messageId }) => messageId)).toEqual(keys.map(({ messageId }) => messageId));
      await world.store.applyReceipts([world.receipt("reserved-a-0")]);
      expect(await claim(9)).toEqual([]); // it follows on what was handed out, and does not change it
      expect(claimed.map(({ event }) => event.version)).toEqual([1, 1, 1]);
      const [first] = claimed;
      if (first === undefined) throw new Error("there was a delivery");
      await world.store.settleDeliveries([world.delivered(first)]);
      const [next] = await claim(9);
      expect(next).toMatchObject({ messageId: first.messageId, event: { version: 1, changed: [0] } });
      world.passes(30_001);
      const again = await claim(9);
      const left = [...claimed.slice(1), next].map((delivery) => delivery?.eventId);
      expect(new Set(again.map(({ eventId }) => eventId))).toEqual(new Set(left));
    });

    it("announces a deletion last: nothing follows it", async () => {
      const { id } = await world.endpoint({ events: ["message_updated", "message_deleted"] });
      const [key] = await world.sentMessage("gone");
      const eventId = world.id<Delivery["eventId"]>();
      await world.store.deleteMessages([{ ...key, at: world.now(), eventId }]);
      await world.store.applyReceipts([world.receipt("gone-0")]);
      const [updated] = await world.deliveries(id);
      expect(updated?.event.type).toBe("message_updated");
      if (updated === undefined) throw new Error("there was a delivery");
      await world.store.settleDeliveries([world.delivered(updated)]);
      const [deleted] = await world.deliveries(id);
      expect(deleted).toMatchObject({ eventId, event: { type: "message_deleted" } });
      expect(deleted?.message?.tmDelete).not.toBeNull();
      if (deleted === undefined) throw new Error("there was a delivery");
      await world.store.settleDeliveries([world.delivered(deleted)]);
      expect(await world.deliveries(id)).toEqual([]);
    });

    it("announces a deletion once", async () => {
      const { id } = await world.endpoint({ events: ["message_deleted"] });
      const [key] = await world.accept();
      await world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      await world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      expect(await world.deliveries(id)).toHaveLength(1);
    });

    it("tells every endpoint what it wants, at its own pace", async () => {
      const all = await world.endpoint();
      const finals = await world.endpoint({ events: ["message_updated"], statuses: ["delivered", "failed"] });
      const created = await world.endpoint({ events: ["message_created"] });
      const foreign = await world.endpoint({ customerId: world.otherCustomerId });
      await world.sentMessage("filter");
      expect(await world.deliveries(finals.id)).toEqual([]);
      expect(told(await world.deliveries(created.id))).toEqual(["message_created"]);
      await world.store.applyReceipts([world.receipt("filter-0")]);
      const [final] = await world.deliveries(finals.id);
      expect(final?.event).toMatchObject({ type: "message_updated", version: 2 });
      expect(told(await world.deliveries(all.id))).toEqual(["message_created"]);
      expect(await world.deliveries(foreign.id)).toEqual([]);
    });

    it("tells nothing to an endpoint without method or uri, or that is switched off", async () => {
      const off = [
        await world.endpoint({ method: "" }),
        await world.endpoint({ uri: "" }),
        await world.endpoint({ disabledReason: "410 Gone" }),
      ];
      await world.accept();
      for (const { id } of off) expect(await world.store.nextDeliveryAt(id)).toBeNull();
    });

    it("heeds a changed endpoint with the next event", async () => {
      const endpoint = await world.endpoint({ method: "" });
      await world.accept();
      await world.store.putEndpoint({ ...endpoint, method: "POST" });
      const [key] = await world.accept();
      const deliveries = await world.deliveries(endpoint.id);
      expect(deliveries.map(({ messageId }) => messageId)).toEqual([key.messageId]);
    });

    it("makes one event of all changes that one commit makes to a message", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const keys = await world.inFlight({ targets: 20 });
      await world.store.settleTargets(keys.map((key) => world.sent(key, [`one-${key.n}`])));
      const [delivery, ...others] = await world.deliveries(id);
      expect(others).toEqual([]);
      expect(delivery?.event).toMatchObject({ version: 1, changed: Array.from({ length: 20 }, (_, n) => n) });
    });

    it("makes no event of what a client cannot see", async () => {
      const { id } = await world.endpoint({ events: ["message_updated"] });
      const [key] = await world.inFlight();
      await world.store.settleTargets([{ ...world.base(key), outcome: "released" }]);
      await world.store.applyReceipts([world.receipt("nobody")]);
      expect(await world.deliveries(id)).toEqual([]);
    });

    it("lists the endpoints that have something due, and wakes when there is", async () => {
      const { id } = await world.endpoint();
      const quiet = await world.endpoint({ events: ["message_deleted"] });
      const woken = new Promise<EndpointId>((resolve) => {
        world.store.onWake((wake) => {
          if (wake.kind === "deliveries" && wake.endpointId === id) resolve(wake.endpointId);
        });
      });
      await world.accept();
      expect(await woken).toBe(id);
      const due = await world.store.dueEndpoints(world.now(), 1_000);
      expect(due).toContain(id);
      expect(due).not.toContain(quiet.id);
      await world.deliveries(id);
      expect(await world.store.dueEndpoints(world.now(), 1_000)).not.toContain(id);
      expect(await world.store.dueEndpoints(world.now(), 0)).toEqual([]);
    });

    it("lets a removed endpoint's deliveries go, and a late settlement of one be", async () => {
      const { id } = await world.endpoint();
      await world.accept();
      const [delivery] = await world.deliveries(id);
      await world.accept();
      await world.store.removeEndpoint(id);
      expect(await world.store.nextDeliveryAt(id)).toBeNull();
      if (delivery === undefined) throw new Error("there was a delivery");
      await world.store.settleDeliveries([world.delivered(delivery)]);
      expect(await world.store.getEndpoint(id)).toBeNull();
    });

    it("notes an endpoint's health apart from its record, while its uri is the one that was called", async () => {
      const endpoint = await world.endpoint();
      const tmFailingSince = world.now();
      const note = {
        endpointId: endpoint.id,
        uri: endpoint.uri,
        tmFailingSince,
        disabledReason: null,
        at: tmFailingSince,
      };
      await world.store.noteEndpointHealth([note]);
      expect(await world.store.getEndpoint(endpoint.id)).toEqual({ ...endpoint, tmFailingSince });
      await world.store.noteEndpointHealth([
        { ...note, uri: "https://old.example.com/", tmFailingSince: null },
      ]);
      expect((await world.store.getEndpoint(endpoint.id))?.tmFailingSince).toBe(tmFailingSince);
      await world.store.noteEndpointHealth([{ ...note, disabledReason: "410 Gone" }]);
      await world.store.noteEndpointHealth([{ ...note, tmFailingSince: null }]);
      expect(await world.store.getEndpoint(endpoint.id)).toMatchObject({
        tmFailingSince: null,
        disabledReason: "410 Gone",
      });
      await world.accept();
      expect(await world.deliveries(endpoint.id)).toEqual([]);
    });
  });
}

function told(deliveries: readonly Delivery[]) {
  return deliveries.map(({ event }) => event.type);
}
