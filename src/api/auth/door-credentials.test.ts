import { createSigner } from "fast-jwt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alterStore } from "../fixtures/altered-store.ts";
import { JWT_KEY, openDoor, type OpenDoor, PASSWORD, type Reply } from "../fixtures/open-door.ts";
import { PRINCIPAL_CACHE_MS } from "./principals.ts";

interface KeyBody {
  readonly id: string;
  readonly token: string;
  readonly token_prefix: string;
}

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

async function makeKey(expire = 0): Promise<KeyBody> {
  const reply = await open.call("POST", "/v1.0/accesskeys", { as: open.acme, body: { name: "k", expire } });
  expect(reply.status).toBe(200);
  return reply.json as KeyBody;
}

async function whoIs(query: string, headers: Record<string, string>): Promise<string> {
  const { json, status } = await open.call("GET", `/v1.0/me${query}`, { headers });
  if (status !== 200) return String(status);
  return (json as { readonly username: string }).username;
}

describe("a credential", () => {
  it("travels in every place of the contract, each kind in its own", async () => {
    const { token } = open.acme;
    const key = (await makeKey()).token;
    expect(await whoIs("", { cookie: `token=${token}` })).toBe("acme");
    expect(await whoIs(`?token=${token}`, {})).toBe("acme");
    expect(await whoIs("", { authorization: `Bearer ${token}` })).toBe("acme");
    expect(await whoIs("", { authorization: `bearer ${key}` })).toBe("acme");
    expect(await whoIs("", { cookie: `accesskey=${key}` })).toBe("acme");
    expect(await whoIs(`?accesskey=${key}`, {})).toBe("acme");
    expect(await whoIs("", { cookie: `msgbin_session=${token}` })).toBe("acme");
    expect(await whoIs(`?token=${key}`, {})).toBe("401");
    expect(await whoIs(`?accesskey=${token}`, {})).toBe("401");
  });

  it("that comes first decides, be it wrong", async () => {
    const { acme, rival } = open;
    expect(await whoIs(`?token=${rival.token}`, { cookie: `token=${acme.token}` })).toBe("acme");
    expect(await whoIs(`?token=${rival.token}`, { cookie: "token=wrong" })).toBe("401");
    const stale = { cookie: "token=wrong", authorization: `Bearer ${acme.token}` };
    expect((await open.call("GET", "/v1.0/me", { headers: stale })).text).toContain("leave the cookie out");
    expect(await whoIs(`?token=${acme.token}`, { authorization: `Bearer ${rival.token}` })).toBe("acme");
    expect(await whoIs("?accesskey=wrong", { authorization: `Bearer ${acme.token}` })).toBe("acme");
    expect(await whoIs("?accesskey=wrong", { cookie: `msgbin_session=${acme.token}` })).toBe("401");
    expect(await whoIs("", { cookie: `msgbin_session=${acme.token}; token=${rival.token}` })).toBe("rival");
  });

  it("says who it is: claims about permissions count for nothing", async () => {
    const forged = open.tokens.issue(
      { ...open.acme.customer, permissionIds: open.admin.customer.permissionIds },
      { method: "", uri: "" },
    );
    const reply = await open.call("GET", "/v1.0/customers", {
      headers: { authorization: `Bearer ${forged}` },
    });
    expect(reply.status).toBe(403);
    expect(reply.json).toMatchObject({ error: { status: "PERMISSION_DENIED", reason: "PERMISSION_DENIED" } });
  });
});

describe("an access key", () => {
  it("ends when it is withdrawn, at once", async () => {
    const key = await makeKey();
    const headers = { authorization: `Bearer ${key.token}` };
    expect(await whoIs("", headers)).toBe("acme");
    await open.call("DELETE", `/v1.0/accesskeys/${key.id}`, { as: open.acme });
    expect(await whoIs("", headers)).toBe("401");
  });

  it("ends when it expires, though it is remembered", async () => {
    const key = await makeKey(2);
    const headers = { authorization: `Bearer ${key.token}` };
    expect(await whoIs("", headers)).toBe("acme");
    open.forwardMs(2_000);
    expect(await whoIs("", headers)).toBe("401");
  });
});

