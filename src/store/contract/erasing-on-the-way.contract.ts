import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Address } from "../../domain/address.ts";
import type { CarrierId, NodeId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import type { MessageKey } from "../accepting.ts";
import type { RetentionOutcome } from "../retaining.ts";
import { customerRecord } from "./customer-record.ts";
import { acceptanceTo, eraseWholly } from "./erasure.ts";
import {
  type AcceptanceWishes,
  type ContractEngine,
  DAY_MS,
  HELD,
  HOUR_MS,
  keysOf,
  type OpenEngine,
  partKeys,
  tel,
  World,
} from "./world.ts";

/** Where several processes share an engine, one at a time sweeps. */
const NODE = "01900000-0000-7000-8000-000000000001" as NodeId;

/** The recipient whose number is not erased. */
const OTHER = "+31600000000";

/** Erasing the number of a recipient while its message is still on its way, or messages come meanwhile. */
export function erasingOnTheWayContract(open: OpenEngine): void {
  describe("erasing on the way", () => {
    let engine: ContractEngine;
    let world: World;
    let made = 0;
    let number: string;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
      number = `+49152${String(made++).padStart(8, "0")}`;
    });
    afterAll(() => engine.dispose());

    const erase = () => eraseWholly(world, number);

    /** A message to two recipients, the second of them under the number. */
    async function accepted(
      wishes: AcceptanceWishes = {},
      source = "+821028286521",
    ): Promise<readonly [TargetKey, TargetKey]> {
      const made = acceptanceTo(world, number, wishes);
      const from = <T extends { readonly source: Address }>(one: T) => ({ ...one, source: tel(source) });
      const entry = { ...made, message: from(made.message), queue: made.queue.map(from) };
      await world.store.acceptMessages([entry]);
      const [other, erased] = keysOf(entry);
      if (erased === undefined) throw new Error("there are two");
      return [other, erased];
    }

    async function inFlight(source?: string): Promise<readonly [TargetKey, TargetKey]> {
      const keys = await accepted({ leased: true }, source);
      expect(await world.store.markInFlight(keys.map((key) => world.mark(key)))).toEqual([true, true]);
      return keys;
    }

    /** What a carrier is given of what waits. */
    async function leaving(carrierId = world.carrierId) {
      const claimed = await world.claim(10, carrierId);
      const marks = claimed.map((target) => world.mark(target, { carrierId }));
      const marked = await world.store.markInFlight(marks);
      return claimed
        .filter((_, index) => marked[index])
        .map(({ n, text, destination }) => [n, text, destination.target]);
    }

    /** How attempts end after which a target waits once more, and the carrier at which it does. */
    const ways = () => {
      const next = world.id<CarrierId>();
      const progress = { partStates: "", receiptKeys: [null], receiptDueAt: null };
      const rerouted = { outcome: "rerouted", nextCarrierId: next, fallbacks: [], parts: 1 } as const;
      return {
        retry: [{ outcome: "retry", dueAt: world.now(), ...progress }, world.carrierId],
        released: [{ outcome: "released" }, world.carrierId],
        rerouted: [{ ...rerouted, dueAt: world.now() }, next],
      } as const;
    };
    const endings = ["retry", "released", "rerouted"] as const;

    /** Ends attempts so that targets wait once more; answers at which carrier they do. */
    async function wait(keys: readonly TargetKey[], ending: (typeof endings)[number]): Promise<CarrierId> {
      const [outcome, carrierId] = ways()[ending];
      await world.store.settleTargets(keys.map((key) => ({ ...world.base(key), ...outcome })));
      return carrierId;
    }

    const expire = () => world.store.expire({ now: world.now(), limit: 500 });

    /** A sweep of what is not kept any longer: everybody keeps for ever. */
    async function sweep(): Promise<number> {
      const fallback = { days: null, contentDays: null, wholeMonths: false };
      const now = world.now();
      let emptied = 0;
      let from: string | null = null;
      do {
        const request = { node: NODE, now, leaseUntil: now, fallback, from, limit: 500 };
        const step: RetentionOutcome = await world.store.sweepRetention(request);
        if (step.kind !== "swept") throw new Error("nobody else is at it");
        emptied += step.emptied;
        from = step.next;
      } while (from !== null);
      return emptied;
    }

    const text = async (key: TargetKey) => (await world.store.getMessage(key))?.text;

    it.each([
      ["queued", 0],
      ["scheduled", HOUR_MS],
    ] as const)("leaves the others their text while they are %s", async (status, later) => {
      const [other] = await accepted({ status, dueAt: world.in(later) });
      expect(await erase()).toMatchObject({ messages: 1, targets: 1 });
      expect(await world.statuses(other)).toEqual([status, "canceled"]);
      world.passes(later);
      expect(await leaving()).toEqual([[0, "private", OTHER]]);
    });

    it.each(endings)("leaves the others their text when they were in flight, after %s", async (ending) => {
      const keys = await inFlight();
      await erase();
      const carrierId = await wait(keys, ending);
      expect(await leaving(carrierId)).toEqual([[0, "private", OTHER]]);
    });

    it.each(endings)("sends what was in flight under the number to nobody after %s", async (ending) => {
      const keys = await inFlight();
      await erase();
      await wait(keys, ending);
      await expire();
      expect(await world.statuses(keys[1])).toEqual(["queued", "gw_timeout"]);
    });

    it.each(endings)("sends what was in flight from the number to nobody after %s", async (ending) => {
      const keys = await inFlight(number);
      await erase();
      const carrierId = await wait(keys, ending);
      expect(await leaving(carrierId)).toEqual([]);
      await expire();
      expect(await world.statuses(keys[0])).toEqual(["gw_timeout", "gw_timeout"]);
    });

    it("finds, when it is gone on with after it was broken off, what came meanwhile where it had been", async () => {
      const { customerId } = new World(engine); // its messages come after the other customer's
      const late = Array.from({ length: 5 }, () => {
        const entry = acceptanceTo(world, number);
        return { ...entry, message: { ...entry.message, customerId } };
      });
      await world.store.acceptMessages(late);
      const [first] = late.flatMap((entry) => keysOf(entry));
      if (first === undefined) throw new Error("there are five");
      const targetOf = async (key: MessageKey) =>
        (await world.store.getMessage(key))?.targets[1]?.destination.target;
      while ((await targetOf(first)) !== "erased")
        expect((await world.store.eraseNumber(number, world.now(), 2)).more).toBe(true);

      world.passes(3_600_000);
      const meanwhile = acceptanceTo(world, number);
      await world.store.acceptMessages([meanwhile]);
      await erase();
      expect(await targetOf(keysOf(meanwhile)[0])).toBe("erased");
      expect(await erase()).toEqual({ messages: 0, targets: 0, parts: 0, optOuts: 0 });
    });

    it("leaves the others their text when their node died, and sends to nobody else", async () => {
      const keys = await inFlight();
      await erase();
      await engine.reopen();
      const { carrierId, otherNode } = world;
      const recovery = { carrierId, policy: "resend", now: world.now(), limit: 10 } as const;
      await world.store.recoverTargets({ ...recovery, liveNodes: [otherNode] });
      expect(await leaving()).toEqual([[0, "private", OTHER]]);
      await expire();
      expect(await world.statuses(keys[0])).toEqual(["queued", "gw_timeout"]);
    });

    it("takes the text once nobody is left to be sent it, whatever its customer keeps", async () => {
      await world.store.putCustomer(customerRecord(world));
      const [other] = await accepted();
      await erase();
      expect([await sweep(), await text(other)]).toEqual([0, "private"]);
      await world.claim();
      await world.store.markInFlight([world.mark(other)]);
      expect([await sweep(), await text(other)]).toEqual([0, "private"]);
      await world.store.settleTargets([{ ...world.base(other), ...HELD }]);
      await engine.reopen();
      expect([await sweep(), await text(other)]).toEqual([0, "private"]);
      world.passes(2 * DAY_MS);
      await expire();
      expect(await world.statuses(other)).toEqual(["dlr_timeout", "canceled"]);
      expect([await sweep(), await text(other)]).toEqual([1, ""]);
      expect(await sweep()).toBe(0);
    });

    it("takes the text of a message that awaits but receipts, out of what is being told too", async () => {
      await world.store.putCustomer(customerRecord(world));
      const { id } = await world.endpoint();
      const [other] = await accepted();
      await erase();
      await world.claim();
      await world.store.markInFlight([world.mark(other)]);
      await world.store.settleTargets([world.sent(other, [world.id()])]);
      const [delivery] = await world.deliveries(id);
      if (delivery === undefined) throw new Error("the message was announced");
      expect(delivery.message?.text).toBe("private");
      expect([await sweep(), await text(other)]).toEqual([1, ""]);
      const given = { ...world.attempted(delivery), body: "private" };
      await world.store.settleDeliveries([{ ...given, outcome: "retry", attempts: 0, dueAt: world.now() }]);
      const [again] = await world.deliveries(id);
      expect(again).toMatchObject({ eventId: delivery.eventId, body: null, message: { text: "" } });
    });

    it("takes the text at once when the last who is left to be sent it is erased too", async () => {
      const [other] = await accepted();
      await erase();
      expect(await text(other)).toBe("private");
      await eraseWholly(world, OTHER);
      expect(await text(other)).toBe("");
      expect(await world.statuses(other)).toEqual(["canceled", "canceled"]);
    });

    it.each([1, 2])("lets receipts find a target whose number is gone (parts: %i)", async (parts) => {
      const entry = acceptanceTo(world, number, { leased: true, parts });
      await world.store.acceptMessages([entry]);
      const keys = keysOf(entry);
      await world.store.markInFlight(keys.map((key) => world.mark(key)));
      const names = partKeys(world.id(), parts);
      await world.store.settleTargets(
        keys.map((key) => world.sent(key, key.n === 1 ? names : names.map(() => null))),
      );
      await erase();
      const destination = number.slice(1);
      const outcomes = await world.store.applyReceipts(
        names.map((name) => world.receipt(name, { destination })),
      );
      expect(outcomes.at(-1)).toMatchObject({ kind: "applied", status: "delivered" });
      expect(await world.statuses(keys[0])).toEqual(["sent", "delivered"]);
    });

    /** An endpoint that was being told of a message when the number was erased, and what it made of that. */
    async function toldMeanwhile() {
      const { id } = await world.endpoint();
      await world.store.acceptMessages([acceptanceTo(world, number)]);
      const [delivery] = await world.deliveries(id);
      if (delivery === undefined) throw new Error("the message was announced");
      await erase();
      const attempted = world.attempted(delivery);
      const body = `{"to":"${number}"}`;
      const attempt = { ...attempted.attempt, answer: body };
      return { delivery, body, attempted: { ...attempted, attempt } };
    }

    /** What endpoints answered, as the log has it. */
    async function answers(): Promise<readonly string[]> {
      const log = { customerId: world.customerId, endpointId: null, before: null, limit: 10 };
      return (await world.store.listAttempts(log)).map(({ answer }) => answer);
    }

    it("tells an endpoint later what the message is then", async () => {
      const { delivery, body, attempted } = await toldMeanwhile();
      const { endpointId, eventId } = delivery;
      const retry = { outcome: "retry", dueAt: world.now(), body } as const;
      for (const attempts of [0, 1]) {
        await world.store.settleDeliveries([{ ...attempted, ...retry, attempts }]);
        const again = (await world.deliveries(endpointId)).find((other) => other.eventId === eventId);
        expect(again).toMatchObject({ attempts: attempts + 1, body: null });
        expect(again?.message?.targets[1]?.destination).toEqual(tel("erased"));
      }
      expect(await answers()).toEqual(["", ""]);
    });

    it("keeps nothing of what was being told when it is given up", async () => {
      const { delivery, body, attempted } = await toldMeanwhile();
      await world.store.settleDeliveries([{ ...attempted, outcome: "given_up", body }]);
      const [{ customerId }, { endpointId, eventId }] = [world, delivery];
      const replay = { customerId, endpointId, which: [eventId], now: world.now(), limit: 10 };
      expect(await world.store.replayEvents(replay)).toBe(1);
      for (const other of await world.deliveries(endpointId))
        await world.store.settleDeliveries([world.delivered(other)]);
      const [again] = await world.deliveries(endpointId);
      expect(again).toMatchObject({ eventId, body: null });
      expect(await answers()).not.toContain(body);
    });

    it("keeps no answer to what was being told", async () => {
      const { attempted } = await toldMeanwhile();
      await world.store.settleDeliveries([{ ...attempted, outcome: "delivered" }]);
      expect(await answers()).toEqual([""]);
    });
  });
}
