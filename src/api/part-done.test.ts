import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { Store } from "../store/store.ts";
import { alterStore } from "./fixtures/altered-store.ts";
import { type OpenDoor, openDoor, PASSWORD, type Reply } from "./fixtures/open-door.ts";

/** Methods of the store that fail now, and after how many calls that go through. */
const failing = new Map<keyof Store, number>();

function failingStore(store: Store): Store {
  function mayFail<Name extends keyof Store>(name: Name): Pick<Store, Name> {
    const through = store[name].bind(store) as (...values: unknown[]) => unknown;
    const altered = async (...values: unknown[]) => {
      const left = failing.get(name);
      if (left === 0) throw new StoreUnavailable("busy", "the database is busy");
      if (left !== undefined) failing.set(name, left - 1);
      return through(...values);
    };
    return { [name]: altered } as Pick<Store, Name>; // it takes and answers what the method does
  }
  return alterStore(store, {
    ...mayFail("putCustomer"),
    ...mayFail("putEndpoint"),
    ...mayFail("removeEndpoint"),
    ...mayFail("putSetting"),
    ...mayFail("putNumber"),
    ...mayFail("listEndpoints"),
    ...mayFail("listOptOuts"),
  });
}

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor({ changeStore: failingStore });
});
afterAll(async () => {
  await open.close();
});

async function during(name: keyof Store, through: number, work: () => Promise<Reply>): Promise<Reply> {
  failing.set(name, through);
  try {
    return await work();
  } finally {
    failing.delete(name);
  }
}

function expectUnavailable(reply: Reply, words: string): void {
  expect(reply).toMatchObject({ status: 503, json: { error: { reason: "SERVICE_UNAVAILABLE" } } });
  expect(reply.text).toContain(words);
  expect(reply.headers.get("retry-after")).not.toBeNull();
}

const [NOTHING, A_PART] = ["nothing was changed", "a part of this was done"];

describe("a store that fails in the middle of a request", () => {
  it("has done nothing of a customer's change before the first commit, a part after it; again does the rest", async () => {
    const caller = await open.addCustomer("half-changed");
    const body = { name: "new", webhook_uri: "https://example.com/hook", opt_out: { is_on: false } };
    const change = () => open.call("PUT", "/v1.0/customer", { as: caller, body });
    expectUnavailable(await during("putCustomer", 0, change), NOTHING);
    expect((await open.call("GET", "/v1.0/customer", { as: caller })).json).toMatchObject({ name: "" });
    for (const name of ["putEndpoint", "putSetting"] as const)
      expectUnavailable(await during(name, 0, change), A_PART);
    expect((await open.call("GET", "/v1.0/customer", { as: caller })).json).toMatchObject({ name: "new" });
    expect(await change()).toMatchObject({ status: 200, json: body });
  });

  it("has left nothing of a customer that could not be added", async () => {
    const body = { username: "acme", password: PASSWORD };
    const add = () => open.call("POST", "/v1.0/customers", { as: open.admin, body });
    const refused = { status: 409, json: { error: { reason: "RESOURCE_ALREADY_EXISTS" } } };
    expect(await during("removeEndpoint", 0, add)).toMatchObject(refused); // nothing is to be taken back
  });

  it("has done a part of a customer's deletion, and again does the rest", async () => {
    const caller = await open.addCustomer("half-deleted");
    const uri = "https://example.com/hook";
    await open.call("POST", "/v1.0/webhooks", { as: caller, body: { uri } });
    await open.call("POST", "/v1.0/numbers", { as: caller, body: { number: "+14155551234" } });
    const path = `/v1.0/customers/${caller.customer.id}`;
    const remove = () => open.call("DELETE", path, { as: open.admin });
    expectUnavailable(await during("putEndpoint", 0, remove), NOTHING);
    expectUnavailable(await during("putEndpoint", 1, remove), A_PART);
    expectUnavailable(await during("putNumber", 0, remove), A_PART);
    expect((await open.call("GET", "/v1.0/me", { as: caller })).status).toBe(401);
    expect(await remove()).toMatchObject({ status: 200, json: { status: "deleted" } });
    const body = { number: "+14155551234" };
    expect((await open.call("POST", "/v1.0/numbers", { as: open.acme, body })).status).toBe(200);
  });

  it("has not changed a password that it says was not changed", async () => {
    const { customer, token } = await open.addCustomer("half-renewed");
    const as = { customer, token };
    const own = () =>
      open.call("PUT", "/v1.0/customer/password", { as, body: { old: PASSWORD, new: "another" } });
    const reset = () =>
      open.call("PUT", `/v1.0/customers/${customer.id}/password`, {
        as: open.admin,
        body: { password: "another" },
      });
    for (const change of [own, reset]) {
      expectUnavailable(await during("listEndpoints", 0, change), NOTHING);
      expect((await open.call("GET", "/v1.0/me", { as })).status).toBe(200);
    }
    expect((await own()).status).toBe(200);
  });

  it("has no say any more once an opt-out is lifted", async () => {
    const body = { sender: "Shop", handset: "+31616818985" };
    const made = await open.call("POST", "/v1.0/optouts", { as: open.acme, body });
    const path = `/v1.0/optouts/${(made.json as { readonly id: string }).id}`;
    const lift = () => open.call("DELETE", path, { as: open.acme });
    expect(await during("listOptOuts", 1, lift)).toMatchObject({ status: 200, json: { status: "ended" } });
  });
});