describe("a token", () => {
  it("ends when it expires, though it is remembered", async () => {
    const token = open.tokens.issue(open.acme.customer, { method: "", uri: "" }, 1_000);
    const headers = { authorization: `Bearer ${token}` };
    expect(await whoIs("", headers)).toBe("acme");
    open.forwardMs(2_000);
    expect(await whoIs("", headers)).toBe("401");
  });

  it("ends with a change of password, at once; the one in the answer is good, and access keys stay", async () => {
    const caller = await open.addCustomer("changer");
    const bearer = { authorization: `Bearer ${caller.token}` };
    const made = await open.call("POST", "/v1.0/accesskeys", { as: caller, body: {} });
    expect(await whoIs("", bearer)).toBe("changer");
    const body = { old: PASSWORD, new: "another" };
    const reply = await open.call("PUT", "/v1.0/customer/password", { as: caller, body });
    expect(reply.status).toBe(200);
    expect(await whoIs("", bearer)).toBe("401");
    const { token } = reply.json as { readonly token: string };
    expect(await whoIs("", { authorization: `Bearer ${token}` })).toBe("changer");
    expect(await whoIs("", { authorization: `Bearer ${(made.json as KeyBody).token}` })).toBe("changer");
    const login = (password: string) =>
      open.call("POST", "/auth/login", { body: { username: "changer", password } });
    expect((await login(PASSWORD)).status).toBe(400);
    expect((await login("another")).status).toBe(200);
  });

  it("without a time of issue is good until the password changes, then it counts as a week old at its expiry", async () => {
    const { customer, token } = await open.addCustomer("undated");
    const undated = (exp: number) => {
      const claim = { customer: JSON.stringify({ id: customer.id }), exp };
      return { authorization: `Bearer ${createSigner({ key: JWT_KEY, noTimestamp: true })(claim)}` };
    };
    const now = Math.ceil(customer.tmCreate / 1_000_000);
    const week = 7 * 24 * 3_600;
    expect(await whoIs("", undated(now + 3_600))).toBe("undated");
    const body = { old: PASSWORD, new: "x" };
    await open.call("PUT", "/v1.0/customer/password", { as: { customer, token }, body });
    expect(await whoIs("", undated(now + 3_600))).toBe("401");
    expect(await whoIs("", undated(now + week + 60))).toBe("undated");
  });

  it("stays good when the old password was wrong", async () => {
    const body = { old: "wrong", new: "another" };
    const reply = await open.call("PUT", "/v1.0/customer/password", { as: open.rival, body });
    expect(reply.json).toMatchObject({ error: { reason: "INVALID_ARGUMENT", details: [{ field: "old" }] } });
    expect(await whoIs("", { authorization: `Bearer ${open.rival.token}` })).toBe("rival");
  });

  it("ends with an administrator's reset and with the customer, keys and all", async () => {
    const caller = await open.addCustomer("leaver");
    const key = (await open.call("POST", "/v1.0/accesskeys", { as: caller, body: {} })).json as KeyBody;
    const path = `/v1.0/customers/${caller.customer.id}`;
    await open.call("PUT", `${path}/password`, { as: open.admin, body: { password: "reset" } });
    expect(await whoIs("", { authorization: `Bearer ${caller.token}` })).toBe("401");
    const login = await open.call("POST", "/auth/login", { body: { username: "leaver", password: "reset" } });
    const fresh = { authorization: `Bearer ${(login.json as { readonly token: string }).token}` };
    expect(await whoIs("", fresh)).toBe("leaver");
    expect(await whoIs("", { authorization: `Bearer ${key.token}` })).toBe("leaver");
    expect((await open.call("DELETE", path, { as: open.admin })).status).toBe(200);
    expect(await whoIs("", fresh)).toBe("401");
    expect(await whoIs("", { authorization: `Bearer ${key.token}` })).toBe("401");
    expect(
      (await open.call("POST", "/auth/login", { body: { username: "leaver", password: "reset" } })).status,
    ).toBe(400);
  });

  it("ends within five seconds when another process changed the customer and the news of it was lost", async () => {
    const deaf = await openDoor({
      changeStore: (store) => alterStore(store, { onWake: () => () => undefined }),
    });
    const headers = { authorization: `Bearer ${deaf.acme.token}` };
    const ask = async () => (await deaf.call("GET", "/v1.0/me", { headers })).status;
    expect(await ask()).toBe(200);
    const now = deaf.acme.customer.tmCreate;
    await deaf.store.putCustomer({ ...deaf.acme.customer, tmDelete: now });
    deaf.forwardMs(PRINCIPAL_CACHE_MS);
    expect(await ask()).toBe(401);
    await deaf.close();
  });
});

