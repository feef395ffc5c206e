import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierAccount } from "../../domain/carrier-account.ts";
import type { CarrierId } from "../../domain/ids.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** Carriers that are read, changed and written back while another process may do the same. */
export function changingCarriersContract(open: OpenEngine): void {
  describe("changing carriers", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const carrier = (): CarrierAccount => {
      const id = world.id<CarrierId>();
      return {
        id,
        name: `carrier-${id}`,
        kind: "smpp",
        sealedUrl: "s",
        tmCreate: world.now(),
        tmUpdate: null,
      };
    };

    it("happens only as long as one is there and as it was read, to a name that is free", async () => {
      const { store } = world;
      const [made, other] = [carrier(), carrier()];
      const moved = { ...made, sealedUrl: "moved", tmUpdate: world.now() };
      expect(await store.putCarrier(moved, made)).toBe(false);
      expect(await store.listCarriers()).not.toContainEqual(moved);
      for (const each of [made, other]) await store.putCarrier(each);
      expect(await store.putCarrier({ ...moved, name: other.name }, made)).toBe(false);
      expect(await store.putCarrier(moved, made)).toBe(true);
      expect(await store.putCarrier({ ...made, sealedUrl: "late", tmUpdate: world.now() }, made)).toBe(false);
      const renamed = { ...moved, name: `${made.name}-new`, tmUpdate: world.now() };
      expect(await store.putCarrier(renamed, moved)).toBe(true);
      expect(await store.listCarriers()).toEqual(expect.arrayContaining([renamed, other]));
      await store.removeCarrier(made.id, true);
      expect(await store.putCarrier({ ...renamed, tmUpdate: world.now() }, renamed)).toBe(false);
      expect((await store.listCarriers()).map(({ id }) => id)).not.toContain(made.id);
    });
  });
}
