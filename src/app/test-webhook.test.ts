import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newEndpoint } from "../api/primary-endpoint.ts";
import { createClock } from "../domain/clock.ts";
import type { WebhookEndpoint } from "../domain/endpoint.ts";
import { createIds, type CustomerId, type EndpointId } from "../domain/ids.ts";
import { createGuardedClient } from "../outbound-http/guarded-client.ts";
import { createTestWebhook } from "./test-webhook.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const clock = createClock(() => Date.now());
const ids = createIds((bytes) => crypto.getRandomValues(bytes));
const secrets = { seal: (text: string) => text, open: (text: string) => text };

interface Received {
  readonly body: string;
  readonly headers: Record<string, string>;
}

const received: Received[] = [];
let server: Server;
const client = createGuardedClient({ allowPrivate: true });

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      received.push({ body: Buffer.concat(chunks).toString(), headers });
      response.writeHead(418).end("short and stout");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
});
afterAll(async () => {
  await client.close();
  await new Promise((resolve) => server.close(resolve));
});

function endpoint(uri: string): WebhookEndpoint {
  const now = clock.now();
  const id = ids.at(now) as EndpointId;
  const made = newEndpoint({
    id,
    customerId: ids.at(now) as CustomerId,
    isPrimary: false,
    uri,
    method: "POST",
    sealedSecret: SECRET,
    now,
  });
  return { ...made, disabledReason: "it answered 410 Gone" };
}

describe("trying a webhook", () => {
  it("calls it once, signed, even while it is switched off, and tells its answer", async () => {
    const { port } = server.address() as AddressInfo;
    const testWebhook = createTestWebhook({ client, secrets, allowPrivate: true, clock, ids });
    const target = endpoint(`http://127.0.0.1:${port}/hook`);
    expect(await testWebhook(target)).toMatchObject({
      statusCode: 418,
      answer: "short and stout",
      error: "",
    });
    expect(received).toHaveLength(1);
    const { body = "", headers = {} } = received[0] ?? {};
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
      type: "test",
      data: { webhook_id: target.id },
    });
  });

  it("tells why an address may not be called", async () => {
    const testWebhook = createTestWebhook({ client, secrets, allowPrivate: false, clock, ids });
    const attempt = await testWebhook(endpoint("http://127.0.0.1/hook"));
    expect(attempt).toMatchObject({ statusCode: null, error: expect.stringContaining("the URL") });
  });
});
