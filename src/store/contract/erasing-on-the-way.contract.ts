import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { acceptanceTo, eraseWholly } from "./erasure.ts";
import { type ContractEngine, keysOf, type OpenEngine, partKeys, tel, World } from "./world.ts";

/** Erasing the number of a recipient while its message is still on its way. */
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
