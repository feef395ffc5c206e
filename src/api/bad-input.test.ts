import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Call, JWT_KEY, type OpenDoor, openDoor, type Reply } from "./fixtures/open-door.ts";
import { BODY_MAX_BYTES, HEADERS_MAX_BYTES, PATH_SEGMENT_MAX_CHARACTERS } from "./limits.ts";

const REQUEST_ID = /^req_[A-Z0-9]+$/;

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

/** What every error must be: the envelope and the fixed headers, and nothing stored. */
async function expectRefusal(
  reply: Reply,
  http: number,
  status: string,
  reason: string,
  field?: string,
): Promise<void> {
  const details = field === undefined ? [] : [field];
  expect(reply.json).toEqual({
    error: {
      status,
      reason,
      message: expect.stringMatching(/^.{10,}/),
      request_id: expect.stringMatching(REQUEST_ID),
      details: details.map((detail) => ({ field: detail, message: expect.stringContaining(" ") })),
    },
  });
  expect(reply.status).toBe(http);
  expect(reply.headers.get("x-request-id")).toMatch(REQUEST_ID);
  expect(reply.headers.get("cache-control")).toBe("no-store");
  expect(reply.headers.get("referrer-policy")).toBe("no-referrer");
  expect(reply.text).not.toContain(open.acme.token);
  expect(
    await open.store.listMessages({
      customerId: open.acme.customer.id,
      before: null,
      limit: 1,
      targetLimit: 1,
    }),
  ).toEqual([]);
}

function post(call: Call): Promise<Reply> {
  return open.call("POST", "/v1.0/messages", { as: open.acme, ...call });
}

const GOOD = { source: { target: "+821028286521" }, destinations: [{ target: "+31616818985" }], text: "x" };
const JSON_TYPE = { "content-type": "application/json" };

