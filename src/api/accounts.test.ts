import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_PERMISSION } from "../domain/customer.ts";
import { type Caller, type OpenDoor, openDoor, PASSWORD, type Reply } from "./fixtures/open-door.ts";
import { ACCESS_KEYS_PER_CUSTOMER_MAX } from "./limits.ts";

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/;
const NEVER = "9999-01-01 00:00:00.000000";
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;
const MISSING = "00000000-0000-7000-8000-000000000000";

interface Page<Item> {
  readonly result: readonly Item[];
  readonly next_page_token: string;
}

interface Identified {
  readonly id: string;
}

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

async function succeed<Body>(
  as: Caller | undefined,
  method: string,
  path: string,
  body?: unknown,
): Promise<Body> {
  const reply = await open.call(method, path, { ...(as && { as }), ...(body !== undefined && { body }) });
  if (reply.status !== 200) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
  return reply.json as Body;
}

function login(body: unknown): Promise<Reply> {
  return open.call("POST", "/auth/login", { body });
}

describe("POST /auth/login", () => {
  it("answers username and token, and sets the contract's cookie", async () => {
    const reply = await login({ username: "acme", password: PASSWORD });
    expect(reply.status).toBe(200);
    const { token } = reply.json as { readonly token: string };
    expect(reply.json).toEqual({
      username: "acme",
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    const cookie = reply.headers.get("set-cookie") ?? "";
    expect(cookie.split("; ").toSorted()).toEqual(
      [`token=${token}`, "Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=604800"].toSorted(),
    );
    const me = await open.call("GET", "/v1.0/me", { headers: { cookie: `token=${token}` } });
    expect(me.json).toMatchObject({ username: "acme" });
  });

  it.each([
    ["a wrong password", { username: "acme", password: "wrong" }],
    ["an unknown username", { username: "nobody", password: PASSWORD }],
    ["no password", { username: "acme" }],
    ["no username", { password: PASSWORD }],
    ["an empty password", { username: "acme", password: "" }],
    ["a password of another type", { username: "acme", password: 7 }],
    ["a body that is a list", []],
  ])("answers 400 for %s, and sets no cookie", async (_name, body) => {
    const reply = await login(body);
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error: { status: "INVALID_ARGUMENT" } });
    expect(reply.headers.get("set-cookie")).toBeNull();
    expect(reply.text).not.toContain(PASSWORD);
  });

  it("answers a wrong password and an unknown username alike", async () => {
    const errors = await Promise.all([
      login({ username: "acme", password: "x" }),
      login({ username: "nobody", password: "x" }),
    ]);
    const [first, second] = errors.map(({ json }) => (json as { readonly error: object }).error);
    expect({ ...first, request_id: "" }).toEqual({ ...second, request_id: "" });
    expect(first).toMatchObject({ reason: "INVALID_CREDENTIALS" });
  });

  it("slows down who guesses, for that username alone", async () => {
    await open.addCustomer("guessed");
    const statuses: number[] = [];
    for (let n = 0; n < 21; n++)
      statuses.push((await login({ username: "guessed", password: `guess ${n}` })).status);
    expect(statuses.filter((status) => status === 400)).toHaveLength(20);
    const right = await login({ username: "guessed", password: PASSWORD });
    expect(right.status).toBe(429);
    expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await login({ username: "acme", password: PASSWORD })).status).toBe(200);
    open.forwardMs(5_000);
    expect((await login({ username: "guessed", password: PASSWORD })).status).toBe(200);
  });

  it("marks the cookie Secure behind a proxy that speaks TLS, and only one that is trusted", async () => {
    const behind = await openDoor({ trustedProxies: ["127.0.0.1"] });
    const body = { username: "acme", password: PASSWORD };
    const headers = { "x-forwarded-proto": "https" };
    expect((await behind.call("POST", "/auth/login", { body, headers })).headers.get("set-cookie")).toContain(
      "; Secure",
    );
    expect(
      (await open.call("POST", "/auth/login", { body, headers })).headers.get("set-cookie"),
    ).not.toContain("Secure");
    await behind.close();
  });
});

