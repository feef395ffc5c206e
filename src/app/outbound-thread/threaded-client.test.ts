import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import type { Logger } from "../../domain/logger.ts";
import { checkUrl, type CheckedUrl } from "../../outbound-http/checked-url.ts";
import { startOutboundThread, ThreadedClient, type ThreadedClientOptions } from "./threaded-client.ts";

const REST_MS = 1_000;
const NOWHERE = { origin: "http://127.0.0.1:9", hostname: "127.0.0.1", path: "/" };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

describe("a client in a thread", () => {
  it("carries a request there and its answer back", async () => {
    const seen: unknown[] = [];
    const { url } = await server(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      seen.push([request.method, request.url, request.headers["x-name"], body]);
      response
        .writeHead(202, { "x-seen": "yes", "set-cookie": ["a=1", "b=2"] })
        .end(Buffer.from([0, 255, 1]));
    });
    const { client } = threadedClient();
    const headers = ["x-name", "value"];
    const outcome = await client.request({ url: url("/a?b=c"), method: "POST", headers, body: "Größe" });
    expect(outcome).toMatchObject({
      kind: "answered",
      status: 202,
      headers: { "x-seen": "yes", "set-cookie": ["a=1", "b=2"] },
      body: Buffer.from([0, 255, 1]),
    });
    await client.request({ url: url("/d"), method: "PUT", headers, body: Buffer.from([7, 0, 254]) });
    expect(seen).toEqual([
      ["POST", "/a?b=c", "value", Buffer.from("Größe")],
      ["PUT", "/d", "value", Buffer.from([7, 0, 254])],
    ]);
  });

  it("is there before the first call when it was started", async () => {
    const { url } = await server((_, response) => response.end());
    const { client, started } = threadedClient();
    client.start();
    expect(started()).toBe(1);
    expect(await client.request({ url: url("/"), method: "GET" })).toMatchObject({ status: 200 });
    expect(started()).toBe(1);
  });

  it("gives each of many its own answer", async () => {
    const { url } = await server((request, response) => response.end(request.url));
    const { client } = threadedClient();
    for (const round of [1, 2]) {
      const paths = Array.from({ length: 500 }, (_, index) => `/${round}/${index}`);
      const outcomes = await Promise.all(
        paths.map((path) => client.request({ url: url(path), method: "GET" })),
      );
      const bodies = outcomes.map((outcome) => outcome.kind === "answered" && outcome.body.toString());
      expect(bodies).toEqual(paths);
    }
  });

  it("keeps the limits it is given, and says how a call failed", async () => {
    const { url, close } = await server((request, response) => {
      if (request.url === "/large") response.end("x".repeat(100));
      else if (request.url === "/empty") response.writeHead(204).end();
    });
    const { client } = threadedClient();
    const call = { method: "GET", lane: "one" } as const;
    expect(await client.request({ ...call, url: url("/empty") })).toMatchObject({
      status: 204,
      body: Buffer.alloc(0),
    });
    const large = await client.request({ ...call, url: url("/large"), maxBytes: 99 });
    expect(large).toMatchObject({ kind: "failed", reason: "too_large", status: 200, isSent: true });
    const slow = await client.request({ ...call, url: url("/slow"), timeoutMs: 50 });
    expect(slow).toMatchObject({ kind: "failed", reason: "timeout", status: null, isSent: true });
    await close();
    const refused = await client.request({ ...call, url: url("/") });
    expect(refused).toMatchObject({ kind: "failed", reason: "connect", isSent: false });
  });

  it("throws for what cannot be asked", async () => {
    const { client } = threadedClient();
    const url = { origin: "nowhere", hostname: "nowhere", path: "/" };
    await expect(client.request({ url, method: "GET", timeoutMs: 50 })).rejects.toThrow("Invalid URL");
  });
});

describe("a call", () => {
  it("ends as aborted when the client is closed, as does every later one", async () => {
    const { url, arrived } = await server(() => {});
    const { client } = threadedClient();
    const outcome = client.request({ url: url("/"), method: "GET" });
    await arrived;
    await client.close();
    const message = "the client was closed";
    expect(await outcome).toMatchObject({ kind: "failed", reason: "aborted", isSent: true, message });
    const late = await client.request({ url: url("/"), method: "GET" });
    expect(late).toMatchObject({ kind: "failed", reason: "aborted", isSent: false });
  });
});

