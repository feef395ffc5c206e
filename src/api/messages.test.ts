import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenDoor, openDoor, type Reply } from "./fixtures/open-door.ts";

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/;
const NEVER = "9999-01-01 00:00:00.000000";
const MISSING = "00000000-0000-7000-8000-000000000000";

interface MessageBody {
  readonly id: string;
  readonly text: string;
  readonly source: object;
  readonly targets: readonly { readonly destination: { readonly target: string }; readonly parts: number }[];
  readonly tm_create: string;
  readonly tm_update: string;
  readonly tm_delete: string;
}

interface PageBody {
  readonly result: readonly MessageBody[];
  readonly next_page_token: string;
}

const POSTED = {
  source: { type: "tel", target: "+821028286521" },
  destinations: [{ type: "tel", target: "+31616818985" }],
  text: "hello, this is test message.",
};

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

async function post(body: object, headers: Record<string, string> = {}): Promise<Reply> {
  return open.call("POST", "/v1.0/messages", { as: open.acme, body, headers });
}

function messageOf(reply: Reply): MessageBody {
  expect(reply.status).toBe(200);
  return reply.json as MessageBody;
}

describe("POST /v1.0/messages", () => {
  it("answers 200 with the whole message, as the contract's page shows it", async () => {
    const reply = await post(POSTED);
    expect(reply.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const message = messageOf(reply);
    expect(message).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      customer_id: open.acme.customer.id,
      type: "sms",
      source: { type: "tel", target: "+821028286521", target_name: "", name: "", detail: "" },
      targets: [
        {
          destination: { type: "tel", target: "+31616818985", target_name: "", name: "", detail: "" },
          status: "queued",
          parts: 1,
          tm_update: expect.stringMatching(TIME),
        },
      ],
      text: "hello, this is test message.",
      direction: "outbound",
      tm_create: expect.stringMatching(TIME),
      tm_update: NEVER,
      tm_delete: NEVER,
    });
    expect(messageOf(await open.call("GET", `/v1.0/messages/${message.id}`, { as: open.acme }))).toEqual(
      message,
    );
  });

  it("takes the page's curl: the token in the query", async () => {
    const reply = await open.call("POST", `/v1.0/messages?token=${open.acme.token}`, { body: POSTED });
    expect(reply.status).toBe(200);
  });

  it("takes a missing or empty type for tel, and normalises numbers", async () => {
    const message = messageOf(
      await post({
        source: { target: " Acme 24 " },
        destinations: [{ target: "+31 (6) 168-189-85" }, { type: "", target: "0031616818985" }],
        text: "x",
      }),
    );
    expect(message.source).toMatchObject({ type: "tel", target: "Acme 24" });
    expect(message.targets.map(({ destination }) => destination)).toMatchObject([
      { type: "tel", target: "+31616818985" },
      { type: "tel", target: "0031616818985" },
    ]);
  });

  it("ignores fields it does not know, at every depth", async () => {
    const source = { ...POSTED.source, unknown: 1 };
    expect((await post({ ...POSTED, source, id: 7, provider_name: "telnyx" })).status).toBe(200);
  });

  it("keeps 1,000 destinations in the order of the request", async () => {
    const destinations = Array.from({ length: 1_000 }, (_, n) => ({
      target: `+3161${String(n).padStart(7, "0")}`,
    }));
    const message = messageOf(await post({ ...POSTED, destinations }));
    expect(message.targets.map(({ destination }) => destination.target)).toEqual(
      destinations.map(({ target }) => target),
    );
  });

  it("counts the parts of a long text", async () => {
    expect(messageOf(await post({ ...POSTED, text: "x".repeat(161) })).targets[0]?.parts).toBe(2);
  });
});