describe("GET /v1.0/me", () => {
  it("answers an agent in VoIPBIN's shape", async () => {
    const { id } = open.acme.customer;
    const me = await succeed<object>(open.acme, "GET", "/v1.0/me");
    expect(me).toMatchObject({
      id,
      customer_id: id,
      username: "acme",
      permission: 32,
      tag_ids: [],
      addresses: [],
      tm_delete: NEVER,
    });
    expect(await succeed(open.admin, "GET", "/v1.0/me")).toMatchObject({
      permission: 65_535,
      permission_ids: [ADMIN_PERMISSION],
    });
  });
});

describe("the customer's own account", () => {
  it("is read and changed; what is left out stays", async () => {
    const caller = await open.addCustomer("own");
    const before = await succeed<Record<string, unknown>>(caller, "GET", "/v1.0/customer");
    expect(before).toEqual({
      id: caller.customer.id,
      username: "own",
      name: "",
      detail: "",
      email: "",
      phone_number: "",
      address: "",
      webhook_method: "",
      webhook_uri: "",
      permission_ids: [],
      opt_out: null,
      retention_days: null,
      retention_content_days: null,
      status: "active",
      tm_create: expect.stringMatching(TIME),
      tm_update: NEVER,
      tm_delete: NEVER,
    });
    const all = {
      name: "N",
      detail: "D",
      email: "e@example.com",
      phone_number: "+1",
      address: "A",
      webhook_method: "PUT",
      webhook_uri: "https://example.com/hook",
    };
    const changed = await succeed<Record<string, unknown>>(caller, "PUT", "/v1.0/customer", {
      ...before,
      ...all,
    });
    expect(changed).toEqual({ ...before, ...all, tm_update: expect.stringMatching(TIME) });
    expect(changed["tm_update"]).not.toBe(NEVER);
    expect(await succeed(caller, "PUT", "/v1.0/customer", { detail: "E" })).toMatchObject({
      ...all,
      detail: "E",
    });
    expect(await succeed(caller, "GET", "/v1.0/customer")).toMatchObject({ ...all, detail: "E" });
  });

  it("cannot give itself permissions or another name to log in with", async () => {
    await succeed(open.rival, "PUT", "/v1.0/customer", {
      permission_ids: [ADMIN_PERMISSION],
      username: "admin",
      id: MISSING,
    });
    expect(await succeed(open.rival, "GET", "/v1.0/customer")).toMatchObject({
      username: "rival",
      permission_ids: [],
    });
    expect((await open.call("GET", "/v1.0/customers", { as: open.rival })).status).toBe(403);
  });

  it("keeps its webhook in the primary endpoint, switched off while there is no address", async () => {
    const caller = await open.addCustomer("hooked");
    const primary = async () => (await open.store.listEndpoints(caller.customer.id))[0];
    expect(await primary()).toMatchObject({ isPrimary: true, uri: "", disabledReason: expect.any(String) });
    await succeed(caller, "PUT", "/v1.0/customer", { webhook_uri: "https://example.com/hook" });
    expect(await primary()).toMatchObject({
      uri: "https://example.com/hook",
      method: "POST",
      disabledReason: null,
    });
    await succeed(caller, "PUT", "/v1.0/customer", { webhook_method: "" });
    expect(await primary()).toMatchObject({
      uri: "https://example.com/hook",
      method: "",
      disabledReason: expect.any(String),
    });
    await succeed(caller, "PUT", "/v1.0/customer", { webhook_uri: "", webhook_method: "DELETE" });
    expect(await primary()).toMatchObject({ uri: "", method: "DELETE", disabledReason: expect.any(String) });
  });

  it.each([
    ["webhook_uri", { webhook_uri: "ftp://example.com" }],
    ["webhook_uri", { webhook_uri: "x".repeat(2_049) }],
    ["webhook_method", { webhook_method: "PATCH" }],
    ["name", { name: 7 }],
    ["name", { name: "x".repeat(256) }],
  ])("refuses a wrong %s and changes nothing", async (field, change) => {
    const before = (await open.call("GET", "/v1.0/customer", { as: open.acme })).text;
    const reply = await open.call("PUT", "/v1.0/customer", {
      as: open.acme,
      body: { detail: "changed", ...change },
    });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error: { reason: "INVALID_ARGUMENT", details: [{ field }] } });
    expect((await open.call("GET", "/v1.0/customer", { as: open.acme })).text).toBe(before);
  });

  it("rotates its webhook secret: shown once, sealed in the store, the one before it signs on for a day", async () => {
    const caller = await open.addCustomer("rotating");
    const rotate = () =>
      succeed<{ readonly webhook_secret: string; readonly tm_retire: string }>(
        caller,
        "POST",
        "/v1.0/customer/webhook_secret",
      );
    const [first, second] = [await rotate(), await rotate()];
    expect(first.webhook_secret).toMatch(SECRET);
    expect(second.tm_retire).toMatch(TIME);
    const [endpoint] = await open.store.listEndpoints(caller.customer.id);
    expect(endpoint?.sealedSecrets.map((sealed) => open.secretBox.open(sealed))).toEqual([
      second.webhook_secret,
      first.webhook_secret,
    ]);
    expect((endpoint?.tmSecretRetire ?? 0) - (endpoint?.tmUpdate ?? 0)).toBe(24 * 3_600_000_000);
    expect((await open.call("GET", "/v1.0/customer", { as: caller })).text).not.toContain("whsec_");
  });

  it("loses neither change when name and password change at once", async () => {
    const caller = await open.addCustomer("racing");
    const changes = Array.from({ length: 5 }, (_, n) =>
      open.call("PUT", "/v1.0/customer", { as: caller, body: { name: `n${n}` } }),
    );
    const body = { old: PASSWORD, new: "raced" };
    const replies = await Promise.all([
      ...changes,
      open.call("PUT", "/v1.0/customer/password", { as: caller, body }),
    ]);
    expect(replies.at(-1)?.status).toBe(200);
    const login = await open.call("POST", "/auth/login", { body: { username: "racing", password: "raced" } });
    expect(login.status).toBe(200);
  });
});

