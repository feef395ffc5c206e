import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CustomerId } from "../../domain/ids.ts";
import { digitsOf, type OwnedNumber } from "../../domain/owned-number.ts";
import { customerRecord } from "./customer-record.ts";
import { numberRecord } from "./number-record.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** Which number belongs to whom. */
export function numberingContract(open: OpenEngine): void {
  describe("numbering", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(async () => {
      world = new World(engine);
      for (const id of [world.customerId, world.otherCustomerId])
        await world.store.putCustomer(customerRecord(world, {}, id));
    });
    afterAll(() => engine.dispose());

    const numberOf = (wishes: Partial<OwnedNumber> = {}) => numberRecord(world, wishes);

    it("gives back numbers as they were put, and as they were changed", async () => {
      const number = numberOf();
      expect(await world.store.putNumber(number)).toBe("written");
      expect(await world.store.getNumber(world.customerId, number.id)).toEqual(number);
      const optOut = { isOn: true, stopKeywords: ["STOPP"], stopAnswer: "" };
      const changed = { ...number, type: "virtual", name: "n", optOut, tmUpdate: world.now() } as const;
      expect(await world.store.putNumber(changed)).toBe("written");
      expect(await world.store.getNumber(world.customerId, number.id)).toEqual(changed);
    });

    it("finds a number by its digits, however a carrier writes it", async () => {
      const number = numberOf();
      await world.store.putNumber(number);
      const bare = digitsOf(number.number);
      expect(await world.store.findNumber(bare)).toEqual(number);
      expect(await world.store.findNumber(digitsOf(`+${bare.slice(0, 4)} ${bare.slice(4)}`))).toEqual(number);
      expect(await world.store.findNumber(`${bare}0`)).toBeNull();
      const name = numberOf({ number: `Shop${world.id()}`.replaceAll(/[\d-]/g, "x") });
      await world.store.putNumber(name);
      expect(await world.store.findNumber(digitsOf(name.number.toUpperCase()))).toEqual(name);
    });

    it("gives a number to one living record alone, whatever its spelling and customer", async () => {
      const number = numberOf();
      await world.store.putNumber(number);
      const same = numberOf({ customerId: world.otherCustomerId, number: digitsOf(number.number) });
      expect(await world.store.putNumber(same)).toBe("refused");
      expect(await world.store.getNumber(world.otherCustomerId, same.id)).toBeNull();
      const tmDelete = world.now();
      expect(await world.store.putNumber({ ...number, tmDelete })).toBe("written");
      expect(await world.store.putNumber(same)).toBe("written");
      expect(await world.store.findNumber(digitsOf(number.number))).toEqual(same);
      expect(await world.store.putNumber({ ...number, tmDelete: null })).toBe("refused");
    });

    it("wakes listeners when a number changes hands", async () => {
      const number = numberOf();
      await world.store.putNumber(number);
      const woken = new Promise((resolve) => {
        world.store.onWake((wake) => {
          if (wake.kind === "directory") resolve(wake);
        });
      });
      await world.store.putNumber({ ...number, tmDelete: world.now() });
      expect(await woken).toEqual({ kind: "directory" });
    });

    it("neither finds nor lists nor gets a deleted number", async () => {
      const number = numberOf({ tmDelete: world.now() });
      await world.store.putNumber(number);
      expect(await world.store.getNumber(world.customerId, number.id)).toBeNull();
      expect(await world.store.findNumber(digitsOf(number.number))).toBeNull();
      expect(await world.store.listNumbers(world.customerId, { before: null, limit: 10 })).toEqual([]);
    });

    it("keeps a number from other customers", async () => {
      const number = numberOf();
      await world.store.putNumber(number);
      expect(await world.store.getNumber(world.otherCustomerId, number.id)).toBeNull();
      expect(await world.store.getNumber("no id" as CustomerId, number.id)).toBeNull();
      expect(await world.store.listNumbers(world.otherCustomerId, { before: null, limit: 10 })).toEqual([]);
    });

    it("lists newest first, page by page, of one customer or of all", async () => {
      const numbers = [numberOf(), numberOf(), numberOf()];
      for (const number of numbers) await world.store.putNumber(number);
      const foreign = numberOf({ customerId: world.otherCustomerId });
      await world.store.putNumber(foreign);
      const newest = numbers.toReversed();
      const first = await world.store.listNumbers(world.customerId, { before: null, limit: 2 });
      expect(first).toEqual(newest.slice(0, 2));
      const before = first.at(-1)?.id ?? null;
      expect(await world.store.listNumbers(world.customerId, { before, limit: 2 })).toEqual(newest.slice(2));
      const all = await world.store.listNumbers(null, { before: null, limit: 4 });
      expect(all).toEqual([foreign, ...newest]);
    });

    it("keeps numbers over a restart", async () => {
      const number = numberOf();
      await world.store.putNumber(number);
      await engine.reopen();
      expect(await world.store.findNumber(digitsOf(number.number))).toEqual(number);
    });
  });
}