describe("a body that is not the JSON object expected", () => {
  it.each([
    ["cut short", '{"source":'],
    ["bare words", "{text: hello}"],
    ["two values", "{}{}"],
    ["no UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["empty", ""],
    ["an array", "[]"],
    ["a string", '"x"'],
    ["null", "null"],
    ["a megabyte of nesting", "[".repeat(BODY_MAX_BYTES - 1)],
  ])("%s", async (_name, rawBody) => {
    await expectRefusal(
      await post({ rawBody, headers: JSON_TYPE }),
      400,
      "INVALID_ARGUMENT",
      "INVALID_JSON_BODY",
    );
  });

  it("no body at all", async () => {
    await expectRefusal(await post({}), 400, "INVALID_ARGUMENT", "INVALID_JSON_BODY");
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "x",
  ])("of type %s", async (type) => {
    const reply = await post({ rawBody: JSON.stringify(GOOD), headers: { "content-type": type } });
    await expectRefusal(reply, 415, "INVALID_ARGUMENT", "UNSUPPORTED_MEDIA_TYPE", "Content-Type");
  });

  it("compressed", async () => {
    const reply = await post({ rawBody: "x", headers: { ...JSON_TYPE, "content-encoding": "gzip" } });
    await expectRefusal(reply, 415, "INVALID_ARGUMENT", "UNSUPPORTED_MEDIA_TYPE", "Content-Encoding");
  });
});

describe("a wrong field", () => {
  const destinations = Array.from({ length: 5 }, () => ({ target: "+31616818985" }));
  const at3 = (wrong: unknown) => destinations.map((one, index) => (index === 3 ? wrong : one));

  it.each([
    ["source", { ...GOOD, source: undefined }, "source"],
    ["source as text", { ...GOOD, source: "+821028286521" }, "source"],
    ["source null", { ...GOOD, source: null }, "source"],
    ["source.target a number", { ...GOOD, source: { target: 821028286521 } }, "source.target"],
    ["source.target missing", { ...GOOD, source: {} }, "source.target"],
    ["source.type too long", { ...GOOD, source: { type: "x".repeat(65), target: "Shop" } }, "source.type"],
    ["source.name a list", { ...GOOD, source: { target: "1234", name: [] } }, "source.name"],
    ["destinations missing", { ...GOOD, destinations: undefined }, "destinations"],
    ["destinations null", { ...GOOD, destinations: null }, "destinations"],
    ["destinations one object", { ...GOOD, destinations: { target: "+31616818985" } }, "destinations"],
    ["no destination", { ...GOOD, destinations: [] }, "destinations"],
    [
      "1,001 destinations",
      { ...GOOD, destinations: Array.from({ length: 1_001 }, () => destinations[0]) },
      "destinations",
    ],
    ["a destination as text", { ...GOOD, destinations: at3("+31616818985") }, "destinations[3]"],
    ["a destination null", { ...GOOD, destinations: at3(null) }, "destinations[3]"],
    [
      "a destination's target a number",
      { ...GOOD, destinations: at3({ target: 31616818985 }) },
      "destinations[3].target",
    ],
    ["a destination without a target", { ...GOOD, destinations: at3({}) }, "destinations[3].target"],
    [
      "a destination that is a name",
      { ...GOOD, destinations: at3({ target: "Acme" }) },
      "destinations[3].target",
    ],
    [
      "a destination with a letter",
      { ...GOOD, destinations: at3({ target: "+3161681898O" }) },
      "destinations[3].target",
    ],
    ["a destination too short", { ...GOOD, destinations: at3({ target: "+31" }) }, "destinations[3].target"],
    [
      "a destination too long",
      { ...GOOD, destinations: at3({ target: "+3161681898512345" }) },
      "destinations[3].target",
    ],
    [
      "a destination of another type",
      { ...GOOD, destinations: at3({ type: "sip", target: "a@b" }) },
      "destinations[3].type",
    ],
    [
      "a destination's type a number",
      { ...GOOD, destinations: at3({ type: 1, target: "+31616818985" }) },
      "destinations[3].type",
    ],
    ["text a number", { ...GOOD, text: 7 }, "text"],
    ["text null", { ...GOOD, text: null }, "text"],
    ["text missing", { ...GOOD, text: undefined }, "text"],
    ["text empty", { ...GOOD, text: "" }, "text"],
    ["text of eleven parts", { ...GOOD, text: "x".repeat(153 * 10 + 1) }, "text"],
    ["text with U+0000", { ...GOOD, text: "a\u0000b" }, "text"],
    ["text with half a surrogate pair", { ...GOOD, text: "a\ud83d" }, "text"],
  ])("%s", async (_name, body, field) => {
    const reply = await post({ body });
    await expectRefusal(reply, 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", field);
    expect(reply.text).not.toContain("316168");
  });

  it("says what the field must be", async () => {
    const reply = await post({ body: { ...GOOD, destinations: at3({ target: 1 }) } });
    expect(reply.json).toMatchObject({ error: { message: "destinations[3].target must be a string" } });
  });

  it("names the limit on destinations and the count of parts", async () => {
    const many = await post({
      body: { ...GOOD, destinations: Array.from({ length: 1_001 }, () => destinations[0]) },
    });
    expect(many.text).toMatch(/1,?000/);
    const long = await post({ body: { ...GOOD, text: "x".repeat(153 * 10 + 1) } });
    expect(long.text).toMatch(/11\b.*\b10\b|\b10\b.*11\b/);
  });

  it("an idempotency key of no known form", async () => {
    const reply = await post({ body: GOOD, headers: { "idempotency-key": "a b" } });
    await expectRefusal(reply, 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Idempotency-Key");
  });
});

function padded(bytes: number): string {
  const body = JSON.stringify({ ...GOOD, unknown: "" });
  return body.replace('"unknown":""', `"unknown":"${"x".repeat(bytes - body.length)}"`);
}

describe("a body over the limit", () => {
  it.each(["as Content-Length says", "in chunks"])("is refused %s", async (way) => {
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: Number(new URL(open.url).port) });
      let answer = "";
      socket.setEncoding("utf8").on("data", (chunk) => (answer += chunk));
      socket.on("error", reject).on("close", () => resolve(answer));
      const length =
        way === "in chunks" ? "Transfer-Encoding: chunked" : `Content-Length: ${BODY_MAX_BYTES + 1}`;
      socket.write(
        `POST /v1.0/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.acme.token}\r\nContent-Type: application/json\r\n${length}\r\n\r\n`,
      );
      const body = padded(BODY_MAX_BYTES + 1);
      socket.write(way === "in chunks" ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body);
    });
    expect(status).toContain("HTTP/1.1 413 ");
    expect(status).toContain('"reason":"BODY_TOO_LARGE"');
    expect(status).toContain("1,048,576");
  });

  it("at the limit is not", async () => {
    const caller = await open.addCustomer("at-the-limit");
    const rawBody = padded(BODY_MAX_BYTES);
    expect(rawBody).toHaveLength(BODY_MAX_BYTES);
    const reply = await open.call("POST", "/v1.0/messages", { as: caller, rawBody, headers: JSON_TYPE });
    expect(reply.status).toBe(200);
  });
});

describe("headers over the limit", () => {
  it("are answered with 431 in the envelope", async () => {
    const reply = await open.call("GET", "/v1.0/messages", {
      as: open.acme,
      headers: { "x-filler": "x".repeat(HEADERS_MAX_BYTES) },
    });
    await expectRefusal(reply, 431, "INVALID_ARGUMENT", "HEADERS_TOO_LARGE");
    expect(reply.headers.get("connection")).toBe("close");
  });

  it("count the request line", async () => {
    const reply = await open.call("GET", `/v1.0/messages?filler=${"x".repeat(HEADERS_MAX_BYTES)}`, {
      as: open.acme,
    });
    await expectRefusal(reply, 431, "INVALID_ARGUMENT", "HEADERS_TOO_LARGE");
  });
});

describe("bytes that are no HTTP", () => {
  it.each([
    "NONSENSE\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET /v1.0/messages HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
  ])("%j are answered in the envelope, or closed", async (bytes) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: Number(new URL(open.url).port) });
      let received = "";
      socket.setEncoding("utf8").on("data", (chunk) => (received += chunk));
      socket.on("error", reject).on("close", () => resolve(received));
      socket.end(bytes);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toContain('"error":{"status":"');
  });
});