describe("access keys", () => {
  interface Key extends Identified {
    readonly token?: string;
    readonly tm_expire: string;
  }

  it("are made, listed, read, renamed and withdrawn; the key itself is shown once", async () => {
    const caller = await open.addCustomer("keys");
    const made = await succeed<Key>(caller, "POST", "/v1.0/accesskeys", {
      name: "ci",
      detail: "d",
      expire: 3_600,
    });
    expect(made).toEqual({
      id: expect.any(String),
      customer_id: caller.customer.id,
      name: "ci",
      detail: "d",
      token: expect.stringMatching(/^vb_[A-Za-z0-9]{32}$/),
      token_prefix: made.token?.slice(0, 11),
      tm_expire: expect.stringMatching(TIME),
      tm_create: expect.stringMatching(TIME),
      tm_update: NEVER,
      tm_delete: NEVER,
    });
    const { token: _token, ...shown } = made;
    const path = `/v1.0/accesskeys/${made.id}`;
    expect(await succeed(caller, "GET", path)).toEqual(shown);
    expect((await succeed<Page<Key>>(caller, "GET", "/v1.0/accesskeys")).result).toEqual([shown]);
    expect(await succeed(caller, "PUT", path, { name: "cd" })).toMatchObject({
      name: "cd",
      detail: "d",
      tm_update: expect.stringMatching(/^2/),
    });
    const deleted = await succeed<object>(caller, "DELETE", path);
    expect(deleted).toMatchObject({ id: made.id, tm_delete: expect.stringMatching(/^2/) });
    expect(await succeed(caller, "DELETE", path)).toEqual(deleted);
    expect((await open.call("GET", path, { as: caller })).status).toBe(404);
    expect((await open.call("PUT", path, { as: caller, body: {} })).status).toBe(404);
    expect((await succeed<Page<Key>>(caller, "GET", "/v1.0/accesskeys")).result).toEqual([]);
  });

  it("do not expire unless they are told to", async () => {
    expect((await succeed<Key>(open.acme, "POST", "/v1.0/accesskeys", {})).tm_expire).toBe(NEVER);
    expect((await succeed<Key>(open.acme, "POST", "/v1.0/accesskeys", { expire: 0 })).tm_expire).toBe(NEVER);
  });

  it.each([-1, 1.5, "60", null, 3_155_760_001])("refuse to expire in %j", async (expire) => {
    const reply = await open.call("POST", "/v1.0/accesskeys", { as: open.acme, body: { expire } });
    expect(reply.json).toMatchObject({
      error: { reason: "INVALID_ARGUMENT", details: [{ field: "expire" }] },
    });
  });

  it("of others are as if they were not there (P7)", async () => {
    const foreign = await succeed<Key>(open.rival, "POST", "/v1.0/accesskeys", {});
    for (const [method, body] of [["GET"], ["DELETE"], ["PUT", {}]] as const) {
      const texts: string[] = [];
      for (const id of [foreign.id, MISSING]) {
        const headers = { "x-request-id": "same" };
        const reply = await open.call(method, `/v1.0/accesskeys/${id}`, {
          as: open.acme,
          headers,
          ...(body && { body }),
        });
        expect(reply.status).toBe(404);
        texts.push(reply.text);
      }
      expect(texts[0]).toBe(texts[1]);
      expect(texts[0]).toContain("RESOURCE_NOT_FOUND");
    }
  });

  it("are listed page by page, and are as many as the limit and not one more", async () => {
    const caller = await open.addCustomer("many");
    const { customer } = caller;
    const first = await succeed<Key>(caller, "POST", "/v1.0/accesskeys", {});
    const record = await open.store.getAccessKey(customer.id, first.id as never);
    if (record === null) throw new Error("the key is gone");
    await Promise.all(
      Array.from({ length: ACCESS_KEYS_PER_CUSTOMER_MAX - 2 }, (_, n) =>
        open.store.putAccessKey({
          ...record,
          id: `00000000-0000-7000-8000-${String(n).padStart(12, "0")}` as never,
          tokenHash: `${n}`,
        }),
      ),
    );
    expect((await open.call("POST", "/v1.0/accesskeys", { as: caller, body: {} })).status).toBe(200);
    const over = await open.call("POST", "/v1.0/accesskeys", { as: caller, body: {} });
    expect(over.status).toBe(409);
    expect(over.json).toMatchObject({ error: { status: "FAILED_PRECONDITION", reason: "LIMIT_REACHED" } });

    const seen = new Set<string>();
    let token = "";
    do {
      const page = await succeed<Page<Key>>(
        caller,
        "GET",
        `/v1.0/accesskeys?page_size=100&page_token=${encodeURIComponent(token)}`,
      );
      for (const { id } of page.result) seen.add(id);
      token = page.next_page_token;
    } while (token !== "");
    expect(seen.size).toBe(ACCESS_KEYS_PER_CUSTOMER_MAX);
  });
});

