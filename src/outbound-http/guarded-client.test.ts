import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket,
} from "node:net";
import type { TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { checkUrl, type CheckedUrl } from "./checked-url.ts";
import { createGuardedClient, DEFAULT_MAX_BYTES, type GuardedClientOptions } from "./guarded-client.ts";

const CERT = readFileSync(new URL("fixtures/cert.pem", import.meta.url), "utf8");
const KEY = readFileSync(new URL("fixtures/key.pem", import.meta.url), "utf8");

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

describe("a request", () => {
  it.each(["POST", "PUT", "GET", "DELETE"] as const)(
    "carries method %s, path, headers and body",
    async (method) => {
      const { url, requests } = await receiver((_, response) =>
        response.writeHead(202, { "x-seen": "yes" }).end("ok"),
      );
      const client = guardedClient();
      const outcome = await client.request({
        url: url("/a?b=c"),
        method,
        headers: ["x-name", "value"],
        body: "Größe",
      });
      expect(outcome).toMatchObject({ kind: "answered", status: 202, headers: { "x-seen": "yes" } });
      expect(outcome.kind === "answered" && outcome.body.toString()).toBe("ok");
      expect(requests).toMatchObject([
        { method, url: "/a?b=c", body: "Größe", headers: { "x-name": "value" } },
      ]);
    },
  );

  it("reuses its connection", async () => {
    const { url, server } = await receiver(ok);
    const client = guardedClient();
    let connections = 0;
    server.on("connection", () => (connections += 1));
    for (let index = 0; index < 3; index++)
      await client.request({ url: url("/"), method: "POST", body: "x" });
    expect(connections).toBe(1);
  });

  it("gives every status back as an answer, redirects too", async () => {
    const { url, requests } = await receiver((request, response) => {
      response.writeHead(Number(request.url?.slice(1)), { location: "/200" }).end();
    });
    const client = guardedClient();
    for (const status of [204, 301, 302, 307, 308, 400, 410, 429, 500, 503]) {
      const outcome = await client.request({ url: url(`/${status}`), method: "GET" });
      expect(outcome).toMatchObject({ kind: "answered", status });
    }
    expect(requests).toHaveLength(10);
  });

  it("follows redirects as often as it was asked to", async () => {
    const { url } = await receiver((request, response) => {
      const hop = Number(request.url?.slice(1));
      response.writeHead(302, { location: `/${hop + 1}` }).end();
    });
    const outcome = await guardedClient().request({ url: url("/0"), method: "GET", redirects: 3 });
    expect(outcome).toMatchObject({ kind: "answered", status: 302, headers: { location: "/4" } });
  });
});

describe("the bounds", () => {
  it.each([
    ["announced", true],
    ["chunked", false],
  ])("take an %s answer of the greatest size and refuse one byte more", async (_, isAnnounced) => {
    const { url } = await receiver((request, response) => {
      const body = Buffer.alloc(Number(request.url?.slice(1)));
      if (isAnnounced) response.setHeader("content-length", body.length);
      response.write(body.subarray(0, 10));
      response.end(body.subarray(10));
    });
    const client = guardedClient();
    const most = await client.request({ url: url(`/${DEFAULT_MAX_BYTES}`), method: "POST" });
    expect(most.kind === "answered" && most.body.length).toBe(DEFAULT_MAX_BYTES);
    const more = await client.request({ url: url(`/${DEFAULT_MAX_BYTES + 1}`), method: "POST" });
    expect(more).toMatchObject({ kind: "failed", reason: "too_large", status: 200, isSent: true });
  });

  it("stop reading an answer of 10 MB and hang up", async () => {
    const { url, server } = await receiver((_, response) => {
      response.write(Buffer.alloc(10_000_000));
    });
    const hungUp = closeOfNextConnection(server);
    const outcome = await guardedClient().request({ url: url("/"), method: "POST" });
    expect(outcome).toMatchObject({ kind: "failed", reason: "too_large" });
    await hungUp;
  });

  it("end an exchange with a receiver that never answers, and hang up", async () => {
    const { url, server } = await receiver(() => undefined);
    const hungUp = closeOfNextConnection(server);
    const outcome = await guardedClient().request({ url: url("/"), method: "POST", timeoutMs: 50 });
    expect(outcome).toMatchObject({ kind: "failed", reason: "timeout", status: null, isSent: true });
    await hungUp;
  });

  it("end an exchange with a receiver that drips, though every byte is in time", async () => {
    const { url } = await receiver((_, response) => {
      const drip = setInterval(() => response.write("."), 5);
      response.on("close", () => clearInterval(drip));
    });
    const outcome = await guardedClient().request({ url: url("/"), method: "POST", timeoutMs: 100 });
    expect(outcome).toMatchObject({ kind: "failed", reason: "timeout", isSent: true });
  });

  it("end a request that waits for a connection, and never send it", async () => {
    const { url, requests } = await receiver(() => undefined);
    const client = guardedClient({ connections: 1 });
    const first = client.request({ url: url("/first"), method: "POST", timeoutMs: 300 });
    const second = client.request({ url: url("/second"), method: "POST", timeoutMs: 50 });
    expect(await second).toMatchObject({ kind: "failed", reason: "timeout", isSent: false });
    await first;
    await client.close();
    expect(requests.map((request) => request.url)).toEqual(["/first"]);
  });
});

describe("a failure", () => {
  it("is `connect` when nobody listens", async () => {
    const { url, server } = await receiver(ok);
    await closeServer(server);
    const outcome = await guardedClient().request({ url: url("/"), method: "POST" });
    expect(outcome).toMatchObject({ kind: "failed", reason: "connect", isSent: false });
  });

  it("is `dns` when the name does not resolve", async () => {
    const missing = Object.assign(new Error("queryA ENOTFOUND"), { code: "ENOTFOUND" });
    const client = guardedClient({ resolve: () => Promise.reject(missing) });
    const outcome = await client.request({ url: checked("http://none.example/"), method: "POST" });
    expect(outcome).toMatchObject({ kind: "failed", reason: "dns", isSent: false });
    expect(outcome).toMatchObject({ message: "the name did not resolve (ENOTFOUND)" });
  });

  it("is `connection_lost` when the receiver hangs up", async () => {
    const { url } = await receiver((_, response) => response.destroy());
    const outcome = await guardedClient().request({ url: url("/"), method: "POST", body: "x" });
    expect(outcome).toMatchObject({ kind: "failed", reason: "connection_lost", status: null, isSent: true });
  });

  it("is `connection_lost` with a status when the answer breaks off", async () => {
    const { url } = await receiver((_, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("12345", () => response.destroy());
    });
    const outcome = await guardedClient().request({ url: url("/"), method: "POST" });
    expect(outcome).toMatchObject({ kind: "failed", reason: "connection_lost", status: 200 });
  });

  it("is `bad_response` when what comes is not HTTP", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined).once("data", () => socket.end("220 mail.example ESMTP\r\n"));
    });
    const port = await listen(server);
    const outcome = await guardedClient().request({
      url: checked(`http://127.0.0.1:${port}/`),
      method: "POST",
    });
    expect(outcome).toMatchObject({ kind: "failed", reason: "bad_response", isSent: true });
  });

  it("is `bad_response` when the headers never end", async () => {
    const { url } = await receiver((_, response) =>
      response.writeHead(200, { "x-long": "x".repeat(20_000) }).end(),
    );
    const outcome = await guardedClient().request({ url: url("/"), method: "POST" });
    expect(outcome).toMatchObject({ kind: "failed", reason: "bad_response", isSent: true });
  });

  it("is `aborted` when the client closes", async () => {
    const { url, server } = await receiver(() => undefined);
    const client = guardedClient();
    server.on("request", () => void client.close());
    expect(await client.request({ url: url("/"), method: "POST" })).toMatchObject({ reason: "aborted" });
  });
});

