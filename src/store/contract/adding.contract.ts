import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { customerRecord } from "./customer-record.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** How a customer comes to be. */
export function addingContract(open: OpenEngine): void {
  describe("adding a customer", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it("writes it with its own endpoint", async () => {
      const customer = customerRecord(world);
      const endpoint = world.newEndpoint({ isPrimary: true });
      expect(await world.store.addCustomer(customer, endpoint)).toBe(true);
      expect(await world.store.getCustomer(customer.id)).toEqual(customer);
      expect(await world.store.listEndpoints(customer.id)).toEqual([endpoint]);
    });

    it("writes neither when another customer has the username", async () => {
      const first = customerRecord(world);
      await world.store.addCustomer(first, world.newEndpoint());
      const second = customerRecord(world, { username: first.username }, world.id());
      const endpoint = world.newEndpoint({ customerId: second.id });
      expect(await world.store.addCustomer(second, endpoint)).toBe(false);
      expect(await world.store.getCustomer(second.id)).toBeNull();
      expect(await world.store.getEndpoint(endpoint.id)).toBeNull();
    });
  });
}