describe("a client that is closed", () => {
  it("starts no thread when it was unused", async () => {
    const { client, started } = threadedClient(broken);
    await client.close();
    client.start();
    const unsent = client.request({ url: NOWHERE, method: "GET" });
    expect(await unsent).toMatchObject({ reason: "aborted", isSent: false });
    expect(started()).toBe(0);
  });

  it("breaks off a connection that is being made", async () => {
    const silent = createTcpServer();
    const { url, connected } = await listen(silent, "https");
    const { client, logged } = threadedClient();
    const outcome = client.request({ url: url("/"), method: "GET" });
    await connected;
    await client.close();
    expect(await outcome).toMatchObject({ reason: "aborted", message: "the client was closed" });
    expect(logged).toEqual([]);
  });

  it("ends a thread that does not end by itself", async () => {
    const { client, logged } = threadedClient(
      () => new Worker('require("node:worker_threads").parentPort.on("message", () => {})', { eval: true }),
    );
    const outcome = client.request({ url: NOWHERE, method: "GET" });
    await new Promise((resolve) => void setImmediate(resolve)); // the thread starts at the end of this turn
    await client.close();
    expect(await outcome).toMatchObject({ reason: "aborted", isSent: true });
    expect(logged).toEqual([]);
  });
});

describe("a thread that fails", () => {
  it.each([
    ["after its start", broken, "Error: no"],
    ["without a word", () => new Worker("process.exit(3)", { eval: true }), "it ended with code 3"],
    [
      "before its start",
      () => {
        throw new Error("no room");
      },
      "Error: no room",
    ],
  ])("%s is replaced, and what it had was aborted", async (_, startFirst, error) => {
    const { url } = await server((__, response) => response.end());
    const { client, logged, started } = threadedClient((options) =>
      started() === 1 ? startFirst() : startOutboundThread(options),
    );
    const call = { url: url("/"), method: "GET" } as const;
    const lost = await Promise.all([client.request(call), client.request(call)]);
    const end = { kind: "failed", reason: "aborted", isSent: true };
    expect(lost).toMatchObject([end, end]);
    expect(logged).toEqual([[{ error }, "the thread that calls webhooks has failed"]]);
    expect(await client.request(call)).toMatchObject({ kind: "answered", status: 200 });
    expect(started()).toBe(2);
  });

  it("is not replaced at once", async () => {
    const { client, started } = threadedClient(broken);
    const call = { url: NOWHERE, method: "GET" } as const;
    const before = performance.now();
    for (let index = 0; index < 2; index++) await client.request(call);
    expect(performance.now() - before).toBeGreaterThan(REST_MS - 1);
    expect(started()).toBe(2);
    const waiting = client.request(call);
    await client.close();
    expect(await waiting).toMatchObject({ reason: "aborted", isSent: false });
    expect(started()).toBe(2);
  });
});

function threadedClient(startThread: (options: ThreadedClientOptions) => Worker = startOutboundThread) {
  const logged: unknown[] = [];
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: (...line) => logged.push(line) };
  let started = 0;
  const client = new ThreadedClient({ allowPrivate: true }, logger, (options) => {
    started++;
    return startThread(options);
  });
  cleanUps.push(() => client.close());
  return { client, logged, started: () => started };
}

/** A thread that fails at the first message. */
function broken(): Worker {
  const script = 'require("node:worker_threads").parentPort.on("message", () => { throw new Error("no"); })';
  return new Worker(script, { eval: true });
}

async function server(listener: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const { promise: arrived, resolve: tellArrived } = Promise.withResolvers<void>();
  const http = createServer((request, response) => {
    tellArrived();
    void listener(request, response);
  });
  return { ...(await listen(http, "http")), arrived };
}

async function listen(listener: Server, scheme: "http" | "https") {
  const sockets = new Set<Socket>();
  const { promise: connected, resolve: tellConnected } = Promise.withResolvers<void>();
  listener.on("connection", (socket: Socket) => {
    sockets.add(socket);
    tellConnected();
  });
  await new Promise<void>((listening) => void listener.listen(0, "127.0.0.1", listening));
  const { port } = listener.address() as AddressInfo; // it listens on a port
  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => listener.close(closed));
  }
  cleanUps.push(close);
  function url(path: string): CheckedUrl {
    const check = checkUrl(`${scheme}://127.0.0.1:${port}${path}`, { allowPrivate: true });
    if (!check.ok) throw new Error(check.reason);
    return check.url;
  }
  return { url, close, connected };
}