function change(headers: Record<string, string>): Promise<Reply> {
  return open.call("PUT", "/v1.0/customer", { body: { detail: "d" }, headers });
}

describe("a change on the word of a cookie", () => {
  it.each(["token", "msgbin_session"])("needs to come from our own page (%s)", async (name) => {
    const cookie = `${name}=${open.acme.token}`;
    expect((await change({ cookie })).status).toBe(403);
    expect((await change({ cookie, "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await change({ cookie, origin: "https://evil.example" })).status).toBe(403);
    expect((await change({ cookie, "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await change({ cookie, origin: open.url })).status).toBe(200);
    expect((await open.call("GET", "/v1.0/me", { headers: { cookie } })).status).toBe(200);
  });

  it("needs it whether or not the cookie was seen lately, and says what to do instead", async () => {
    const caller = await open.addCustomer("cold");
    const reply = await change({ cookie: `token=${caller.token}` });
    expect(reply.status).toBe(403);
    expect(reply.text).toContain("Authorization");
  });

  it("is none when the request names the same token: clients that keep the cookie of their login", async () => {
    const login = await open.call("POST", "/auth/login", { body: { username: "acme", password: PASSWORD } });
    const { token } = login.json as { readonly token: string };
    const [cookie = ""] = (login.headers.get("set-cookie") ?? "").split(";");
    expect(cookie).toBe(`token=${token}`);
    const body = { source: { target: "Shop" }, destinations: [{ target: "+31616818985" }], text: "hello" };
    const send = (query: string, headers: Record<string, string>) =>
      open.call("POST", `/v1.0/messages${query}`, { body, headers });
    expect((await send(`?token=${token}`, { cookie })).status).toBe(200);
    const sent = await send("", { cookie, authorization: `Bearer ${token}` });
    expect(sent.status).toBe(200);
    const path = `/v1.0/messages/${(sent.json as { readonly id: string }).id}`;
    expect((await open.call("DELETE", `${path}?token=${token}`, { headers: { cookie } })).status).toBe(200);
    expect((await send("", { cookie })).status).toBe(403);
  });

  it("is one when the request names another: the cookie decides, and a page may name a token of its own", async () => {
    const { acme, rival } = open;
    const cookie = `token=${acme.token}`;
    for (const headers of [{ cookie, authorization: `Bearer ${rival.token}` }, { cookie }]) {
      const reply = await open.call("PUT", `/v1.0/customer?token=${rival.token}`, {
        body: { detail: "taken over" },
        headers,
      });
      expect(reply.status).toBe(403);
      expect(reply.text).toContain("without the cookie");
    }
    for (const { customer } of [acme, rival])
      expect((await open.store.getCustomer(customer.id))?.detail).not.toBe("taken over");
  });

  it("does not concern a credential that a page cannot send by itself", async () => {
    expect(
      (await change({ authorization: `Bearer ${open.acme.token}`, "sec-fetch-site": "cross-site" })).status,
    ).toBe(200);
  });
});
