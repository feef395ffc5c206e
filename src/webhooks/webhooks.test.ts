import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addMs } from "../domain/micros.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import {
  accept,
  type ReceivedRequest,
  type ReceivingServer,
  startReceiver,
} from "./fixtures/receiving-server.ts";
import { until } from "./fixtures/until.ts";
import { SECRET, WebhookRig } from "./fixtures/webhook-rig.ts";
import { HIGHEST_LIMIT } from "./pace.ts";
import { ATTEMPTS_MAX } from "./retry-schedule.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A claim that came to nothing is due again after this. */
const LEASE = 20 * SECOND;

let rig: WebhookRig;
const receivers: ReceivingServer[] = [];

beforeEach(async () => {
  rig = await WebhookRig.open();
});

afterEach(async () => {
  await rig.close();
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

describe("a webhook", () => {
  it("tells of a message as the contract says, signed in both ways", async () => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(receiver.url);
    rig.start();
    const id = await rig.acceptMessage(endpoint, "Größe 😀");
    await settled(1);
    const [request] = receiver.requests;
    expect(request).toMatchObject({
      method: "POST",
      path: "/hook",
      headers: { "content-type": "application/json" },
    });
    const { headers = {}, body = "" } = request ?? {};
    expect(JSON.parse(body)).toMatchObject({
      type: "message_created",
      data: { id, text: "Größe 😀", direction: "outbound", targets: [{ status: "queued" }] },
    });
    expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    const hex = createHmac("sha256", SECRET).update(body).digest("hex");
    expect(headers).toMatchObject({ "x-voipbin-signature": `sha256=${hex}` });
    expect(rig.settlements).toMatchObject([
      { outcome: "delivered", attempt: { statusCode: 200, answer: "ok", error: "" } },
    ]);
    expect(rig.measured).toContain("msgbin_webhook_attempts_total delivered");
    expect(rig.measured).toContain("msgbin_webhook_lag_seconds");
  });

  it.each(["POST", "PUT", "GET", "DELETE"] as const)("is made by %s, with its body", async (method) => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(receiver.url, { method });
    rig.start();
    await rig.acceptMessage(endpoint);
    await settled(1);
    expect(receiver.requests).toMatchObject([
      { method, body: expect.stringMatching(/^\{"type":"message_created"/) },
    ]);
  });

  it("shows a deleted message whole", async () => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(receiver.url, { events: ["message_deleted"] });
    rig.start();
    const id = await rig.acceptMessage(endpoint);
    await rig.deleteMessage(endpoint, id);
    await settled(1);
    expect(bodies(receiver)).toMatchObject([{ type: "message_deleted", data: { id, text: "hello" } }]);
    expect(bodies(receiver)[0]?.data.tm_delete).not.toMatch(/^9999/);
  });

  it("is signed with both secrets while one replaces the other, and with the new one after", async () => {
    const receiver = await listen(accept);
    const old = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const endpoint = await rig.addEndpoint(receiver.url, {
      sealedSecrets: [`sealed ${SECRET}`, `sealed ${old}`],
      tmSecretRetire: rig.time.now(),
    });
    await rig.store.putEndpoint({ ...endpoint, tmSecretRetire: null });
    rig.start();
    await rig.acceptMessage(endpoint);
    await settled(1);
    await rig.store.putEndpoint(endpoint);
    rig.time.advance(6 * SECOND);
    await rig.acceptMessage(endpoint);
    await settled(2);
    const [first, second] = receiver.requests.map((request) => request.headers as Record<string, string>);
    expect(first?.["webhook-signature"]?.split(" ")).toHaveLength(2);
    expect(() => new Webhook(old).verify(receiver.requests[0]?.body ?? "", first ?? {})).not.toThrow();
    expect(() => new Webhook(SECRET).verify(receiver.requests[0]?.body ?? "", first ?? {})).not.toThrow();
    expect(second?.["webhook-signature"]?.split(" ")).toHaveLength(1);
  });

  it("goes to the new address once it was changed", async () => {
    const [before, after] = [await listen(accept), await listen(accept)];
    const endpoint = await rig.addEndpoint(before.url);
    rig.start();
    await rig.acceptMessage(endpoint);
    await settled(1);
    await rig.store.putEndpoint({ ...endpoint, uri: after.url });
    rig.time.advance(6 * SECOND);
    await rig.acceptMessage(endpoint);
    await settled(2);
    expect([before.requests.length, after.requests.length]).toEqual([1, 1]);
  });
});

