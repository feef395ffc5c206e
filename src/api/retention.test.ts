import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

interface CustomerAnswer {
  readonly id: string;
  readonly retention_days: number | null;
  readonly retention_content_days: number | null;
}

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(() => open.close());

const change = (id: string, body: object) =>
  open.call("PUT", `/v1.0/customers/${id}`, { as: open.admin, body });

describe("how long a customer's messages are kept", () => {
  it("is decided by administrators, shown to the customer, and noted in the audit log", async () => {
    const body = { username: "kept", password: "x", retention_days: 90 };
    const added = (await open.call("POST", "/v1.0/customers", { as: open.admin, body }))
      .json as CustomerAnswer;
    expect(added).toMatchObject({ retention_days: 90, retention_content_days: null });
    const changed = await change(added.id, { retention_days: null, retention_content_days: 7 });
    expect(changed.json).toMatchObject({ retention_days: null, retention_content_days: 7 });
    expect((await change(added.id, { name: "N" })).json).toMatchObject({ retention_content_days: 7 });
    const audit = (await open.call("GET", "/v1.0/audit?page_size=3", { as: open.admin })).json;
    expect(audit).toMatchObject({
      result: [
        { what: "customer.changed", detail: { fields: "name" } },
        { what: "customer.changed", detail: { retention_days: null, retention_content_days: 7 } },
        { what: "customer.added", detail: { username: "kept", retention_days: 90 } },
      ],
    });
  });

  it("is not for the customer to change", async () => {
    const { acme } = open;
    await change(acme.customer.id, { retention_days: 30 });
    const mine = (await open.call("GET", "/v1.0/customer", { as: acme })).json as CustomerAnswer;
    expect(mine.retention_days).toBe(30);
    await open.call("PUT", "/v1.0/customer", { as: acme, body: { ...mine, retention_days: 0 } });
    expect((await open.call("GET", "/v1.0/customer", { as: acme })).json).toMatchObject({
      retention_days: 30,
    });
    const path = `/v1.0/customers/${acme.customer.id}`;
    expect((await open.call("PUT", path, { as: acme, body: { retention_days: 0 } })).status).toBe(403);
  });

  it.each(["retention_days", "retention_content_days"])("is within limits: %s", async (field) => {
    const { id } = open.acme.customer;
    for (const good of [0, 1, 36_500, null]) expect((await change(id, { [field]: good })).status).toBe(200);
    for (const bad of [-1, 36_501, 1.5, "30"]) {
      const refused = await change(id, { [field]: bad });
      expect(refused.status).toBe(400);
      expect(refused.text).toContain(field);
    }
  });
});