describe("customers, for administrators", () => {
  it("are nobody else's business", async () => {
    const path = `/v1.0/customers/${open.acme.customer.id}`;
    for (const [method, where, body] of [
      ["GET", "/v1.0/customers"],
      ["POST", "/v1.0/customers", { username: "x", password: "x" }],
      ["GET", path],
      ["PUT", path, {}],
      ["PUT", `${path}/password`, { password: "x" }],
      ["DELETE", path],
      ["GET", "/v1.0/carriers"],
      ["POST", "/v1.0/carriers", { name: "x", url: "smpp://x" }],
      ["PUT", "/v1.0/carriers/x", { url: "smpp://x" }],
      ["DELETE", "/v1.0/carriers/x"],
    ] as const) {
      const reply = await open.call(method, where, { as: open.acme, ...(body && { body }) });
      expect(reply.status).toBe(403);
    }
  });

  it("are added with the secret of their webhooks, shown once, and can log in", async () => {
    const body = {
      username: "new",
      password: "secret-word",
      name: "New",
      webhook_uri: "https://example.com/hook",
    };
    const made = await succeed<Identified & { readonly webhook_secret: string }>(
      open.admin,
      "POST",
      "/v1.0/customers",
      body,
    );
    expect(made).toMatchObject({
      username: "new",
      name: "New",
      webhook_method: "POST",
      webhook_uri: body.webhook_uri,
      permission_ids: [],
      webhook_secret: expect.stringMatching(SECRET),
    });
    expect(JSON.stringify(made)).not.toContain("secret-word");
    const { webhook_secret: _secret, ...shown } = made;
    expect(await succeed(open.admin, "GET", `/v1.0/customers/${made.id}`)).toEqual(shown);
    expect((await succeed<Page<Identified>>(open.admin, "GET", "/v1.0/customers")).result[0]).toEqual(shown);
    const login = await open.call("POST", "/auth/login", {
      body: { username: "new", password: "secret-word" },
    });
    expect(login.status).toBe(200);
    const [endpoint] = await open.store.listEndpoints(made.id as never);
    expect(endpoint?.sealedSecrets.map((sealed) => open.secretBox.open(sealed))).toEqual([
      made.webhook_secret,
    ]);
  });

  it("do not share a username, until the one who had it is deleted", async () => {
    const body = { username: "twice", password: "x" };
    const first = await succeed<Identified>(open.admin, "POST", "/v1.0/customers", body);
    const second = await open.call("POST", "/v1.0/customers", { as: open.admin, body });
    expect(second.status).toBe(409);
    expect(second.json).toMatchObject({
      error: {
        status: "ALREADY_EXISTS",
        reason: "RESOURCE_ALREADY_EXISTS",
        details: [{ field: "username" }],
      },
    });
    const deleted = await succeed<object>(open.admin, "DELETE", `/v1.0/customers/${first.id}`);
    expect(deleted).toMatchObject({ status: "deleted", tm_delete: expect.stringMatching(/^2/) });
    expect(await succeed(open.admin, "DELETE", `/v1.0/customers/${first.id}`)).toEqual(deleted);
    expect((await open.call("GET", `/v1.0/customers/${first.id}`, { as: open.admin })).status).toBe(404);
    expect((await open.call("POST", "/v1.0/customers", { as: open.admin, body })).status).toBe(200);
  });

  it.each([
    ["username", { password: "x" }],
    ["username", { username: "", password: "x" }],
    ["username", { username: "a b", password: "x" }],
    ["username", { username: "x".repeat(101), password: "x" }],
    ["password", { username: "x" }],
    ["password", { username: "x", password: "" }],
    ["password", { username: "x", password: "x".repeat(1_025) }],
    ["webhook_uri", { username: "x", password: "x", webhook_uri: "file:///etc/passwd" }],
    ["permission_ids", { username: "x", password: "x", permission_ids: ADMIN_PERMISSION }],
    ["permission_ids[0]", { username: "x", password: "x", permission_ids: [1] }],
  ])("are refused with a wrong %s", async (field, body) => {
    const reply = await open.call("POST", "/v1.0/customers", { as: open.admin, body });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error: { reason: "INVALID_ARGUMENT", details: [{ field }] } });
    expect(await open.store.findCustomer("x")).toBeNull();
  });

  it("are changed and made administrators, but nobody locks himself out", async () => {
    const other = await open.addCustomer("promoted");
    const path = `/v1.0/customers/${other.customer.id}`;
    expect((await open.call("GET", "/v1.0/customers", { as: other })).status).toBe(403);
    const changed = await succeed<object>(open.admin, "PUT", path, {
      name: "P",
      permission_ids: [ADMIN_PERMISSION],
    });
    expect(changed).toMatchObject({ name: "P", permission_ids: [ADMIN_PERMISSION] });
    expect((await open.call("GET", "/v1.0/customers", { as: other })).status).toBe(200);
    expect((await open.call("PUT", path, { as: other, body: { permission_ids: [] } })).status).toBe(409);
    expect((await open.call("DELETE", path, { as: other })).status).toBe(409);
    expect((await open.call("PUT", `/v1.0/customers/${MISSING}`, { as: open.admin, body: {} })).status).toBe(
      404,
    );
    expect((await open.call("DELETE", `/v1.0/customers/${MISSING}`, { as: open.admin })).status).toBe(404);
  });
});