describe("the order of a message's events", () => {
  it("is kept: one is on its way at a time, and the next shows all changes until then", async () => {
    const held: ServerResponse[] = [];
    const receiver = await listen((_, response) => held.push(response));
    const endpoint = await rig.addEndpoint(receiver.url);
    rig.start();
    await rig.acceptMessage(endpoint);
    await rig.acceptMessage(endpoint, "another");
    await until(() => held.length === 2);
    await rig.failTargets();
    rig.time.advance(SECOND);
    expect(bodies(receiver).map((body) => body.type)).toEqual(["message_created", "message_created"]);
    held[0]?.end();
    await until(() => receiver.requests.length === 3);
    expect(bodies(receiver)[2]).toMatchObject({
      type: "message_updated",
      data: { targets: [{ status: "failed" }] },
    });
    expect(bodies(receiver)[2]?.data.id).toBe(bodies(receiver)[0]?.data.id);
  });

  it("goes on when an event was given up", async () => {
    const receiver = await listen((request, response) => {
      response.writeHead(request.body.includes("message_created") ? 500 : 200).end();
    });
    const endpoint = await rig.addEndpoint(receiver.url);
    rig.start();
    const id = await rig.acceptMessage(endpoint);
    await settled(1);
    await rig.deleteMessage(endpoint, id);
    for (let attempt = 2; attempt <= ATTEMPTS_MAX; attempt++) {
      rig.time.advance(11 * HOUR);
      await pass(SECOND);
      await settled(attempt);
    }
    await settled(ATTEMPTS_MAX + 1);
    expect(bodies(receiver).map((body) => body.type)).toEqual([
      ...Array<string>(ATTEMPTS_MAX).fill("message_created"),
      "message_deleted",
    ]);
    const outcomes = rig.settlements.map((settlement) => settlement.outcome);
    expect(outcomes).toEqual([...Array(ATTEMPTS_MAX - 1).fill("retry"), "given_up", "delivered"]);
  });
});

