import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CustomerId, EndpointId, NodeId } from "../domain/ids.ts";
import { addMs, micros } from "../domain/micros.ts";
import type { Delivery } from "../store/announcing.ts";
import { type OpenDoor, openDoor, type Reply } from "./fixtures/open-door.ts";
import { REPLAY_MAX, WEBHOOKS_PER_CUSTOMER_MAX } from "./limits.ts";

interface Webhook {
  readonly id: string;
  readonly is_primary: boolean;
  readonly webhook_secret: string;
}

interface WebhookPage {
  readonly result: readonly (Webhook & { readonly customer?: string })[];
  readonly next_page_token: string;
}

const URI = "https://example.com/hook";
const NODE = "00000000-0000-4000-8000-0000000000fe" as NodeId;
const POSTED = { source: { target: "+821028286521" }, destinations: [{ target: "+31616818985" }], text: "x" };

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

function call(method: string, path: string, body?: object, as = open.acme): Promise<Reply> {
  return open.call(method, `/v1.0/webhooks${path}`, { as, ...(body !== undefined && { body }) });
}

async function add(body: object = {}, as = open.acme): Promise<Webhook> {
  const reply = await call("POST", "", { uri: URI, ...body }, as);
  expect(reply.status).toBe(200);
  return reply.json as Webhook;
}

async function post(as = open.acme): Promise<string> {
  const reply = await open.call("POST", "/v1.0/messages", { as, body: POSTED });
  return (reply.json as { readonly id: string }).id;
}

function now() {
  return micros(Date.now() * 1_000 + 60_000_000);
}

function claim(id: string): Promise<readonly Delivery[]> {
  const leaseUntil = addMs(now(), 60_000);
  return open.store.claimDeliveries({
    endpointId: id as EndpointId,
    node: NODE,
    now: now(),
    leaseUntil,
    limit: 100,
  });
}

/** Claims what is due to the webhook and settles it as delivered, as if it had answered 204. */
async function deliver(id: string, customerId: CustomerId): Promise<readonly string[]> {
  const deliveries = await claim(id);
  await open.store.settleDeliveries(
    deliveries.map(({ endpointId, messageId, eventId }) => ({
      endpointId,
      messageId,
      eventId,
      customerId,
      attempt: { at: now(), tookMs: 12, statusCode: 204, error: "", answer: "fine" },
      outcome: "delivered" as const,
    })),
  );
  return deliveries.map(({ eventId }) => eventId);
}

