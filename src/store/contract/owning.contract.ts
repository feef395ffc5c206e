import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CustomerId } from "../../domain/ids.ts";
import { digitsOf, type OwnedNumber } from "../../domain/owned-number.ts";
import { customerRecord } from "./customer-record.ts";
import { numberRecord } from "./number-record.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** Who can be the owner of a number. */
export function owningContract(open: OpenEngine): void {
  describe("owning", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(async () => {
      world = new World(engine);
      await world.store.putCustomer(customerRecord(world));
    });
    afterAll(() => engine.dispose());

    const numberOf = (wishes: Partial<OwnedNumber> = {}) => numberRecord(world, wishes);

    it("gives no number to a customer that is unknown or deleted, who could not give it up again", async () => {
      const { store } = world;
      const unknown = numberOf({ customerId: world.id<CustomerId>() });
      expect(await store.putNumber(unknown)).toBe("no_owner");
      const leaving = customerRecord(world, {}, world.id());
      await store.putCustomer(leaving);
      const [kept, given] = [numberOf({ customerId: leaving.id }), numberOf()];
      expect(await store.putNumber(kept)).toBe("written");
      await store.putNumber(given);
      await store.putCustomer({ ...leaving, tmUpdate: world.now(), tmDelete: world.now() });
      const late = numberOf({ customerId: leaving.id });
      expect(await store.putNumber(late)).toBe("no_owner");
      expect(await store.findNumber(digitsOf(late.number))).toBeNull();
      const moved = { ...given, customerId: leaving.id, tmUpdate: world.now() };
      expect(await store.putNumber(moved, given)).toBe("no_owner");
      expect(await store.findNumber(digitsOf(given.number))).toEqual(given);
      const givenUp = { ...kept, tmUpdate: world.now(), tmDelete: world.now() };
      expect(await store.putNumber(givenUp, kept)).toBe("written");
      expect(await store.putNumber(numberOf({ number: kept.number }))).toBe("written");
    });
  });
}