describe("a failed attempt", () => {
  it("is repeated on schedule, with the same id and the same bytes, whatever happened to the message", async () => {
    let isDown = true;
    const receiver = await listen((_, response) => response.writeHead(isDown ? 500 : 200).end("sorry"));
    const endpoint = await rig.addEndpoint(receiver.url, { events: ["message_created"] });
    rig.start();
    await rig.acceptMessage(endpoint);
    await settled(1);
    await rig.failTargets();
    await pass(4 * SECOND);
    expect(receiver.requests).toHaveLength(1);
    await pass(2 * SECOND);
    await settled(2);
    isDown = false;
    await pass(298 * SECOND);
    expect(receiver.requests).toHaveLength(2);
    await pass(3 * SECOND);
    await settled(3);
    expect(new Set(receiver.requests.map((request) => request.body)).size).toBe(1);
    expect(new Set(receiver.requests.map((request) => request.headers["webhook-id"])).size).toBe(1);
    expect(new Set(receiver.requests.map((request) => request.headers["webhook-timestamp"])).size).toBe(3);
    expect(rig.settlements).toMatchObject([
      { outcome: "retry", attempt: { statusCode: 500, answer: "sorry" } },
      { outcome: "retry" },
      { outcome: "delivered" },
    ]);
  });

  it("waits as long as the receiver asks", async () => {
    const receiver = await listen((_, response) => response.writeHead(429, { "retry-after": "120" }).end());
    const endpoint = await rig.addEndpoint(receiver.url);
    rig.start();
    await rig.acceptMessage(endpoint);
    await settled(1);
    await pass(119 * SECOND);
    expect(receiver.requests).toHaveLength(1);
    await pass(2 * SECOND);
    await settled(2);
    expect(receiver.requests).toHaveLength(2);
  });

  it.each<[string, (request: ReceivedRequest, response: ServerResponse) => void, object]>([
    ["a receiver that hangs", () => undefined, { statusCode: null, error: "no complete answer in time" }],
    ["a receiver that drips", drip, { error: "no complete answer in time" }],
    ["10 MB of answer", flood, { error: "the answer is longer than 65536 bytes" }],
    [
      "a receiver that hangs up",
      (_, response) => response.destroy(),
      { statusCode: null, error: "other side closed" },
    ],
  ])("is what %s gets, and the log says why", async (_, answer, attempt) => {
    const receiver = await listen(answer);
    const endpoint = await rig.addEndpoint(receiver.url);
    rig.start({ timeoutMs: 200 });
    await rig.acceptMessage(endpoint);
    await settled(1);
    expect(rig.settlements).toMatchObject([{ outcome: "retry", attempt }]);
  });

  it("is what a redirect gets, and nobody follows it", async () => {
    const inside = await listen(accept);
    const receiver = await listen((_, response) => response.writeHead(307, { location: inside.url }).end());
    const endpoint = await rig.addEndpoint(receiver.url);
    rig.start();
    await rig.acceptMessage(endpoint);
    await settled(1);
    expect(rig.settlements).toMatchObject([{ outcome: "retry", attempt: { statusCode: 307 } }]);
    expect(inside.requests).toHaveLength(0);
  });

  it("is what a name gets that turns out to be private, without a connection", async () => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(`http://hooks.example.com:${receiver.port}/`);
    rig.start({ allowPrivate: false, client: { resolve: async () => ["127.0.0.1"] } });
    await rig.acceptMessage(endpoint);
    await settled(1);
    const error = "the name resolves to an address that is not public (loopback)";
    expect(rig.settlements).toMatchObject([{ outcome: "retry", attempt: { statusCode: null, error } }]);
    expect(receiver.requests).toHaveLength(0);
  });

  it("is what a name gets that resolves to a private address on its second look-up", async () => {
    const receiver = await listen((_, response) => response.setHeader("connection", "close").end());
    let monotonicMs = 0;
    const answers = ["127.0.0.1", "127.0.0.2"];
    const endpoint = await rig.addEndpoint(`http://hooks.example.com:${receiver.port}/`);
    rig.start({
      allowPrivate: false,
      client: {
        refuse: (address) => (address === "127.0.0.1" ? null : "loopback"),
        resolve: async () => answers.splice(0, 1),
        now: () => monotonicMs,
      },
    });
    await rig.acceptMessage(endpoint);
    await settled(1);
    monotonicMs += MINUTE;
    await rig.acceptMessage(endpoint);
    await settled(2);
    const error = "the name resolves to an address that is not public (loopback)";
    expect(rig.settlements).toMatchObject([
      { outcome: "delivered" },
      { outcome: "retry", attempt: { error } },
    ]);
    expect(receiver.requests).toHaveLength(1);
  });

  it.each([
    [
      "a private address",
      "http://127.0.0.1:9/hook",
      SECRET,
      "the URL names an address that is not public (loopback)",
    ],
    ["no URL", "nonsense", SECRET, "the URL is not an absolute http or https URL"],
  ])("is what an endpoint with %s gets, without a request", async (_, uri, secret, error) => {
    const endpoint = await rig.addEndpoint(uri, { sealedSecrets: [`sealed ${secret}`] });
    rig.start({ allowPrivate: false });
    await rig.acceptMessage(endpoint);
    await settled(1);
    expect(rig.settlements).toMatchObject([{ outcome: "retry", attempt: { statusCode: null, error } }]);
  });

  it("is what an endpoint gets whose secret cannot be opened: nothing is sent unsigned", async () => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(receiver.url, { sealedSecrets: ["sealed otherwise"] });
    rig.start({ secrets: { seal: (text) => text, open: () => failToOpen() } });
    await rig.acceptMessage(endpoint);
    await settled(1);
    const error = "its secret cannot be opened with this server's key";
    expect(rig.settlements).toMatchObject([{ outcome: "retry", attempt: { error } }]);
    expect(receiver.requests).toHaveLength(0);
  });
});