describe("a check in advance", () => {
  it("refuses what the text shows, and a name that resolves to private addresses", async () => {
    const client = guardedClient({ allowPrivate: false, resolve: async () => ["10.0.0.1"] });
    expect(await client.check("ftp://hooks.example.com/")).toMatchObject({ ok: false });
    expect(await client.check("http://127.0.0.1/")).toMatchObject({ ok: false });
    expect(await client.check("http://hooks.example.com/")).toEqual({
      ok: false,
      reason: "cannot be called: the name resolves to an address that is not public (private)",
    });
  });

  it("takes a public name, and one that does not resolve at present", async () => {
    const found = guardedClient({ allowPrivate: false, resolve: async () => ["8.8.8.8"] });
    expect(await found.check("https://hooks.example.com/")).toMatchObject({ ok: true });
    const lost = guardedClient({ allowPrivate: false, resolve: () => Promise.reject(new Error("down")) });
    expect(await lost.check("https://hooks.example.com/")).toMatchObject({ ok: true });
    expect(await lost.check("https://8.8.8.8/")).toMatchObject({ ok: true });
  });

  it("takes private addresses when they are allowed", async () => {
    expect(await guardedClient().check("http://127.0.0.1:99/")).toMatchObject({ ok: true });
  });
});

describe("the guard", () => {
  it("refuses a name that resolves to a private address, without a connection", async () => {
    const { port, server } = await receiver(ok);
    let connections = 0;
    server.on("connection", () => (connections += 1));
    const client = guardedClient({ allowPrivate: false, resolve: async () => ["127.0.0.1"] });
    const outcome = await client.request({
      url: checked(`http://hooks.example.com:${port}/`),
      method: "POST",
    });
    expect(outcome).toMatchObject({ kind: "failed", reason: "refused_address", isSent: false });
    expect(connections).toBe(0);
  });

  it("refuses a private address that was checked under another policy", async () => {
    const { url, requests } = await receiver(ok);
    const outcome = await guardedClient({ allowPrivate: false }).request({ url: url("/"), method: "POST" });
    expect(outcome).toMatchObject({ kind: "failed", reason: "refused_address", isSent: false });
    expect(requests).toHaveLength(0);
  });

  it("looks at each connection's addresses anew, and takes none that turned private meanwhile", async () => {
    const { port, server } = await receiver((_, response) => response.setHeader("connection", "close").end());
    let monotonicMs = 0;
    let connections = 0;
    server.on("connection", () => (connections += 1));
    const answers = ["127.0.0.1", "127.0.0.2"];
    const client = guardedClient({
      allowPrivate: false,
      refuse: (address) => (address === "127.0.0.1" ? null : "loopback"),
      resolve: async () => answers.splice(0, 1),
      now: () => monotonicMs,
    });
    const request = { url: checked(`http://hooks.example.com:${port}/`), method: "POST" } as const;
    expect(await client.request(request)).toMatchObject({ kind: "answered" });
    monotonicMs += 60_000;
    expect(await client.request(request)).toMatchObject({ kind: "failed", reason: "refused_address" });
    expect(connections).toBe(1);
  });

  it("connects to what it looked up, once for a connection, under the host's own name", async () => {
    const { port, requests } = await receiver(ok);
    const asked: string[] = [];
    const resolve = async (hostname: string): Promise<readonly string[]> => {
      asked.push(hostname);
      return asked.length === 1 ? ["127.0.0.1"] : ["127.0.0.2"];
    };
    const client = guardedClient({ resolve });
    const request = { url: checked(`http://hooks.example.com:${port}/`), method: "POST" } as const;
    expect(await client.request(request)).toMatchObject({ kind: "answered" });
    expect(await client.request(request)).toMatchObject({ kind: "answered" });
    expect(asked).toEqual(["hooks.example.com"]);
    expect(requests[0]?.headers.host).toBe(`hooks.example.com:${port}`);
  });

  it("checks the certificate against the host's name, whatever the address", async () => {
    const names: (string | false | null)[] = [];
    const server = createTlsServer({ cert: CERT, key: KEY }, ok);
    server.on("secureConnection", (socket: TLSSocket) => names.push(socket.servername));
    const port = await listen(server);
    const client = guardedClient({ resolve: async () => ["127.0.0.1"], ca: CERT });
    const right = await client.request({
      url: checked(`https://hooks.example.com:${port}/`),
      method: "POST",
    });
    expect(right).toMatchObject({ kind: "answered", status: 200 });
    expect(names).toEqual(["hooks.example.com"]);
    const wrong = await client.request({
      url: checked(`https://other.example.com:${port}/`),
      method: "POST",
    });
    expect(wrong).toMatchObject({ kind: "failed", reason: "tls", isSent: false });
  });

  it("refuses a certificate that nobody vouches for", async () => {
    const port = await listen(createTlsServer({ cert: CERT, key: KEY }, ok));
    const client = guardedClient({ resolve: async () => ["127.0.0.1"] });
    const outcome = await client.request({
      url: checked(`https://hooks.example.com:${port}/`),
      method: "POST",
    });
    expect(outcome).toMatchObject({ kind: "failed", reason: "tls", isSent: false });
  });

  it("takes a receiver without TLS behind https for a TLS failure", async () => {
    const { port } = await receiver(ok);
    const outcome = await guardedClient().request({
      url: checked(`https://127.0.0.1:${port}/`),
      method: "POST",
    });
    expect(outcome).toMatchObject({ kind: "failed", reason: "tls", isSent: false });
  });
});