describe("an Idempotency-Key", () => {
  it("gives the first answer again, marked, whether quoted or bare, and sends once", async () => {
    const first = await post(POSTED, { "idempotency-key": "order-1" });
    const second = await post(POSTED, { "idempotency-key": '"order-1"' });
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(second.text).toBe(first.text);
    expect(second.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const listed = (await open.call("GET", "/v1.0/messages?page_size=100", { as: open.acme }))
      .json as PageBody;
    expect(listed.result.filter(({ id }) => id === messageOf(first).id)).toHaveLength(1);
  });

  it("is of one customer alone", async () => {
    const mine = messageOf(await post(POSTED, { "idempotency-key": "shared" }));
    const headers = { "idempotency-key": "shared" };
    const theirs = await open.call("POST", "/v1.0/messages", { as: open.rival, body: POSTED, headers });
    expect(theirs.headers.get("idempotency-replayed")).toBeNull();
    expect(messageOf(theirs).id).not.toBe(mine.id);
  });

  it("refuses another body with 422", async () => {
    await post(POSTED, { "idempotency-key": "order-2" });
    const other = await post({ ...POSTED, text: "another" }, { "idempotency-key": "order-2" });
    expect(other.status).toBe(422);
    expect(other.json).toMatchObject({
      error: { status: "INVALID_ARGUMENT", reason: "IDEMPOTENCY_KEY_REUSED" },
    });
  });

  it("stays free after a request that was refused", async () => {
    expect((await post({ ...POSTED, destinations: [] }, { "idempotency-key": "order-3" })).status).toBe(400);
    expect((await post(POSTED, { "idempotency-key": "order-3" })).status).toBe(200);
  });

  it("gives one answer to requests at the same time: 409 or the same", async () => {
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => post(POSTED, { "idempotency-key": "order-4" })),
    );
    const good = replies.filter(({ status }) => status === 200);
    expect(good.length).toBeGreaterThan(0);
    expect(new Set(good.map(({ text }) => text)).size).toBe(1);
    for (const { status, json } of replies.filter((reply) => !good.includes(reply))) {
      expect(status).toBe(409);
      expect(json).toMatchObject({
        error: { status: "FAILED_PRECONDITION", reason: "IDEMPOTENCY_KEY_IN_USE" },
      });
    }
  });
});

describe("DELETE /v1.0/messages/{id}", () => {
  it("answers the whole message with tm_update = tm_delete, twice the same, and hides it", async () => {
    const { id } = messageOf(await post(POSTED));
    const first = await open.call("DELETE", `/v1.0/messages/${id}`, { as: open.acme });
    const deleted = messageOf(first);
    expect(deleted.tm_delete).toMatch(TIME);
    expect(deleted.tm_delete).not.toBe(NEVER);
    expect(deleted.tm_update).toBe(deleted.tm_delete);
    expect(deleted.targets).toHaveLength(1);
    expect((await open.call("DELETE", `/v1.0/messages/${id}`, { as: open.acme })).text).toBe(first.text);
    expect((await open.call("GET", `/v1.0/messages/${id}`, { as: open.acme })).status).toBe(404);
    const page = (await open.call("GET", "/v1.0/messages?page_size=100", { as: open.acme })).json as PageBody;
    expect(page.result.some((message) => message.id === id)).toBe(false);
  });

  it("takes a content type without a body", async () => {
    const { id } = messageOf(await post(POSTED));
    const headers = { "content-type": "application/json" };
    expect((await open.call("DELETE", `/v1.0/messages/${id}`, { as: open.acme, headers })).status).toBe(200);
  });
});

describe("foreign, deleted and unknown ids (P7)", () => {
  it.each(["GET", "DELETE"])("answer %s alike, byte for byte but for the request id", async (method) => {
    const foreign = messageOf(await open.call("POST", "/v1.0/messages", { as: open.rival, body: POSTED })).id;
    const ids = [foreign, foreign.toUpperCase(), MISSING];
    if (method === "GET") {
      const { id } = messageOf(await post(POSTED));
      await open.call("DELETE", `/v1.0/messages/${id}`, { as: open.acme });
      ids.push(id);
    }
    const replies: string[] = [];
    for (const id of ids) {
      const headers = { "x-request-id": "same" };
      const reply = await open.call(method, `/v1.0/messages/${id}`, { as: open.acme, headers });
      expect(reply.status).toBe(404);
      const sent = [...reply.headers].filter(([name]) => name !== "date");
      replies.push(JSON.stringify([sent, reply.text]));
    }
    expect(new Set(replies).size).toBe(1);
    expect(replies[0]).toContain("MESSAGE_NOT_FOUND");
    expect(messageOf(await open.call("GET", `/v1.0/messages/${foreign}`, { as: open.rival })).tm_delete).toBe(
      NEVER,
    );
  });
});
