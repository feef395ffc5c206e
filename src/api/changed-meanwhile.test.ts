import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClock } from "../domain/clock.ts";
import { ADMIN_PERMISSION } from "../domain/customer.ts";
import { type AccessKeyId, createIds, type EndpointId, type NumberId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import type { Store } from "../store/store.ts";
import type { CarrierDesk } from "./carrier-desk.ts";
import { alterStore } from "./fixtures/altered-store.ts";
import { createCarrierShelf } from "./fixtures/carrier-shelf.ts";
import { type OpenDoor, openDoor, type Reply } from "./fixtures/open-door.ts";

type Work = () => Promise<unknown>;

/** What another process does to the store when a record was read here and was not yet written back. */
let elsewhere: Work | null = null;

function once(work: Work): void {
  elsewhere = async () => {
    elsewhere = null;
    await work();
  };
}

function changedAfterReading(store: Store): Store {
  return alterStore(store, {
    listEndpoints: (...query) => beforeChange(store.listEndpoints(...query)),
    getEndpoint: (...query) => beforeChange(store.getEndpoint(...query)),
    getAccessKey: (...query) => beforeChange(store.getAccessKey(...query)),
    getNumber: (...query) => beforeChange(store.getNumber(...query)),
    listNumbers: (...query) => beforeChange(store.listNumbers(...query)),
  });
}

async function beforeChange<Found>(reading: Promise<Found>): Promise<Found> {
  const found = await reading;
  await elsewhere?.();
  return found;
}

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor({ changeStore: changedAfterReading });
});
afterAll(async () => {
  await open.close();
});

/** Later than anything that the door wrote, as another process's clock may be. */
function later() {
  return micros(Date.now() * 1_000 + 60_000_000);
}

async function make(path: string, body: object): Promise<string> {
  const reply = await open.call("POST", `/v1.0/${path}`, { as: open.acme, body });
  expect(reply.status).toBe(200);
  return (reply.json as { readonly id: string }).id;
}

function put(path: string, body: object): Promise<Reply> {
  return open.call("PUT", `/v1.0/${path}`, { as: open.acme, body });
}

