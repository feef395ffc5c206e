import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { CommandFailure } from "./command-failure.ts";
import { createServiceClient } from "./service-client.ts";

const { signal } = new AbortController();

describe("the client of a service", () => {
  let server: Server;
  afterEach(() => server.close());

  async function serve(
    status: number,
    body: string,
    seen?: (request: IncomingMessage) => void,
  ): Promise<string> {
    server = createServer((request, response) => {
      seen?.(request);
      request.resume().on("end", () => response.writeHead(status).end(body));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  }

  it("asks as whom it was told to, and answers the body", async () => {
    const requests: string[] = [];
    const url = await serve(200, '{"a":1}', ({ method, url: path, headers }) => {
      requests.push(`${method} ${path} ${headers.authorization} ${headers["content-type"]}`);
    });
    const client = createServiceClient(url, "vb_token", signal);
    expect(await client.call("POST", "/v1.0/x?y=z", { b: 2 })).toEqual({ a: 1 });
    expect(await client.call("GET", "/v1.0/x")).toEqual({ a: 1 });
    expect(requests).toEqual([
      "POST /v1.0/x?y=z Bearer vb_token application/json",
      "GET /v1.0/x Bearer vb_token undefined",
    ]);
  });

  it("tells in one line why the service refused", async () => {
    const error = { status: "INVALID_ARGUMENT", reason: "INVALID_ARGUMENT", message: "text is empty" };
    const client = createServiceClient(await serve(400, JSON.stringify({ error })), "t", signal);
    const call = client.call("POST", "/v1.0/messages", {});
    await expect(call).rejects.toThrow("the service refused: text is empty (INVALID_ARGUMENT)");
    await expect(call).rejects.toMatchObject({ kind: "refused" });
  });

  it("tells in one line that nobody answers, and why", async () => {
    const url = await serve(200, "{}");
    server.close();
    await once(server, "close");
    const call = createServiceClient(url, "t", signal).call("GET", "/v1.0/me");
    await expect(call).rejects.toThrow(
      new RegExp(`^no answer from ${url}: connect ECONNREFUSED [^ ]*. Does`),
    );
    await expect(call).rejects.toBeInstanceOf(CommandFailure);
  });

  it("tells a connection that is lost within an answer as one that was lost before", async () => {
    const url = await serve(200, "{}", ({ socket }) => {
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{");
    });
    const call = createServiceClient(url, "t", signal).call("GET", "/v1.0/me");
    await expect(call).rejects.toMatchObject({ kind: "unreachable" });
  });

  it("waits for an answer as long as it is told", { timeout: 10_000 }, async () => {
    const url = await serve(200, "{}");
    server.removeAllListeners("request"); // it takes requests and answers none
    const call = createServiceClient(url, "t", signal).call("GET", "/v1.0/me", undefined, { timeoutMs: 20 });
    await expect(call).rejects.toMatchObject({ kind: "unreachable" });
    server.closeAllConnections();
  });

  it("tells what is not msgbin from what is", async () => {
    const client = createServiceClient(await serve(200, "<html>"), "t", signal);
    await expect(client.call("GET", "/v1.0/me")).rejects.toThrow("is not msgbin (status 200, no JSON)");
  });
});
