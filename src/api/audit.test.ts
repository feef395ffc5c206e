import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { alterStore } from "./fixtures/altered-store.ts";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

async function act(method: string, path: string, body?: object): Promise<{ readonly id: string }> {
  const reply = await open.call(method, path, { as: open.admin, ...(body !== undefined && { body }) });
  expect(reply.status).toBe(200);
  return reply.json as { readonly id: string };
}

describe("the audit log", () => {
  it("holds what administrators changed, by whom and on what, without secrets", async () => {
    const { id } = await act("POST", "/v1.0/customers", { username: "audited", password: "secret word" });
    await act("PUT", `/v1.0/customers/${id}`, { name: "A", webhook_uri: "https://example.com" });
    await act("PUT", `/v1.0/customers/${id}/password`, { password: "another word" });
    await act("POST", "/v1.0/carriers", { name: "north", url: "smpp://id:hush@example.com" });
    await act("PUT", "/v1.0/carriers/north", { name: "nord", url: "smpp://id:hush@example.com" });
    await act("DELETE", "/v1.0/carriers/nord?force=true");
    const number = await act("POST", "/v1.0/numbers", { number: "+14155551234", customer_id: id });
    await act("PUT", `/v1.0/numbers/${number.id}`, { customer_id: open.acme.customer.id });
    await act("DELETE", `/v1.0/numbers/${number.id}`);
    await act("POST", "/v1.0/numbers", { number: "+14155550000" });
    await act("DELETE", `/v1.0/customers/${id}`);
    const reply = await open.call("GET", "/v1.0/audit?page_size=100", { as: open.admin });
    const { result } = reply.json as { readonly result: readonly { what: string; customer_id: string }[] };
    expect(result.map(({ what }) => what)).toEqual([
      "customer.removed",
      "number.removed",
      "number.changed",
      "number.added",
      "carrier.removed",
      "carrier.changed",
      "carrier.added",
      "customer.password_changed",
      "customer.changed",
      "customer.added",
    ]);
    expect(new Set(result.map(({ customer_id }) => customer_id))).toEqual(new Set([open.admin.customer.id]));
    expect(result[5]).toMatchObject({ on: "nord", detail: { kind: "smpp", fields: "name url" } });
    expect(result[8]).toMatchObject({ on: id, detail: { fields: "name webhook_uri" } });
    expect(reply.text).not.toMatch(/secret word|another word|hush|example\.com/);
  });

  it("is for administrators alone, page by page", async () => {
    expect((await open.call("GET", "/v1.0/audit", { as: open.acme })).status).toBe(403);
    const page = (await open.call("GET", "/v1.0/audit?page_size=1", { as: open.admin })).json as {
      readonly result: readonly object[];
      readonly next_page_token: string;
    };
    expect(page.result).toHaveLength(1);
    const next = `/v1.0/audit?page_size=1&page_token=${encodeURIComponent(page.next_page_token)}`;
    expect((await open.call("GET", next, { as: open.admin })).json).not.toEqual(page);
  });

  it("does not turn a change that was made into a failure, and logs what it could not note", async () => {
    const deaf = await openDoor({
      changeStore: (store) =>
        alterStore(store, { appendAudit: () => Promise.reject(new StoreUnavailable("busy", "not now")) }),
    });
    const body = { username: "made", password: "x" };
    expect((await deaf.call("POST", "/v1.0/customers", { as: deaf.admin, body })).status).toBe(200);
    expect(deaf.logs.some((line) => line.includes("was not noted"))).toBe(true);
    await deaf.close();
  });
});