describe("carriers, for administrators", () => {
  it("are added, listed with health and queue, and removed by name or id", async () => {
    const body = { name: "north", url: "smpp://id:secret@host:2775" };
    const added = await succeed<Identified>(open.admin, "POST", "/v1.0/carriers", body);
    expect(added).toMatchObject({
      name: "north",
      kind: "smpp",
      health: { state: "up", window_used: 2, window_size: 10 },
      queue: { waiting: 0, in_flight: 0, held: 0, tm_oldest_due: NEVER },
    });
    expect(JSON.stringify(added)).not.toContain("secret");
    const again = await open.call("POST", "/v1.0/carriers", { as: open.admin, body });
    expect(again.json).toMatchObject({ error: { status: "ALREADY_EXISTS", details: [{ field: "name" }] } });
    expect(await succeed(open.admin, "GET", "/v1.0/carriers")).toEqual({
      result: [added],
      next_page_token: "",
    });
    expect(await succeed(open.admin, "DELETE", `/v1.0/carriers/${added.id}`)).toEqual(added);
    expect((await open.call("DELETE", "/v1.0/carriers/north", { as: open.admin })).status).toBe(404);
  });

  it("are refused with the reason when the URL cannot be right", async () => {
    const body = { name: "wrong", url: "http://host" };
    const reply = await open.call("POST", "/v1.0/carriers", { as: open.admin, body });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({
      error: { message: "url must begin with smpp://", details: [{ field: "url" }] },
    });
    const name = await open.call("POST", "/v1.0/carriers", {
      as: open.admin,
      body: { ...body, name: "Not Kebab" },
    });
    expect(name.json).toMatchObject({ error: { details: [{ field: "name" }] } });
  });

  it("take a URL with a chain of certificates, up to 32,768 characters and not one more", async () => {
    const longest = { name: "long", url: "smpp://id@host?ca=".padEnd(32_768, "x") };
    await succeed(open.admin, "POST", "/v1.0/carriers", longest);
    await succeed(open.admin, "PUT", "/v1.0/carriers/long", longest);
    for (const [method, path] of [
      ["POST", "/v1.0/carriers"],
      ["PUT", "/v1.0/carriers/long"],
    ] as const) {
      const body = { name: "long", url: `${longest.url}x` };
      const reply = await open.call(method, path, { as: open.admin, body });
      expect(reply.json).toMatchObject({
        error: { message: "url must have at most 32768 characters", details: [{ field: "url" }] },
      });
    }
    await succeed(open.admin, "DELETE", "/v1.0/carriers/long");
  });

  it("are changed by name or id; what is left out stays", async () => {
    const put = (path: string, body: object) =>
      open.call("PUT", `/v1.0/carriers/${path}`, { as: open.admin, body });
    const body = { name: "changing", url: "smpp://id:secret@host:2775" };
    const added = await succeed<Identified>(open.admin, "POST", "/v1.0/carriers", body);
    const moved = await put("changing", { url: "smpp://id:hush@host:2776" });
    expect(moved).toMatchObject({ status: 200, json: { ...added, tm_update: expect.stringMatching(TIME) } });
    const renamed = await put(added.id, { name: "changed" });
    expect(renamed).toMatchObject({ status: 200, json: { id: added.id, name: "changed" } });
    await succeed(open.admin, "POST", "/v1.0/carriers", body);
    await succeed(open.admin, "POST", "/v1.0/carriers", { ...body, name: "simulator" });
    const refusals: readonly [string, object, number, object][] = [
      [
        "changing",
        { url: "http://x" },
        400,
        { message: "url must begin with smpp://", details: [{ field: "url" }] },
      ],
      ["changing", { name: "Not Kebab" }, 400, { details: [{ field: "name" }] }],
      ["changing", {}, 400, { message: "name or url must say what is to change" }],
      ["changing", { uri: body.url }, 400, { details: [{ field: "url" }] }],
      [
        "changing",
        { name: "changed" },
        409,
        { reason: "RESOURCE_ALREADY_EXISTS", details: [{ field: "name" }] },
      ],
      [
        "simulator",
        { url: body.url },
        409,
        { reason: "RESOURCE_IN_USE", message: expect.stringContaining("own") },
      ],
      ["gone", { url: body.url }, 404, { reason: "RESOURCE_NOT_FOUND" }],
    ];
    for (const [name, change, status, error] of refusals)
      expect(await put(name, change)).toMatchObject({ status, json: { error } });
    for (const name of ["changed", "changing", "simulator"])
      await succeed(open.admin, "DELETE", `/v1.0/carriers/${name}`);
  });

  it("stay while targets wait for them, unless forced", async () => {
    await succeed(open.admin, "POST", "/v1.0/carriers", { name: "busy", url: "smpp://host" });
    const remove = (query: string) => open.call("DELETE", `/v1.0/carriers/busy${query}`, { as: open.admin });
    expect((await remove("")).json).toMatchObject({
      error: {
        status: "FAILED_PRECONDITION",
        reason: "RESOURCE_IN_USE",
        message: expect.stringMatching(
          /^this carrier still has targets: 3 waiting, 1 in flight, 0 held.*\?force=true \(--force/,
        ),
      },
    });
    expect((await remove("?force=yes")).json).toMatchObject({
      error: { reason: "INVALID_REQUEST_PARAMETER", details: [{ field: "force" }] },
    });
    expect((await remove("?force=true")).json).toMatchObject({ queue: { waiting: 3, in_flight: 1 } });
  });
});
