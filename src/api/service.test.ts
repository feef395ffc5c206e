import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { alterStore } from "./fixtures/altered-store.ts";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

const GOOD = { source: { target: "+821028286521" }, destinations: [{ target: "+31616818985" }], text: "x" };

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

describe("what operators and their machines ask", () => {
  it("is answered without a credential", async () => {
    expect((await open.call("GET", "/ping")).json).toEqual({ message: "pong" });
    expect((await open.call("GET", "/healthz")).json).toEqual({ status: "ok" });
    expect((await open.call("GET", "/readyz")).json).toEqual({ status: "ready", checks: { store: "ok" } });
    const metrics = await open.call("GET", "/metrics");
    expect(metrics.text).toBe("msgbin_up 1\n");
    expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4");
  });

  it("says 503 when the process is not ready, and what is missing", async () => {
    const checks = { store: "the disk is full" };
    const unready = await openDoor({ readiness: async () => ({ isReady: false, checks }) });
    const reply = await unready.call("GET", "/readyz");
    expect(reply.status).toBe(503);
    expect(reply.json).toEqual({ status: "not ready", checks });
    await unready.close();
  });

  it("is counted by route pattern, never by id", async () => {
    await open.call("GET", "/v1.0/messages/00000000-0000-7000-8000-000000000000?token=secret");
    await open.call("GET", "/nowhere");
    expect(open.counts).toContain("msgbin_http_requests_total GET /v1.0/messages/:id 401");
    expect(open.counts).toContain("msgbin_http_requests_total GET none 404");
  });
});

describe("every answer", () => {
  it("has the fixed headers and a request id, echoed when it has the agreed form", async () => {
    for (const path of ["/ping", "/v1.0/me", "/nowhere", "/docs", "/openapi.json"]) {
      const given = await open.call("GET", path, { headers: { "x-request-id": "my_own-1" } });
      expect(given.headers.get("x-request-id")).toBe("my_own-1");
      const made = await open.call("GET", path, { headers: { "x-request-id": "not good" } });
      expect(made.headers.get("x-request-id")).toMatch(/^req_/);
      for (const { headers } of [given, made]) {
        expect(headers.get("cache-control")).toBe("no-store");
        expect(headers.get("referrer-policy")).toBe("no-referrer");
        expect(headers.get("x-content-type-options")).toBe("nosniff");
      }
    }
    const failed = await open.call("GET", "/v1.0/me", { headers: { "x-request-id": "my_own-2" } });
    expect(failed.json).toMatchObject({ error: { request_id: "my_own-2" } });
  });

  it("of a GET comes to a HEAD without its body", async () => {
    const reply = await open.call("HEAD", "/v1.0/me", { as: open.acme });
    expect(reply.status).toBe(200);
    expect(reply.text).toBe("");
  });
});

describe("what breaks here", () => {
  it("is answered with INTERNAL that tells nothing, and logged with its cause, by request id and without the token", async () => {
    const cause = new Error("the cause");
    const broken = await openDoor({
      changeStore: (store) =>
        alterStore(store, { listMessages: () => Promise.reject(new Error("the bug", { cause })) }),
    });
    const path = `/v1.0/messages?token=${broken.acme.token}`;
    const reply = await broken.call("GET", path, { headers: { "x-request-id": "broken-1" } });
    expect(reply.status).toBe(500);
    expect(reply.json).toMatchObject({
      error: { status: "INTERNAL", reason: "INTERNAL", request_id: "broken-1" },
    });
    expect(reply.text).not.toContain("bug");
    const log = broken.logs.join("\n");
    expect(log).toMatch(/^error request failed .*broken-1/m);
    expect(log).toContain("the bug");
    expect(log).toContain("the cause");
    expect(log).not.toContain(broken.acme.token);
    await broken.close();
  });

  it.each([
    ["disk_full", "10", "nothing was changed"],
    ["damaged", "10", "nothing was changed"],
    ["connection_lost", "1", "nothing was changed"],
    ["outcome_unknown", "1", "Idempotency-Key"],
  ] as const)(
    "is 503 with Retry-After while the store is unavailable (%s), and not logged for each request",
    async (reason, seconds, words) => {
      const fail = () => Promise.reject(new StoreUnavailable(reason, "not now"));
      const full = await openDoor({ changeStore: (store) => alterStore(store, { acceptMessages: fail }) });
      const reply = await full.call("POST", "/v1.0/messages", { as: full.acme, body: GOOD });
      expect(reply.status).toBe(503);
      expect(reply.headers.get("retry-after")).toBe(seconds);
      expect(reply.json).toMatchObject({
        error: {
          status: "UNAVAILABLE",
          reason: "SERVICE_UNAVAILABLE",
          message: expect.stringContaining(words),
        },
      });
      expect(full.logs.filter((line) => line.startsWith("error"))).toEqual([]);
      await full.close();
    },
  );

  it("is 503 when the store fails while a credential is looked up, and 409 when no carrier is there", async () => {
    const blind = await openDoor({
      changeStore: (store) =>
        alterStore(store, { getCustomer: () => Promise.reject(new StoreUnavailable("busy", "not now")) }),
    });
    expect((await blind.call("GET", "/v1.0/messages", { as: blind.acme })).status).toBe(503);
    await blind.close();
    const noRoute = {
      kind: "rejected",
      reason: "route_not_found",
      field: null,
      message: "no carrier takes it",
    } as const;
    const lonely = await openDoor({
      accept: { accept: async () => noRoute, preview: async () => noRoute },
    });
    const reply = await lonely.call("POST", "/v1.0/messages", { as: lonely.acme, body: GOOD });
    expect(reply.status).toBe(409);
    expect(reply.json).toMatchObject({ error: { status: "FAILED_PRECONDITION", reason: "NO_ROUTE" } });
    await lonely.close();
  });
});

