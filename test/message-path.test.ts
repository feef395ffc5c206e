import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { type RunningSimulator, startSimulator } from "../src/app/start-simulator.ts";
import { type ApiClient, createApiClient } from "./support/api-client.ts";
import { type Engine, ENGINES } from "./support/engines.ts";
import { type ReceivedEvent, type ReceivedTarget, type Receiver, startReceiver } from "./support/receiver.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "./support/service.ts";

const CONTRACT_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/;
const NEVER = "9999-01-01 00:00:00.000000";
const FINAL_WITHIN_MS = 30_000;

/** HTTP in → SMPP → receipt → webhook out, through real sockets and a process of its own. */
describe.each(["SQLite", "PostgreSQL"] as const)("the way of a message on %s", (name) => {
  let engine: Engine;
  let simulator: RunningSimulator | null = null;
  let service: Service;
  let receiver: Receiver;
  let api: ApiClient;
  let secret: string;

  beforeAll(async () => {
    receiver = await startReceiver();
    engine = await ENGINES[name]();
    service = await prepareService(engine.environment);
    await service.start();
    api = createApiClient(service.url, await loginAsAdmin(service.url));
    if (name === "PostgreSQL") {
      // The simulator as a carrier by itself belongs to the embedded engine.
      simulator = await startSimulator({ host: "127.0.0.1", port: 0, portVariable: "--port" });
      await api.succeed("POST", "/v1.0/carriers", { name: "north", url: simulator.url });
    }
    const customer = await api.succeed<Record<string, unknown>>("GET", "/v1.0/customer");
    await api.succeed("PUT", "/v1.0/customer", {
      ...customer,
      webhook_method: "POST",
      webhook_uri: receiver.url,
    });
    const rotated = await api.succeed<{ webhook_secret: string }>("POST", "/v1.0/customer/webhook_secret");
    secret = rotated.webhook_secret;
  });

  afterAll(async () => {
    await service.dispose();
    await simulator?.close();
    await receiver.close();
    await engine[Symbol.asyncDispose]();
  });

  async function expectDelivery(destinations: readonly string[], text: string, parts: number): Promise<void> {
    const sent = await api.send(destinations, text);
    expect(sent.status).toBe(200);
    expect(sent.body.targets).toHaveLength(destinations.length);
    expect(sent.body.tm_update).toBe(NEVER);
    for (const target of sent.body.targets) expect(target).toMatchObject({ status: "queued", parts });

    const done = await eventually(() => api.message(sent.body.id), allDelivered, FINAL_WITHIN_MS);
    expect(done.text).toBe(text);
    expect(done.targets.map((target) => target.destination.target)).toEqual(destinations);
    for (const target of done.targets) expect(target.parts).toBe(parts);
    for (const time of [done.tm_create, done.tm_update, done.targets[0]?.tm_update])
      expect(time).toMatch(CONTRACT_TIME);
    expect(done.tm_delete).toBe(NEVER);

    const told = await eventually(
      () => receiver.events.filter((event) => event.message.id === done.id),
      (events) => events.some((event) => event.type === "message_updated" && allDelivered(event.message)),
      FINAL_WITHIN_MS,
    );
    expect(told[0]?.type).toBe("message_created");
    for (const event of told) verify(event);
  }

  function verify(event: ReceivedEvent): void {
    const headers = Object.fromEntries(
      ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [
        name,
        String(event.headers[name]),
      ]),
    );
    expect(() => new Webhook(secret).verify(event.rawBody, headers)).not.toThrow();
    expect(event.headers["x-voipbin-signature"]).toMatch(/(^|,| )sha256=[0-9a-f]{64}/);
    expect(event.method).toBe("POST");
  }

  it("delivers a GSM-7 text to one destination and tells the webhook", async () => {
    await expectDelivery(["+31600000001"], "hello, this is one part", 1);
  });

  it("delivers a UCS-2 text with emoji", async () => {
    await expectDelivery(["+31600000001"], "안녕하세요 👋🏽 and a family: 👨‍👩‍👧‍👦", 1);
  });

  it("delivers a text of ten parts as one message", async () => {
    await expectDelivery(["+31600000001"], "0123456789".repeat(152).slice(0, 153 * 10), 10);
  });

  it("delivers to 1,000 destinations of one request", async () => {
    const destinations = Array.from({ length: 1_000 }, (_, n) => `+3161${String(n).padStart(7, "0")}`);
    await expectDelivery(destinations, "to everybody at once", 1);
  });
});

function allDelivered(message: { readonly targets: readonly ReceivedTarget[] }): boolean {
  return message.targets.every((target) => target.status === "delivered");
}
