import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CarrierAccount } from "../../domain/carrier-account.ts";
import type { AccessKey, Customer } from "../../domain/customer.ts";
import type { CarrierId, CustomerId } from "../../domain/ids.ts";
import { type ContractEngine, type OpenEngine, World } from "./world.ts";

/** Customers, access keys, endpoints, carriers and settings. */
export function directoryContract(open: OpenEngine): void {
  describe("directory", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const customer = (wishes: Partial<Customer> = {}): Customer => {
      const id = world.id<CustomerId>();
      const contact = { email: "a@example.com", phoneNumber: "+31", address: "Here 1" };
      const times = { tmCredentials: world.now(), tmCreate: world.now(), tmUpdate: null, tmDelete: null };
      const words = { username: `user-${id}`, passwordHash: "hash", name: "Ä", detail: "d" };
      const kept = { retentionDays: null, retentionContentDays: null };
      return { id, ...words, ...contact, ...kept, permissionIds: ["p1", "p2"], ...times, ...wishes };
    };

    const accessKey = (wishes: Partial<AccessKey> = {}): AccessKey => {
      const id = world.id<AccessKey["id"]>();
      const words = { name: "n", detail: "d", tokenPrefix: "vb_abc", tokenHash: `hash-${id}` };
      const times = { tmExpire: null, tmCreate: world.now(), tmUpdate: null, tmDelete: null };
      return { id, customerId: world.customerId, ...words, ...times, ...wishes };
    };

    const carrier = (wishes: Partial<CarrierAccount> = {}): CarrierAccount => {
      const id = world.id<CarrierId>();
      return {
        id,
        name: `carrier-${id}`,
        kind: "smpp",
        sealedUrl: "sealed",
        tmCreate: world.now(),
        tmUpdate: null,
        ...wishes,
      };
    };

    it("gives back customers as they were put, by id and by username", async () => {
      const made = customer();
      expect(await world.store.putCustomer(made)).toBe(true);
      expect(await world.store.getCustomer(made.id)).toEqual(made);
      expect(await world.store.findCustomer(made.username)).toEqual(made);
      const changed = { ...made, name: "new", tmUpdate: world.now() };
      expect(await world.store.putCustomer(changed)).toBe(true);
      expect(await world.store.getCustomer(made.id)).toEqual(changed);
      expect(await world.store.getCustomer(world.id<CustomerId>())).toBeNull();
      expect(await world.store.findCustomer("nobody")).toBeNull();
    });

    it("gives a username to one living customer alone", async () => {
      const made = customer();
      await world.store.putCustomer(made);
      const rival = customer({ username: made.username });
      expect(await world.store.putCustomer(rival)).toBe(false);
      expect(await world.store.getCustomer(rival.id)).toBeNull();
      const deleted = { ...made, tmDelete: world.now() };
      await world.store.putCustomer(deleted);
      expect(await world.store.putCustomer(rival)).toBe(true);
      expect(await world.store.findCustomer(made.username)).toEqual(rival);
      expect(await world.store.getCustomer(made.id)).toEqual(deleted);
    });

    it("lists living customers, newest first, page by page", async () => {
      const made = [customer(), customer({ tmDelete: world.now() }), customer(), customer()];
      for (const one of made) await world.store.putCustomer(one);
      const [first, , third, fourth] = made;
      expect(await world.store.listCustomers({ before: null, limit: 2 })).toEqual([fourth, third]);
      const rest = await world.store.listCustomers({ before: third?.id ?? null, limit: 1 });
      expect(rest).toEqual([first]);
    });

    it("gives back access keys, deleted ones too by their hash, to their customer alone", async () => {
      const made = accessKey({ tmExpire: world.now() });
      await world.store.putAccessKey(made);
      expect(await world.store.getAccessKey(made.customerId, made.id)).toEqual(made);
      expect(await world.store.getAccessKey(world.otherCustomerId, made.id)).toBeNull();
      const deleted = { ...made, tmDelete: world.now() };
      await world.store.putAccessKey(deleted);
      expect(await world.store.findAccessKey(made.tokenHash)).toEqual(deleted);
      expect(await world.store.findAccessKey("none")).toBeNull();
    });

    it("lists a customer's access keys, newest first, without the deleted", async () => {
      const made = [accessKey(), accessKey({ tmDelete: world.now() }), accessKey(), accessKey()];
      for (const one of made) await world.store.putAccessKey(one);
      await world.store.putAccessKey(accessKey({ customerId: world.otherCustomerId }));
      const [first, , third, fourth] = made;
      const { customerId } = world;
      expect(await world.store.listAccessKeys(customerId, { before: null, limit: 2 })).toEqual([
        fourth,
        third,
      ]);
      const rest = await world.store.listAccessKeys(customerId, { before: third?.id ?? null, limit: 10 });
      expect(rest).toEqual([first]);
    });

    it("lists the primary endpoint first, then by age", async () => {
      const made = [
        await world.endpoint(),
        await world.endpoint({ isPrimary: true, statuses: ["delivered"], events: ["message_updated"] }),
        await world.endpoint({ method: "PUT", tmSecretRetire: world.now(), sealedSecrets: ["a", "b"] }),
      ];
      const [older, primary, newer] = made;
      expect(await world.store.listEndpoints(world.customerId)).toEqual([primary, older, newer]);
      expect(await world.store.listEndpoints(world.otherCustomerId)).toEqual([]);
      for (const endpoint of made) expect(await world.store.getEndpoint(endpoint.id)).toEqual(endpoint);
    });

    it("gives a name to one carrier alone", async () => {
      const made = carrier();
      expect(await world.store.putCarrier(made)).toBe(true);
      expect(await world.store.putCarrier(carrier({ name: made.name }))).toBe(false);
      const changed = { ...made, sealedUrl: "other", tmUpdate: world.now() };
      expect(await world.store.putCarrier(changed)).toBe(true);
      expect(await world.store.listCarriers()).toContainEqual(changed);
    });

    it("removes a carrier when nothing is left at it, or when that is forced", async () => {
      const made = carrier({ id: world.carrierId });
      await world.store.putCarrier(made);
      const [key] = await world.accept();
      expect(await world.store.removeCarrier(made.id, false)).toBe(false);
      await world.claim();
      expect(await world.store.removeCarrier(made.id, false)).toBe(false);
      await world.store.markInFlight([world.mark(key)]);
      await world.store.settleTargets([world.sent(key, ["last"])]);
      expect(await world.store.removeCarrier(made.id, false)).toBe(false);
      expect(await world.store.listCarriers()).toContainEqual(made);
      await world.store.applyReceipts([world.receipt("last")]);
      expect(await world.store.removeCarrier(made.id, false)).toBe(true);
      expect(await world.store.listCarriers()).not.toContainEqual(made);
      await world.store.putCarrier(made);
      await world.accept();
      expect(await world.store.removeCarrier(made.id, true)).toBe(true);
      expect(await world.store.listCarriers()).not.toContainEqual(made);
    });

    it("agrees on the first value of a setting, and overwrites it when told to", async () => {
      const name = `setting-${world.id()}`;
      expect(await world.store.getSetting(name)).toBeNull();
      const answers = await Promise.all(["a", "b", "c"].map((value) => world.store.settingOnce(name, value)));
      expect(new Set(answers).size).toBe(1);
      expect(await world.store.getSetting(name)).toBe(answers[0]);
      await world.store.putSetting(name, "z");
      expect(await world.store.settingOnce(name, "y")).toBe("z");
    });

    it("wakes listeners when the directory changes", async () => {
      const woken = new Promise((resolve) => {
        world.store.onWake((wake) => {
          if (wake.kind === "directory") resolve(wake);
        });
      });
      await world.store.putCarrier(carrier());
      expect(await woken).toEqual({ kind: "directory" });
    });

    it("keeps the directory over a restart", async () => {
      const made = customer();
      await world.store.putCustomer(made);
      const endpoint = await world.endpoint();
      await engine.reopen();
      expect(await world.store.findCustomer(made.username)).toEqual(made);
      expect(await world.store.listEndpoints(world.customerId)).toEqual([endpoint]);
    });
  });
}