describe("an endpoint", () => {
  it("that answers 410 is switched off at once, and what waits for it is given up", async () => {
    const held: ServerResponse[] = [];
    const receiver = await listen((_, response) => held.push(response));
    const endpoint = await rig.addEndpoint(receiver.url);
    for (let index = 0; index < 40; index++) await rig.acceptMessage(endpoint);
    rig.start();
    await until(() => held.length === 16);
    held[0]?.writeHead(410).end();
    await until(() => rig.settlements.length >= 1);
    for (const response of held.slice(1)) response.writeHead(500).end();
    await until(
      () => rig.settlements.filter((settlement) => settlement.outcome === "given_up").length === 25,
    );
    expect(receiver.requests).toHaveLength(16);
    await until(
      async () => (await rig.store.getEndpoint(endpoint.id))?.disabledReason === "it answered 410 Gone",
    );
    expect(rig.lines).toMatchObject([{ level: "warn", message: "webhook endpoint switched off" }]);
    expect(rig.measured).toContain("msgbin_webhook_endpoints_disabled_total");
  });

  it("that fails for five days is switched off, and not a moment before", async () => {
    const receiver = await listen((_, response) => response.writeHead(500).end());
    const endpoint = await rig.addEndpoint(receiver.url, { events: ["message_created"] });
    rig.start();
    await rig.acceptMessage(endpoint);
    await until(async () => (await rig.store.getEndpoint(endpoint.id))?.tmFailingSince !== null);
    rig.time.advance(5 * DAY - 2 * MINUTE);
    await pass(SECOND);
    await settled(2);
    expect((await rig.store.getEndpoint(endpoint.id))?.disabledReason).toBeNull();
    rig.time.advance(3 * MINUTE);
    await rig.acceptMessage(endpoint);
    await until(async () => (await rig.store.getEndpoint(endpoint.id))?.disabledReason !== null);
    expect((await rig.store.getEndpoint(endpoint.id))?.disabledReason).toBe("every attempt of 5 days failed");
  });

  it("that answers again begins anew: its failures are forgotten", async () => {
    let status = 500;
    const receiver = await listen((_, response) => response.writeHead(status).end());
    const endpoint = await rig.addEndpoint(receiver.url);
    rig.start();
    await rig.acceptMessage(endpoint);
    await until(async () => (await rig.store.getEndpoint(endpoint.id))?.tmFailingSince !== null);
    status = 200;
    await pass(7 * SECOND);
    await until(async () => (await rig.store.getEndpoint(endpoint.id))?.tmFailingSince === null);
    expect(receiver.requests).toHaveLength(2);
  });

  it("that fails is in the log once, and once more when it works again, by its ids alone", async () => {
    let status = 500;
    const receiver = await listen((_, response) => response.writeHead(status).end("the body"));
    const endpoint = await rig.addEndpoint(`${receiver.url}?secret=hush`);
    for (let index = 0; index < 20; index++) await rig.acceptMessage(endpoint);
    rig.start();
    await settled(16);
    await until(async () => (await rig.store.getEndpoint(endpoint.id))?.tmFailingSince !== null);
    status = 200;
    await until(() => {
      rig.time.advance(SECOND);
      return rig.settlements.filter(({ outcome }) => outcome === "delivered").length === 20;
    });
    const who = { endpoint: endpoint.id, customer: endpoint.customerId };
    expect(rig.lines).toEqual([
      { level: "warn", message: "webhook endpoint fails", fields: { ...who, status: 500, error: "" } },
      { level: "info", message: "webhook endpoint works again", fields: who },
    ]);
  });

  it("that is switched off by hand gets nothing more, and what waited is given up", async () => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(receiver.url);
    await rig.acceptMessage(endpoint);
    await rig.store.putEndpoint({ ...endpoint, disabledReason: "not now" });
    rig.start();
    await settled(1);
    expect(rig.settlements).toMatchObject([
      { outcome: "given_up", attempt: { error: "switched off: not now" } },
    ]);
    expect(receiver.requests).toHaveLength(0);
  });

  it("that asks to be left alone is, as a whole: what waits for it is not tried one by one", async () => {
    const receiver = await listen((_, response) => response.writeHead(503, { "retry-after": "8" }).end());
    const endpoint = await rig.addEndpoint(receiver.url);
    for (let index = 0; index < 100; index++) await rig.acceptMessage(endpoint);
    rig.start();
    await until(() => rig.settlements.length >= 16);
    await pass(7 * SECOND);
    expect(receiver.requests).toHaveLength(16);
    await pass(2 * SECOND);
    await until(() => receiver.requests.length > 16);
  });

  it("that is slow delays no other", async () => {
    const slow = await listen(() => undefined);
    const quick = await listen(accept);
    const [first, second] = [await rig.addEndpoint(slow.url), await rig.addEndpoint(quick.url)];
    rig.start({ timeoutMs: 60 * SECOND });
    for (let index = 0; index < 100; index++) await rig.acceptMessage(first);
    await until(() => slow.requests.length === 16);
    for (let index = 0; index < 100; index++) await rig.acceptMessage(second);
    await settled(100);
    expect([slow.requests.length, quick.requests.length]).toEqual([16, 100]);
  });

  it("is served though others, more than there are places, all hang", async () => {
    const slow = await listen(() => undefined);
    const quick = await listen(accept);
    for (let index = 0; index < 12; index++) await rig.acceptMessage(await rig.addEndpoint(slow.url));
    rig.start({ timeoutMs: 300, limits: { workers: 4, attempts: 64 } });
    await until(() => slow.requests.length >= 4);
    await rig.acceptMessage(await rig.addEndpoint(quick.url));
    await until(() => {
      rig.time.advance(SECOND);
      return quick.requests.length === 1;
    });
    expect(slow.requests.length).toBeLessThan(12 * 16);
  });

  it("holds few messages in hand when they are large, however quick the endpoint was before", async () => {
    const answered = 100;
    const receiver = await listen((request, response) => {
      if (receiver.requests.length <= answered) accept(request, response);
    });
    const endpoint = await rig.addEndpoint(receiver.url);
    for (let index = 0; index < answered; index++) await rig.acceptMessage(endpoint);
    for (let index = 0; index < 100; index++) await rig.acceptMessage(endpoint, "to everybody", 1_000);
    let [claimed, claims] = [0, 0];
    rig.start({}, (store) => ({
      async claimDeliveries(claim) {
        claims++;
        const deliveries = await store.claimDeliveries(claim).finally(() => claims--);
        claimed += deliveries.length;
        return deliveries;
      },
    }));
    await until(() => receiver.requests.length === answered + HIGHEST_LIMIT);
    await settled(answered);
    await until(() => claims === 0); // a worker that wants more begins the next one before any timer
    expect(claimed).toBeLessThanOrEqual(answered + HIGHEST_LIMIT + 10); // 5,000 targets wait, and one claim more
  });

  it("claims few messages when few fit, for the others are claimed and given back in vain", async () => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(receiver.url);
    const [small, large] = [100, 40];
    for (let index = 0; index < small; index++) await rig.acceptMessage(endpoint);
    for (let index = 0; index < large; index++) await rig.acceptMessage(endpoint, "to everybody", 1_000);
    const claims: { readonly limit: number; readonly count: number; readonly isLarge: boolean }[] = [];
    rig.start({}, (store) => ({
      async claimDeliveries(claim) {
        const deliveries = await store.claimDeliveries(claim);
        const { length: count } = deliveries;
        const isLarge = deliveries.some(({ message }) => message?.targets.length === 1_000);
        claims.push({ limit: claim.limit, count, isLarge });
        return deliveries;
      },
    }));
    await settled(small + large);
    const first = claims.findIndex(({ isLarge }) => isLarge);
    const [cut, ...after] = claims.slice(first).filter(({ count }) => count > 0);
    expect(after.length).toBeGreaterThan(2);
    expect(Math.max(...after.map(({ limit }) => limit))).toBeLessThanOrEqual(2 * (cut?.count ?? 0));
  });
});