describe("the request rate", () => {
  it("lets each customer have its burst and no more, whatever others behind the same address do", async () => {
    let ms = 0;
    const limited = await openDoor({ requestsPerSecond: 5, monotonicMs: () => ms });
    const statusesOf = async (as: OpenDoor["acme"]) => {
      const statuses: number[] = [];
      for (let n = 0; n < 12; n++)
        statuses.push((await limited.call("GET", "/v1.0/messages", { as })).status);
      return statuses;
    };
    const burst = [...Array.from({ length: 10 }, () => 200), 429, 429];
    expect(await statusesOf(limited.acme)).toEqual(burst);
    expect(await statusesOf(limited.rival)).toEqual(burst);
    ms += 200;
    expect((await statusesOf(limited.acme)).slice(0, 2)).toEqual([200, 429]);
    await limited.close();
  });

  it("tells who is over it when to come back, in the envelope", async () => {
    const limited = await openDoor({ requestsPerSecond: 0.001 });
    const first = await limited.call("GET", "/v1.0/me", { as: limited.acme });
    expect(first.status).toBe(429);
    expect(Number(first.headers.get("retry-after"))).toBeGreaterThan(1);
    expect(first.json).toMatchObject({
      error: { status: "RESOURCE_EXHAUSTED", reason: "RATE_LIMIT_EXCEEDED" },
    });
    await limited.close();
  });

  it("bounds an address that holds no credential, or guesses, and spares health checks", async () => {
    const limited = await openDoor({ requestsPerSecond: 0.5 });
    expect((await limited.call("GET", "/v1.0/me")).status).toBe(401);
    expect(
      (await limited.call("GET", "/v1.0/me", { headers: { authorization: "Bearer guess" } })).status,
    ).toBe(429);
    expect(
      (await limited.call("POST", "/auth/login", { body: { username: "a", password: "b" } })).status,
    ).toBe(429);
    expect((await limited.call("GET", "/nowhere")).status).toBe(429);
    for (let n = 0; n < 5; n++) expect((await limited.call("GET", "/healthz")).status).toBe(200);
    limited.forwardMs(60_000);
    expect((await limited.call("GET", "/v1.0/me", { as: limited.acme })).status).toBe(200);
    await limited.close();
  });
});

describe("closing", () => {
  it("lets requests under way finish and then closes their connections", async () => {
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const closing = await openDoor({
      changeStore: (store) =>
        alterStore(store, {
          async listMessages() {
            entered.resolve();
            await release.promise;
            return [];
          },
        }),
    });
    const { port } = new URL(closing.url);
    const idle = connect({ host: "127.0.0.1", port: Number(port) });
    const idleClosed = new Promise((resolve) => idle.on("close", resolve));
    const busy = connect({ host: "127.0.0.1", port: Number(port) });
    let answer = "";
    busy.setEncoding("utf8").on("data", (chunk) => (answer += chunk));
    const busyClosed = new Promise((resolve) => busy.on("close", resolve));
    busy.write(
      `GET /v1.0/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${closing.acme.token}\r\n\r\n`,
    );
    await entered.promise;

    const closed = closing.close();
    await idleClosed;
    release.resolve();
    await Promise.all([closed, busyClosed]);
    expect(answer).toContain("HTTP/1.1 200 OK");
    expect(answer).toContain('{"result":[],"next_page_token":""}');
    await expect(fetch(closing.url)).rejects.toThrow("fetch failed");
  });
});
