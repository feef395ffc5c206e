import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AccessKey } from "../../domain/customer.ts";
import type { CustomerId } from "../../domain/ids.ts";
import { customerRecord } from "./customer-record.ts";
import { numberRecord } from "./number-record.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** Records that are read, changed and written back while another process may do the same. */
export function changingContract(open: OpenEngine): void {
  describe("changing", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const times = () => ({ tmCreate: world.now(), tmUpdate: null, tmDelete: null });

    const customer = () => customerRecord(world, { passwordHash: "old" }, world.id<CustomerId>());

    const accessKey = (): AccessKey => {
      const id = world.id<AccessKey["id"]>();
      const words = { name: "n", detail: "d", tokenPrefix: "vb_abc", tokenHash: `hash-${id}` };
      return { id, customerId: world.customerId, ...words, tmExpire: null, ...times() };
    };

    const number = () => numberRecord(world);

    it("a customer is changed only as long as it is as it was read", async () => {
      const { store } = world;
      const made = customer();
      expect(await store.putCustomer({ ...made, tmUpdate: world.now() }, made)).toBe(false);
      expect(await store.getCustomer(made.id)).toBeNull();
      await store.putCustomer(made);
      const safe = { ...made, passwordHash: "new", tmCredentials: world.now(), tmUpdate: world.now() };
      expect(await store.putCustomer(safe, made)).toBe(true);
      const renamed = { ...made, name: "renamed", tmUpdate: world.now() };
      expect(await store.putCustomer(renamed, made)).toBe(false);
      expect(await store.getCustomer(made.id)).toEqual(safe);
      const both = { ...renamed, ...safe, name: "renamed", tmUpdate: world.now() };
      expect(await store.putCustomer(both, safe)).toBe(true);
      expect(await store.getCustomer(made.id)).toEqual(both);
    });

    it("an access key is changed only as long as it is as it was read", async () => {
      const { store } = world;
      const made = accessKey();
      expect(await store.putAccessKey({ ...made, tmUpdate: world.now() }, made)).toBe(false);
      expect(await store.getAccessKey(made.customerId, made.id)).toBeNull();
      await store.putAccessKey(made);
      const deleted = { ...made, tmUpdate: world.now(), tmDelete: world.now() };
      expect(await store.putAccessKey(deleted, made)).toBe(true);
      expect(await store.putAccessKey({ ...made, name: "m", tmUpdate: world.now() }, made)).toBe(false);
      expect(await store.findAccessKey(made.tokenHash)).toEqual(deleted);
    });

    it("an endpoint is changed only as long as it is there and as it was read", async () => {
      const { store } = world;
      const made = await world.endpoint();
      const rotated = { ...made, sealedSecrets: ["new", "sealed"], tmUpdate: world.now() };
      expect(await store.putEndpoint(rotated, made)).toBe(true);
      expect(await store.putEndpoint({ ...made, uri: "https://b", tmUpdate: world.now() }, made)).toBe(false);
      expect(await store.getEndpoint(made.id)).toEqual(rotated);
      await store.removeEndpoint(made.id);
      expect(await store.putEndpoint({ ...rotated, tmUpdate: world.now() }, rotated)).toBe(false);
      expect(await store.getEndpoint(made.id)).toBeNull();
    });

    it("an endpoint that was switched off meanwhile is not switched on by a change of something else", async () => {
      const { store } = world;
      const made = await world.endpoint();
      const at = world.now();
      const failing = { endpointId: made.id, uri: made.uri, tmFailingSince: at, disabledReason: null, at };
      await store.noteEndpointHealth([failing]);
      const wanting = { ...made, events: ["message_created"], tmUpdate: world.now() } as const;
      expect(await store.putEndpoint(wanting, made)).toBe(true);
      await store.noteEndpointHealth([{ ...failing, disabledReason: "410 Gone" }]);
      expect(await store.putEndpoint({ ...wanting, events: [], tmUpdate: world.now() }, wanting)).toBe(false);
      const off = await store.getEndpoint(made.id);
      expect(off).toMatchObject({ events: ["message_created"], disabledReason: "410 Gone" });
      await store.noteEndpointHealth([{ ...failing, disabledReason: "again", at: world.now() }]);
      expect(await store.getEndpoint(made.id)).toEqual(off);
    });

    it("a number is changed only as long as it is as it was read", async () => {
      const { store } = world;
      for (const id of [world.customerId, world.otherCustomerId])
        await store.putCustomer(customerRecord(world, {}, id));
      const made = number();
      await store.putNumber(made);
      const given = { ...made, customerId: world.otherCustomerId, tmUpdate: world.now() };
      expect(await store.putNumber(given, made)).toBe("written");
      expect(await store.putNumber({ ...made, name: "m", tmUpdate: world.now() }, made)).toBe("refused");
      expect(await store.getNumber(world.customerId, made.id)).toBeNull();
      expect(await store.getNumber(world.otherCustomerId, made.id)).toEqual(given);
    });

    it("of many that change what they all read, one does", async () => {
      const { store } = world;
      const made = customer();
      await store.putCustomer(made);
      const changes = Array.from({ length: 20 }, (_, n) => ({
        ...made,
        name: `${n}`,
        tmUpdate: world.now(),
      }));
      const written = await Promise.all(changes.map((change) => store.putCustomer(change, made)));
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await store.getCustomer(made.id)).toEqual(changes[written.indexOf(true)]);
    });
  });
}