describe("a crash", () => {
  it("between attempt and record brings the event again, under the same id", async () => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(receiver.url);
    const crashed = rig.start({}, () => ({ settleDeliveries: () => new Promise(() => {}) }));
    await rig.acceptMessage(endpoint);
    await until(() => receiver.requests.length === 1);
    await crashed.stop(0);
    rig.start();
    await pass(LEASE - 2 * SECOND);
    expect(receiver.requests).toHaveLength(1);
    await pass(3 * SECOND);
    await settled(1);
    const ids = receiver.requests.map((request) => request.headers["webhook-id"]);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });
});

describe("an unavailable store", () => {
  it("keeps results waiting, and nothing is sent twice", async () => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(receiver.url);
    let failures = 0;
    rig.start({}, (store) => ({
      settleDeliveries: (settlements) => {
        if (failures++ < 2) return Promise.reject(new StoreUnavailable("disk_full", "no room"));
        return store.settleDeliveries(settlements);
      },
    }));
    await rig.acceptMessage(endpoint);
    await until(() => failures === 1);
    await until(() => rig.time.waits === 2);
    rig.time.advance(SECOND);
    await until(() => failures === 2);
    await until(() => rig.time.waits === 2);
    rig.time.advance(SECOND);
    await settled(1);
    expect(receiver.requests).toHaveLength(1);
  });

  it("is asked again for what is due", async () => {
    const receiver = await listen(accept);
    const endpoint = await rig.addEndpoint(receiver.url);
    await rig.acceptMessage(endpoint);
    let failures = 0;
    rig.start({}, (store) => ({
      claimDeliveries: (claim) => {
        expect(claim.reserveUntil).toBe(addMs(claim.now, 5 * SECOND)); // what comes next is theirs as it is made
        if (failures++ < 2) return Promise.reject(new StoreUnavailable("connection_lost", "gone"));
        return store.claimDeliveries(claim);
      },
    }));
    await until(() => {
      rig.time.advance(SECOND);
      return rig.settlements.length === 1;
    });
    expect(receiver.requests).toHaveLength(1);
    expect(rig.lines).toEqual([]);
  });
});