describe("a record that another process changes between reading and writing", () => {
  it("leaves a customer's new password and lost permission as they are", async () => {
    const caller = await open.addCustomer("changed-elsewhere", [ADMIN_PERMISSION]);
    const { id } = caller.customer;
    const now = later();
    const safe = { ...caller.customer, passwordHash: "new", permissionIds: [], tmCredentials: now };
    once(() => open.store.putCustomer({ ...safe, tmUpdate: now }));
    const reply = await open.call("PUT", "/v1.0/customer", { as: caller, body: { name: "renamed" } });
    expect(reply).toMatchObject({ status: 200, json: { name: "renamed", permission_ids: [] } });
    const stored = await open.store.getCustomer(id);
    expect(stored).toMatchObject({
      name: "renamed",
      passwordHash: "new",
      permissionIds: [],
      tmCredentials: now,
    });
  });

  it("leaves a deleted customer deleted, and its webhook as it is", async () => {
    const caller = await open.addCustomer("deleted-elsewhere");
    const { customer } = caller;
    const [endpoint] = await open.store.listEndpoints(customer.id);
    once(() => open.store.putCustomer({ ...customer, tmUpdate: later(), tmDelete: later() }));
    const body = { webhook_uri: "https://example.com/hook" };
    expect((await open.call("PUT", "/v1.0/customer", { as: caller, body })).status).toBe(404);
    expect((await open.store.getCustomer(customer.id))?.tmDelete).not.toBeNull();
    expect(await open.store.listEndpoints(customer.id)).toEqual([endpoint]);
  });

  it("leaves a withdrawn access key withdrawn", async () => {
    const id = (await make("accesskeys", { name: "n" })) as AccessKeyId;
    const { customer } = open.acme;
    const key = await open.store.getAccessKey(customer.id, id);
    if (key === null) throw new Error("no key");
    once(() => open.store.putAccessKey({ ...key, tmUpdate: later(), tmDelete: later() }));
    expect((await put(`accesskeys/${id}`, { name: "renamed" })).status).toBe(404);
    expect((await open.store.findAccessKey(key.tokenHash))?.tmDelete).not.toBeNull();
  });

  it("leaves a webhook's new secret", async () => {
    const id = (await make("webhooks", { uri: "https://example.com/hook" })) as EndpointId;
    const endpoint = await open.store.getEndpoint(id);
    if (endpoint === null) throw new Error("no webhook");
    once(() => open.store.putEndpoint({ ...endpoint, sealedSecrets: ["new"], tmUpdate: later() }));
    const reply = await put(`webhooks/${id}`, { uri: "https://example.com/other" });
    expect(reply).toMatchObject({ status: 200, json: { uri: "https://example.com/other" } });
    expect(await open.store.getEndpoint(id)).toMatchObject({
      uri: "https://example.com/other",
      sealedSecrets: ["new"],
    });
  });

  it("leaves a removed webhook removed", async () => {
    const id = (await make("webhooks", { uri: "https://example.com/hook" })) as EndpointId;
    once(() => open.store.removeEndpoint(id));
    expect((await put(`webhooks/${id}`, { uri: "https://example.com/other" })).status).toBe(404);
    expect(await open.store.getEndpoint(id)).toBeNull();
  });

  it("leaves a number with its new owner", async () => {
    const id = (await make("numbers", { number: "+14155550009" })) as NumberId;
    const number = await open.store.getNumber(open.acme.customer.id, id);
    if (number === null) throw new Error("no number");
    const customerId = open.rival.customer.id;
    once(() => open.store.putNumber({ ...number, customerId, tmUpdate: later() }));
    expect((await put(`numbers/${id}`, { name: "renamed" })).status).toBe(404);
    expect(await open.store.getNumber(customerId, id)).toMatchObject({ name: number.name });
  });

  it("gives no number to a customer that was deleted after its request was let in", async () => {
    const caller = await open.addCustomer("deleted-while-adding");
    const path = `/v1.0/customers/${caller.customer.id}`;
    let deletion: Reply | null = null;
    once(async () => {
      deletion = await open.call("DELETE", path, { as: open.admin });
    });
    const body = { number: "+14155550010" };
    const refused = await open.call("POST", "/v1.0/numbers", { as: caller, body });
    expect(deletion).toMatchObject({ status: 200 });
    expect(refused).toMatchObject({ status: 404, json: { error: { reason: "RESOURCE_NOT_FOUND" } } });
    expect((await open.call("POST", "/v1.0/numbers", { as: open.rival, body })).status).toBe(200);
  });

  it("is a carrier that is changed once it is as it was read", async () => {
    let refused = 0;
    const shelf = createCarrierShelf(
      createClock(() => Date.now()),
      createIds((bytes) => crypto.getRandomValues(bytes)),
    );
    const carriers: CarrierDesk = {
      ...shelf,
      change: async (...wish) => (refused++ < 3 ? { kind: "changed_meanwhile" } : shelf.change(...wish)),
    };
    const door = await openDoor({ carriers });
    await shelf.add("north", "smpp://host");
    const change = { as: door.admin, body: { name: "nord" } };
    expect(await door.call("PUT", "/v1.0/carriers/north", change)).toMatchObject({ json: { name: "nord" } });
    await door.close();
  });

  it("is left alone when that goes on and on: 503, and when to come again", async () => {
    const id = (await make("accesskeys", { name: "n" })) as AccessKeyId;
    const key = await open.store.getAccessKey(open.acme.customer.id, id);
    if (key === null) throw new Error("no key");
    let changes = 0;
    elsewhere = () => open.store.putAccessKey({ ...key, name: `${++changes}`, tmUpdate: micros(changes) });
    const reply = await put(`accesskeys/${id}`, { name: "renamed" });
    elsewhere = null;
    expect(reply).toMatchObject({ status: 503, json: { error: { reason: "SERVICE_UNAVAILABLE" } } });
    expect(reply.headers.get("retry-after")).not.toBeNull();
    const stored = await open.store.getAccessKey(open.acme.customer.id, id);
    expect(stored?.name).toBe(`${changes}`);
  });
});