describe("/v1.0/webhooks", () => {
  it("has the account's own first, which can be emptied and not removed", async () => {
    const own = await open.addCustomer("own");
    const listed = (await call("GET", "", undefined, own)).json as { readonly result: readonly Webhook[] };
    expect(listed.result).toMatchObject([{ is_primary: true, uri: "", status: "disabled" }]);
    const path = `/${listed.result[0]?.id}`;
    expect((await call("DELETE", path, undefined, own)).status).toBe(409);
    expect((await call("PUT", path, { uri: URI }, own)).json).toMatchObject({
      method: "POST",
      status: "active",
    });
    expect((await open.call("GET", "/v1.0/customer", { as: own })).json).toMatchObject({ webhook_uri: URI });
    expect((await call("PUT", path, { uri: "" }, own)).json).toMatchObject({ uri: "", status: "disabled" });
  });

  it("adds one with a secret that is shown once, and removes it", async () => {
    const made = await add({ events: ["message_created"], statuses: ["delivered", "failed"], method: "PUT" });
    expect(made).toMatchObject({ is_primary: false, status: "active", method: "PUT", disabled_reason: "" });
    expect(made.webhook_secret).toMatch(/^whsec_/);
    const { webhook_secret: _secret, ...shown } = made;
    expect((await call("GET", `/${made.id}`)).json).toEqual(shown);
    expect((await call("DELETE", `/${made.id}`)).json).toEqual(shown);
    expect((await call("GET", `/${made.id}`)).status).toBe(404);
  });

  it("switches one off and on, and on by a new address", async () => {
    const { id } = await add();
    const off = await call("PUT", `/${id}`, { status: "disabled" });
    expect(off.json).toMatchObject({ status: "disabled", disabled_reason: "switched off by its owner" });
    expect((await call("PUT", `/${id}`, { events: ["message_deleted"] })).json).toMatchObject({
      status: "disabled",
    });
    expect((await call("PUT", `/${id}`, { status: "active" })).json).toMatchObject({ status: "active" });
    await open.store.noteEndpointHealth([
      {
        endpointId: id as EndpointId,
        uri: URI,
        tmFailingSince: now(),
        disabledReason: "it answered 410 Gone",
        at: now(),
      },
    ]);
    expect((await call("GET", `/${id}`)).json).toMatchObject({ disabled_reason: "it answered 410 Gone" });
    const moved = await call("PUT", `/${id}`, { uri: `${URI}/new` });
    expect(moved.json).toMatchObject({ status: "active", tm_failing_since: "9999-01-01 00:00:00.000000" });
  });

  it("shows an administrator everybody's, by customers, and nobody else", async () => {
    const { id } = await add({}, open.rival);
    expect((await call("GET", "?all=true", undefined, open.rival)).status).toBe(403);
    const own = (await call("GET", "?all=false", undefined, open.admin)).json as WebhookPage;
    expect(own.result).toMatchObject([{ customer_id: open.admin.customer.id }]);
    const all: WebhookPage["result"][] = [];
    let page: WebhookPage = { result: [], next_page_token: "" };
    do {
      const token = encodeURIComponent(page.next_page_token);
      const path = `?all=true&page_size=1&page_token=${token}`;
      page = (await call("GET", path, undefined, open.admin)).json as WebhookPage;
      all.push(page.result);
    } while (page.next_page_token !== "");
    expect(all.every((one) => new Set(one.map(({ customer }) => customer)).size <= 1)).toBe(true);
    expect(all.flat().filter((webhook) => webhook.id === id)).toMatchObject([{ customer: "rival" }]);
    expect(all.flat().map(({ customer }) => customer)).toEqual(expect.arrayContaining(["acme", "admin"]));
  });

  it("rotates a secret: for a day both sign", async () => {
    const { id, webhook_secret } = await add();
    const rotated = await call("POST", `/${id}/rotate`);
    expect(rotated.json).toMatchObject({ webhook_secret: expect.stringMatching(/^whsec_/) });
    const endpoint = await open.store.getEndpoint(id as EndpointId);
    expect(endpoint?.sealedSecrets.map((sealed) => open.secretBox.open(sealed))).toEqual([
      (rotated.json as Webhook).webhook_secret,
      webhook_secret,
    ]);
    expect(endpoint?.tmSecretRetire).not.toBeNull();
  });

  it.each([
    ["uri", { uri: "" }],
    ["uri", { uri: "ftp://example.com" }],
    ["method", { uri: URI, method: "" }],
    ["events[0]", { uri: URI, events: ["message_read"] }],
    ["statuses[0]", { uri: URI, statuses: ["lost"] }],
  ])("refuses a wrong %s by name", async (field, body) => {
    const reply = await call("POST", "", body);
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error: { details: [{ field }] } });
  });

  it("refuses to empty one that is not the account's own", async () => {
    const { id } = await add();
    expect((await call("PUT", `/${id}`, { uri: "" })).status).toBe(400);
    expect((await call("PUT", `/${id}`, { method: "" })).status).toBe(400);
  });

  it("are as many as the limit and not one more", async () => {
    const full = await open.addCustomer("full");
    for (let count = 1; count < WEBHOOKS_PER_CUSTOMER_MAX; count++) await add({}, full);
    const over = await call("POST", "", { uri: URI }, full);
    expect(over.status).toBe(409);
    expect(over.json).toMatchObject({ error: { reason: "LIMIT_REACHED" } });
  });

  it("answers another's as one that is not there (P7)", async () => {
    const { id } = await add();
    for (const [method, path] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/rotate"],
      ["POST", "/test"],
      ["GET", "/attempts"],
    ] as const) {
      expect((await call(method, `/${id}${path}`, undefined, open.rival)).status).toBe(404);
    }
    expect((await call("PUT", `/${id}`, { uri: URI }, open.rival)).status).toBe(404);
    expect((await call("POST", `/${id}/replay`, { event_ids: [] }, open.rival)).status).toBe(404);
  });

  it("are tried at once, and only when they have an address", async () => {
    const { id } = await add();
    expect((await call("POST", `/${id}/test`)).json).toMatchObject({
      status_code: 204,
      took_ms: 5,
      error: "",
    });
    const listed = (await call("GET", "")).json as { readonly result: readonly Webhook[] };
    expect((await call("POST", `/${listed.result[0]?.id}/test`)).status).toBe(409);
  });
});