describe("an id in the path", () => {
  it.each([
    "x",
    "123",
    "00000000-0000-7000-8000-00000000000",
    "%00",
    "'%20OR%201=1--",
    "x".repeat(PATH_SEGMENT_MAX_CHARACTERS),
  ])("%s is no id", async (id) => {
    for (const path of ["messages", "accesskeys"]) {
      for (const method of ["GET", "DELETE"]) {
        const reply = await open.call(method, `/v1.0/${path}/${id}`, { as: open.acme });
        await expectRefusal(reply, 400, "INVALID_ARGUMENT", "INVALID_ID", "id");
      }
    }
  });

  it("that is not valid percent-encoding is refused", async () => {
    const reply = await open.call("GET", "/v1.0/messages/%zz", { as: open.acme });
    await expectRefusal(reply, 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT");
  });

  it("too long for any path is one where nothing is", async () => {
    const reply = await open.call("GET", `/v1.0/messages/${"x".repeat(PATH_SEGMENT_MAX_CHARACTERS + 1)}`, {
      as: open.acme,
    });
    expect([400, 404]).toContain(reply.status);
    expect(reply.json).toHaveProperty("error.request_id");
  });
});

describe("a query parameter", () => {
  it.each([
    ["/v1.0/optouts?sender=%00", "sender"],
    ["/v1.0/optouts?handset=a%00b", "handset"],
    ["/v1.0/messages?text=a%00b", "text"],
    ["/v1.0/messages?source=%00", "source"],
  ])("with U+0000 is refused: GET %s", async (path, field) => {
    const reply = await open.call("GET", path, { as: open.acme });
    await expectRefusal(reply, 400, "INVALID_ARGUMENT", "INVALID_REQUEST_PARAMETER", field);
  });
});

describe("a path or method that is not served", () => {
  it.each(["/", "/v1.0", "/v1.0/message", "/v2.0/messages", "/v1.0/messages/a/b", "/..%2f..%2fetc/passwd"])(
    "GET %s",
    async (path) => {
      await expectRefusal(await open.call("GET", path), 404, "NOT_FOUND", "ROUTE_NOT_FOUND");
    },
  );

  it.each([
    ["PUT", "/v1.0/messages", "GET, HEAD, POST"],
    ["PATCH", "/v1.0/messages/x", "DELETE, GET, HEAD"],
    ["POST", "/v1.0/me", "GET, HEAD"],
    ["OPTIONS", "/v1.0/messages?token=secret", "GET, HEAD, POST"],
    ["GET", "/auth/login", "POST"],
    ["DELETE", "/healthz", "GET, HEAD"],
    ["PROPFIND", "/v1.0/messages", "GET, HEAD, POST"],
  ])("%s %s", async (method, path, allow) => {
    const reply = await open.call(method, path);
    await expectRefusal(reply, 405, "INVALID_ARGUMENT", "METHOD_NOT_ALLOWED");
    expect(reply.headers.get("allow")).toBe(allow);
    expect(reply.text).not.toContain("secret");
  });
});

const HS256 = { alg: "HS256", typ: "JWT" };

function claims(): object {
  return { customer: JSON.stringify({ id: open.acme.customer.id }), exp: Math.ceil(Date.now() / 1_000) + 60 };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

function sign(header: object, payload: object, key: string): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
}

describe("a token", () => {
  it.each([
    ["expired", () => sign(HS256, { ...claims(), exp: Math.floor(Date.now() / 1_000) - 60 }, JWT_KEY)],
    ["signed with another key", () => sign(HS256, claims(), "another key")],
    ["unsigned (alg none)", () => `${encode({ alg: "none" })}.${encode(claims())}.`],
    ["of alg none with a signature", () => sign({ alg: "none" }, claims(), JWT_KEY)],
    [
      "of an unknown customer",
      () => sign(HS256, { ...claims(), customer: '{"id":"00000000-0000-7000-8000-000000000000"}' }, JWT_KEY),
    ],
    ["that is noise", () => "noise"],
    ["that is an unknown access key", () => `vb_${"x".repeat(32)}`],
  ])("%s is refused", async (_name, make) => {
    const token = make();
    const reply = await open.call("GET", "/v1.0/messages", { headers: { authorization: `Bearer ${token}` } });
    await expectRefusal(reply, 401, "UNAUTHENTICATED", "INVALID_CREDENTIALS");
    expect(reply.headers.get("www-authenticate")).toBe("Bearer");
    expect(reply.text).not.toContain(token);
  });

  it("made by another library with the same key is good", async () => {
    const headers = { authorization: `Bearer ${sign(HS256, claims(), JWT_KEY)}` };
    expect((await open.call("GET", "/v1.0/me", { headers })).status).toBe(200);
  });

  it("missing is told apart from a wrong one", async () => {
    await expectRefusal(
      await open.call("GET", "/v1.0/messages"),
      401,
      "UNAUTHENTICATED",
      "AUTHENTICATION_REQUIRED",
    );
    const body = await open.call("POST", "/v1.0/messages", { body: GOOD });
    await expectRefusal(body, 401, "UNAUTHENTICATED", "AUTHENTICATION_REQUIRED");
  });
});
