import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import type { Logger } from "../../domain/logger.ts";
import { checkUrl, type CheckedUrl } from "../../outbound-http/checked-url.ts";
import { startOutboundThread, ThreadedClient, type ThreadedClientOptions } from "./threaded-client.ts";

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

  it("says whether a URL may be called", async () => {
    const { client } = threadedClient({ allowPrivate: false });
    expect(await client.check("https://127.0.0.1/")).toEqual({
      ok: false,
      reason: "names an address that is not public (loopback)",
    });
    const url = { origin: "https://93.184.216.34", hostname: "93.184.216.34", path: "/a" };
    expect(await client.check("https://93.184.216.34/a")).toEqual({ ok: true, url });
  });
});

describe("a call", () => {
  it("is called off by its signal", async () => {
    const { url, arrived } = await server(() => {});
    const { client } = threadedClient();
    const abort = new AbortController();
    const outcome = client.request({ url: url("/"), method: "GET", signal: abort.signal });
    await arrived;
    abort.abort();
    expect(await outcome).toMatchObject({ kind: "failed", reason: "aborted", isSent: true });
    const late = await client.request({ url: url("/"), method: "GET", signal: abort.signal });
    expect(late).toMatchObject({ kind: "failed", reason: "aborted", isSent: false });
  });

  it("ends as aborted when the client is closed, as does every later one", async () => {
    const { url, arrived } = await server(() => {});
    const { client } = threadedClient();
    const outcome = client.request({ url: url("/"), method: "GET" });
    await arrived;
    await client.close();
    expect(await outcome).toMatchObject({ kind: "failed", reason: "aborted", isSent: true });
    const late = await client.request({ url: url("/"), method: "GET" });
    expect(late).toMatchObject({ kind: "failed", reason: "aborted", isSent: false });
    await expect(client.check("https://93.184.216.34/")).rejects.toThrow("closed");
  });
});

describe("the thread", () => {
  it("is not started for a client that is closed unused", async () => {
    let started = 0;
    const { client } = threadedClient(undefined, () => {
      started++;
      return broken();
    });
    await client.close();
    expect(started).toBe(0);
  });

  it("is replaced when it ends: what it had was aborted, and may have been sent", async () => {
    const { url } = await server((_, response) => response.end());
    let started = 0;
    const { client, errors } = threadedClient(undefined, (options) => {
      started++;
      return started === 1 ? broken() : startOutboundThread(options);
    });
    const call = { url: url("/"), method: "GET" } as const;
    const lost = [client.request(call), client.request(call)];
    const check = client.check("https://93.184.216.34/");
    expect(await Promise.all(lost)).toMatchObject([
      { kind: "failed", reason: "aborted", isSent: true },
      { kind: "failed", reason: "aborted", isSent: true },
    ]);
    await expect(check).rejects.toThrow("has ended");
    expect(errors).toEqual(["the thread that calls webhooks has failed"]);
    expect(await client.request(call)).toMatchObject({ kind: "answered", status: 200 });
    expect(started).toBe(2);
  });
});

function threadedClient(
  options: ThreadedClientOptions = { allowPrivate: true },
  startThread?: (options: ThreadedClientOptions) => Worker,
) {
  const errors: string[] = [];
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: (_, message) => errors.push(message) };
  const client = new ThreadedClient(options, logger, startThread);
  cleanUps.push(() => client.close());
  return { client, errors };
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
  await new Promise<void>((listening) => void http.listen(0, "127.0.0.1", listening));
  const { port } = http.address() as AddressInfo; // it listens on a port
  async function close(): Promise<void> {
    http.closeAllConnections();
    await new Promise((closed) => http.close(closed));
  }
  cleanUps.push(close);
  function url(path: string): CheckedUrl {
    const check = checkUrl(`http://127.0.0.1:${port}${path}`, { allowPrivate: true });
    if (!check.ok) throw new Error(check.reason);
    return check.url;
  }
  return { url, close, arrived };
}