describe("what a webhook was told", () => {
  it("is listed with its answers, page by page, and replayed under the same ids", async () => {
    const caller = await open.addCustomer("told");
    const { id } = await add({}, caller);
    const messages = [await post(caller), await post(caller), await post(caller)];
    const events = await deliver(id, caller.customer.id);
    expect(events).toHaveLength(3);
    const attempts = (await call("GET", `/${id}/attempts?page_size=2`, undefined, caller)).json as {
      readonly result: readonly { readonly event_id: string }[];
      readonly next_page_token: string;
    };
    expect(attempts.result).toMatchObject([
      { event_id: events[2], message_id: messages[2], type: "message_created", attempt: 1, status_code: 204 },
      { event_id: events[1], answer: "fine", took_ms: 12, webhook_id: id },
    ]);
    const query = `?page_size=2&page_token=${encodeURIComponent(attempts.next_page_token)}`;
    const rest = (await call("GET", `/${id}/attempts${query}`, undefined, caller)).json;
    expect(rest).toMatchObject({ result: [{ event_id: events[0] }] });

    const one = await call("POST", `/${id}/replay`, { event_ids: [events[1]] }, caller);
    expect(one.json).toEqual({ replayed: 1 });
    expect(await deliver(id, caller.customer.id)).toEqual([events[1]]);
    const span = await call("POST", `/${id}/replay`, { tm_from: "2020-01-01 00:00:00.000000" }, caller);
    expect(span.json).toEqual({ replayed: 3 });
    expect(await deliver(id, caller.customer.id)).toEqual(events);
    const timeline = await open.call("GET", `/v1.0/messages/${messages[1]}/timeline`, { as: caller });
    const facts = (timeline.json as { readonly result: readonly { what: string; attempt?: number }[] })
      .result;
    expect(facts[0]).toMatchObject({ what: "accepted" });
    expect(facts.filter(({ what }) => what === "webhook").map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(facts.find(({ what }) => what === "event")).toMatchObject({
      event_id: events[1],
      type: "message_created",
    });
  });

  it("is not replayed to one that is switched off, nor without saying what", async () => {
    const { id } = await add();
    const path = `/${id}/replay`;
    const ids = Array.from({ length: REPLAY_MAX + 1 }, () => "017f83a0-4a47-7000-8000-000000000001");
    const wrong: readonly (readonly [string, object])[] = [
      ["tm_from", {}],
      ["event_ids[0]", { event_ids: ["x"] }],
      ["event_ids", { event_ids: ids }],
      ["event_ids", { event_ids: [], tm_from: "2020-01-01 00:00:00.000000" }],
      ["tm_from", { tm_from: "1960-01-01 00:00:00" }],
      ["tm_until", { tm_from: "2020-01-01 00:00:00.000000", tm_until: "1969-12-31T23:59:59+00:00" }],
      ["tm_until", { tm_from: "2020-01-02 00:00:00.000000", tm_until: "2020-01-01 00:00:00.000000" }],
    ];
    for (const [field, body] of wrong) {
      const reply = await call("POST", path, body);
      expect(reply.status).toBe(400);
      expect(reply.json).toMatchObject({ error: { details: [{ field }] } });
    }
    expect((await call("POST", path, { event_ids: ids.slice(1) })).json).toEqual({ replayed: 0 });
    await call("PUT", `/${id}`, { status: "disabled" });
    expect((await call("POST", path, { event_ids: [] })).status).toBe(409);
  });
});

describe("a message's timeline", () => {
  it("is its owner's alone (P7), and gone with the message", async () => {
    const id = await post();
    const path = `/v1.0/messages/${id}/timeline`;
    expect((await open.call("GET", path, { as: open.rival })).status).toBe(404);
    expect((await open.call("GET", path, { as: open.acme })).status).toBe(200);
    await open.call("DELETE", `/v1.0/messages/${id}`, { as: open.acme });
    expect((await open.call("GET", path, { as: open.acme })).status).toBe(404);
  });
});