describe("stopping", () => {
  it("finishes what is in hand and claims no more", async () => {
    const held: ServerResponse[] = [];
    const receiver = await listen((_, response) => held.push(response));
    const endpoint = await rig.addEndpoint(receiver.url);
    const webhooks = rig.start();
    await rig.acceptMessage(endpoint);
    await until(() => held.length === 1);
    const stopped = webhooks.stop(MINUTE);
    await rig.acceptMessage(endpoint);
    held[0]?.end();
    await stopped;
    expect(rig.settlements).toMatchObject([{ outcome: "delivered" }]);
    expect(receiver.requests).toHaveLength(1);
    expect(rig.time.waits).toBe(0);
  });

  it("gives up waiting at its deadline; what was on its way comes back later", async () => {
    const receiver = await listen(() => undefined);
    const endpoint = await rig.addEndpoint(receiver.url);
    const webhooks = rig.start();
    await rig.acceptMessage(endpoint);
    await until(() => receiver.requests.length === 1);
    const stopped = webhooks.stop(MINUTE);
    rig.time.advance(MINUTE);
    await stopped;
    expect(rig.settlements).toEqual([]);
    rig.start();
    await until(() => receiver.requests.length === 2);
  });
});

interface Body {
  readonly type: string;
  readonly data: { readonly id: string; readonly tm_delete: string };
}

function bodies(receiver: ReceivingServer): Body[] {
  return receiver.requests.map((request) => JSON.parse(request.body) as Body);
}

async function listen(answer: Parameters<typeof startReceiver>[0]): Promise<ReceivingServer> {
  const receiver = await startReceiver(answer);
  receivers.push(receiver);
  return receiver;
}

/** Waits until so many attempts are written down. */
function settled(count: number): Promise<unknown> {
  return until(() => rig.settlements.length === count);
}

/** Lets time pass second by second, each after the poll of the one before. */
async function pass(ms: number): Promise<void> {
  for (let second = 0; second < ms / SECOND; second++) {
    await until(() => rig.time.waits > 0);
    rig.time.advance(SECOND);
  }
}

function drip(_: ReceivedRequest, response: ServerResponse): void {
  const timer = setInterval(() => response.write("."), 10);
  response.on("close", () => clearInterval(timer));
}

function flood(_: ReceivedRequest, response: ServerResponse): void {
  response.end(Buffer.alloc(10_000_000));
}

function failToOpen(): never {
  throw new Error("sealed with another key");
}