describe("connections", () => {
  it("are at most as many as allowed: the request past them waits for one that becomes free", async () => {
    const held: ServerResponse[] = [];
    const { url, requests } = await receiver((request, response) => {
      if (request.url === "/third") response.end();
      else held.push(response);
      if (held.length === 2 && request.url !== "/third") held[0]?.end();
    });
    const client = guardedClient({ connections: 2 });
    const first = client.request({ url: url("/first"), method: "POST" });
    const second = client.request({ url: url("/second"), method: "POST" });
    expect(await client.request({ url: url("/third"), method: "POST" })).toMatchObject({ kind: "answered" });
    expect(requests.map((request) => request.url).indexOf("/third")).toBe(2);
    held[1]?.end();
    expect(await Promise.all([first, second])).toMatchObject([{ kind: "answered" }, { kind: "answered" }]);
  });

  it("are not shared between lanes: one that hangs holds up its own only", async () => {
    const { url } = await receiver((request, response) => {
      if (request.url === "/quick") response.end();
    });
    const client = guardedClient({ connections: 1 });
    const stuck = client.request({ url: url("/stuck"), method: "POST", lane: "a", timeoutMs: 60_000 });
    const quick = await client.request({ url: url("/quick"), method: "POST", lane: "b" });
    expect(quick).toMatchObject({ kind: "answered" });
    await client.close();
    expect(await stuck).toMatchObject({ reason: "aborted" });
  });

  it.each([
    [true, "answered"],
    [false, "failed"],
  ])("closed by the other side under a request (repeatable: %s) end it as %s", async (isRepeatable, kind) => {
    const seen: Socket[] = [];
    const { url } = await receiver((request, response) => {
      if (seen.includes(request.socket)) response.destroy();
      else response.end("ok");
      seen.push(request.socket);
    });
    const client = guardedClient();
    await client.request({ url: url("/"), method: "POST", body: "x", isRepeatable });
    const second = await client.request({ url: url("/"), method: "POST", body: "x", isRepeatable });
    expect(second.kind).toBe(kind);
  });

  it("stay open for the latest lanes only: beyond the limit the one unused for longest is closed", async () => {
    const { url, server } = await receiver(ok);
    const client = guardedClient({ maxIdleLanes: 2 });
    const first = closeOfNextConnection(server);
    await client.request({ url: url("/"), method: "POST", lane: "a" });
    const second = closeOfNextConnection(server);
    await client.request({ url: url("/"), method: "POST", lane: "b" });
    await client.request({ url: url("/"), method: "POST", lane: "a" });
    await client.request({ url: url("/"), method: "POST", lane: "c" });
    expect(await Promise.race([first.then(() => "a"), second.then(() => "b")])).toBe("b");
  });
});

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

function ok(_: IncomingMessage, response: ServerResponse): void {
  response.end("ok");
}

/** A server that keeps what it received and answers as told once a request is complete. */
async function receiver(answer: RequestListener) {
  const requests: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  });
  const port = await listen(server);
  return { server, port, requests, url: (path: string) => checked(`http://127.0.0.1:${port}${path}`) };
}

async function listen(server: TcpServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => closeServer(server));
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: TcpServer): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  if ("closeAllConnections" in server) (server as Server).closeAllConnections();
  await closed;
}

async function closeOfNextConnection(server: Server): Promise<void> {
  const [socket] = (await once(server, "connection")) as [Socket];
  await new Promise((resolve) => socket.once("close", resolve));
}

function guardedClient(options: Partial<GuardedClientOptions> = {}) {
  const client = createGuardedClient({ allowPrivate: true, ...options });
  cleanUps.push(() => client.close());
  return client;
}

function checked(text: string): CheckedUrl {
  const check = checkUrl(text, { allowPrivate: true });
  if (!check.ok) throw new Error(check.reason);
  return check.url;
}
