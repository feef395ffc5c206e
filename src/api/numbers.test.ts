import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NumberId } from "../domain/ids.ts";
import { type Caller, type OpenDoor, openDoor } from "./fixtures/open-door.ts";
import { KEYWORDS_MAX, NUMBERS_PER_CUSTOMER_MAX } from "./limits.ts";

interface NumberBody {
  readonly id: string;
  readonly number: string;
  readonly customer_id: string;
  readonly opt_out: object | null;
}

interface PageBody {
  readonly result: readonly NumberBody[];
  readonly next_page_token: string;
}

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

async function add(as: Caller, body: object): Promise<NumberBody> {
  const reply = await open.call("POST", "/v1.0/numbers", { as, body });
  expect(reply.status).toBe(200);
  return reply.json as NumberBody;
}

function idNumbered(n: number): NumberId {
  return `00000000-0000-7000-8000-${String(n).padStart(12, "0")}` as NumberId;
}

describe("/v1.0/numbers", () => {
  it("keeps a number, normalised, with VoIPBIN's keys", async () => {
    const number = await add(open.acme, {
      number: " +1 (415) 555-0001",
      call_flow_id: "",
      message_flow_id: "",
      name: "Support",
      detail: "",
    });
    expect(number).toMatchObject({
      number: "+14155550001",
      type: "normal",
      status: "active",
      call_flow_id: "00000000-0000-0000-0000-000000000000",
      opt_out: null,
      tm_delete: "9999-01-01 00:00:00.000000",
    });
    expect((await open.call("GET", `/v1.0/numbers/${number.id}`, { as: open.acme })).json).toEqual(number);
  });

  it("has one owner for a number, however it is written, until it is given up", async () => {
    const mine = await add(open.acme, { number: "+14155550002" });
    const taken = await open.call("POST", "/v1.0/numbers", {
      as: open.rival,
      body: { number: "14155550002" },
    });
    expect(taken.status).toBe(409);
    expect(taken.json).toMatchObject({ error: { reason: "RESOURCE_ALREADY_EXISTS" } });
    const deleted = await open.call("DELETE", `/v1.0/numbers/${mine.id}`, { as: open.acme });
    expect(deleted.json).toMatchObject({ status: "deleted" });
    expect((await open.call("GET", `/v1.0/numbers/${mine.id}`, { as: open.acme })).status).toBe(404);
    expect((await add(open.rival, { number: "14155550002" })).customer_id).toBe(open.rival.customer.id);
  });

  it("lets nobody but its owner send from a number, however it is written", async () => {
    await add(open.acme, { number: "+14155550009" });
    const body = {
      source: { target: "14155550009" },
      destinations: [{ target: "+31616818985" }],
      text: "hello",
    };
    const refused = await open.call("POST", "/v1.0/messages", { as: open.rival, body });
    expect(refused.status).toBe(400);
    expect(refused.json).toMatchObject({
      error: { reason: "INVALID_ARGUMENT", message: "source.target is a number of another customer" },
    });
    expect((await open.call("POST", "/v1.0/messages", { as: open.acme, body })).status).toBe(200);
  });

  it.each([
    ["a name", { number: "Acme" }],
    ["what has more in it than a number", { number: "+14155550003x5" }],
    ["a virtual number outside +899", { number: "+14155550003", type: "virtual" }],
    ["a normal number inside +899", { number: "+899123456789" }],
  ])("refuses %s", async (_what, body) => {
    const reply = await open.call("POST", "/v1.0/numbers", { as: open.acme, body });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error: { details: [{ field: "number" }] } });
  });

  it("changes what is given and keeps the rest, with opt-out settings of its own", async () => {
    const { id } = await add(open.acme, { number: "+899100000001", type: "virtual", name: "a", detail: "b" });
    const opt_out = { is_on: true, stop_keywords: ["HALT"], stop_answer: "" };
    const path = `/v1.0/numbers/${id}`;
    const changed = await open.call("PUT", path, { as: open.acme, body: { opt_out, name: "c" } });
    expect(changed.json).toMatchObject({ type: "virtual", name: "c", detail: "b", opt_out });
    expect((await open.call("GET", path, { as: open.acme })).json).toEqual(changed.json);
    const back = await open.call("PUT", path, { as: open.acme, body: { opt_out: null } });
    expect(back.json).toMatchObject({ name: "c", opt_out: null });
    const many = { is_on: true, stop_keywords: Array.from({ length: KEYWORDS_MAX + 1 }, (_, n) => `W${n}`) };
    expect((await open.call("PUT", path, { as: open.acme, body: { opt_out: many } })).status).toBe(400);
    const most = { is_on: true, stop_keywords: many.stop_keywords.slice(1) };
    expect((await open.call("PUT", path, { as: open.acme, body: { opt_out: most } })).status).toBe(200);
  });

  it("answers another's number as one that is not there (P7)", async () => {
    const { id } = await add(open.acme, { number: "+14155550004" });
    for (const [method, body] of [["GET"], ["PUT", { name: "x" }], ["DELETE"]] as const) {
      const call = { as: open.rival, ...(body !== undefined && { body }) };
      expect((await open.call(method, `/v1.0/numbers/${id}`, call)).status).toBe(404);
    }
    const listed = (await open.call("GET", "/v1.0/numbers?page_size=100", { as: open.rival }))
      .json as PageBody;
    expect(listed.result.every(({ customer_id }) => customer_id === open.rival.customer.id)).toBe(true);
    const asked = `/v1.0/numbers?customer_id=${open.acme.customer.id}`;
    expect((await open.call("GET", asked, { as: open.rival })).status).toBe(403);
  });

  it("lets an administrator see everybody's and give one to a customer", async () => {
    const given = await add(open.admin, { number: "+14155550005", customer_id: open.acme.customer.id });
    expect(given.customer_id).toBe(open.acme.customer.id);
    const path = `/v1.0/numbers/${given.id}`;
    expect((await open.call("GET", path, { as: open.admin })).json).toEqual(given);
    const body = { customer_id: open.rival.customer.id };
    expect((await open.call("PUT", path, { as: open.acme, body })).status).toBe(403);
    expect((await open.call("PUT", path, { as: open.admin, body })).json).toMatchObject(body);
    const unknown = { number: "+14155550006", customer_id: "00000000-0000-7000-8000-000000000000" };
    expect((await open.call("POST", "/v1.0/numbers", { as: open.admin, body: unknown })).status).toBe(404);
    const all = (await open.call("GET", "/v1.0/numbers?page_size=100", { as: open.admin })).json as PageBody;
    expect(new Set(all.result.map(({ customer_id }) => customer_id)).size).toBeGreaterThan(1);
    expect(all.result.find(({ id }) => id === given.id)).toMatchObject({ customer: "rival" });
    const own = (await open.call("GET", "/v1.0/numbers?page_size=100", { as: open.rival })).json as PageBody;
    expect(own.result.find(({ id }) => id === given.id)).not.toHaveProperty("customer");
  });

  it("gives a customer's numbers up when the customer is deleted", async () => {
    const leaving = await open.addCustomer("leaving");
    await add(leaving, { number: "+14155550007" });
    const path = `/v1.0/customers/${leaving.customer.id}`;
    expect((await open.call("DELETE", path, { as: open.admin })).status).toBe(200);
    expect((await add(open.acme, { number: "+14155550007" })).customer_id).toBe(open.acme.customer.id);
  });

  it("pages without holes, and stops at the limit of a customer", async () => {
    const many = await open.addCustomer("many");
    const first = await add(many, { number: "+491500000000" });
    const [stored] = await open.store.listNumbers(many.customer.id, { before: null, limit: 1 });
    if (stored === undefined) throw new Error(`${first.id} is not listed`);
    await Promise.all(
      Array.from({ length: NUMBERS_PER_CUSTOMER_MAX - 2 }, (_, n) =>
        open.store.putNumber({ ...stored, id: idNumbered(n), number: `+4915${10_000_000 + n}` }),
      ),
    );
    await add(many, { number: "+491500000001" });
    const more = await open.call("POST", "/v1.0/numbers", { as: many, body: { number: "+491600000000" } });
    expect(more.status).toBe(409);
    expect(more.json).toMatchObject({ error: { reason: "LIMIT_REACHED" } });
    const seen = new Set<string>();
    for (let token: string | null = null; token !== "";) {
      const query: string = token === null ? "" : `&page_token=${encodeURIComponent(token)}`;
      const page: PageBody = (await open.call("GET", `/v1.0/numbers?page_size=100${query}`, { as: many }))
        .json as PageBody;
      for (const { id } of page.result) seen.add(id);
      token = page.next_page_token;
    }
    expect(seen.size).toBe(NUMBERS_PER_CUSTOMER_MAX);
  });
});
