import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createAccept } from "../accept/accept.ts";
import { createClock } from "../domain/clock.ts";
import { createIds, type NodeId } from "../domain/ids.ts";
import type { Message } from "../domain/message.ts";
import { DEFAULT_TEXT_PROFILE } from "../gsm/text-profile.ts";
import { createReceipts } from "../receipts/receipts.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { CARRIER, createWitness, CUSTOMER, targetsOf } from "./dispatch.fixture.ts";
import { type CarrierScript, ScriptedCarrier, taken } from "./scripted-carrier.fixture.ts";

/** Waits for a condition however slow the machine is; the test's own timeout ends a wait in vain. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const isMet = async (): Promise<void> => {
    if (!(await condition())) throw new Error("not yet");
  };
  await vi.waitFor(isMet, { timeout: 55_000, interval: 5 });
}

const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "msgbin-dispatch-"));
  endings.push(() => rm(directory, { recursive: true }));
  return directory;
}

/** A serving process in small: store, accept, dispatch and receipts, with a carrier that answers as it is told. */
async function serve(directory: string, script: CarrierScript = {}) {
  const clock = createClock(() => performance.timeOrigin + performance.now());
  const ids = createIds((bytes) => crypto.getRandomValues(bytes));
  const node = ids.at(clock.now()) as NodeId;
  const { metrics, logger, counts } = createWitness();
  const file = join(directory, "msgbin.db");
  const store: Store = await openSqliteStore({ file, clock, logger, metrics });
  endings.push(() => store.close());
  const receipts = createReceipts({ store, clock, nameOf: () => "north", metrics, logger });
  const dispatch: Dispatch = createDispatch({
    store,
    node,
    clock,
    monotonicMs: () => performance.now(),
    random: Math.random,
    countParts: ({ parts }) => parts,
    onReceipts: (given) => receipts.apply(given),
    onInbound: () => Promise.resolve(),
    metrics,
    logger,
  });
  const { handOver } = dispatch;
  const route = [CARRIER];
  const accept = createAccept({
    store,
    handOver,
    clock,
    ids,
    node,
    metrics,
    route: () => route,
    profileOf: () => DEFAULT_TEXT_PROFILE,
    ownerOf: () => null,
  });
  const carrier = new ScriptedCarrier(script);
  dispatch.add(carrier);
  receipts.start();
  endings.push(async () => {
    await receipts.stop();
    await dispatch.stop(100);
  });
  await dispatch.start();
  await until(() => carrier.lanes().length > 0 && handOver.reserve(CARRIER, targetsOf(1)));
  handOver.release(CARRIER, targetsOf(1));

  async function send(destinations: number, text = "hello", key?: string): Promise<Message> {
    const result = await accept.accept({
      customerId: CUSTOMER,
      source: { target: "+821100000001" },
      destinations: Array.from({ length: destinations }, (_, index) => ({
        target: `+31600${100_000 + index}`,
      })),
      text,
      options: {},
      ...(key !== undefined && { idempotency: { key, fingerprint: "f" } }),
      render: ({ id }) => id,
    });
    if (result.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(result)}`);
    return result.message;
  }

  async function statuses({ customerId, id }: Message): Promise<ReadonlySet<string>> {
    const message = await store.getMessage({ customerId, messageId: id });
    return new Set(message?.targets.map(({ status }) => status));
  }

  return { store, accept, dispatch, receipts, carrier, counts, clock, send, statuses };
}

describe("on the embedded store", () => {
  it.each([1, 1_000])("a message to %d handsets goes out and its receipts end it", async (destinations) => {
    const { carrier, receipts, clock, counts, send, statuses, store } = await serve(await newDirectory(), {
      windowSize: 100,
    });
    const message = await send(destinations, "x".repeat(200));
    await until(async () => (await statuses(message)).has("sent") && (await statuses(message)).size === 1);
    expect(carrier.submissions).toHaveLength(destinations);
    const reports = carrier.submissions.flatMap(({ target }) =>
      [0, 1].map((part) => ({
        carrierId: CARRIER,
        keys: [`${target.messageId}-${target.n}-${part}`],
        destination: target.destination.target.slice(1),
        state: "delivered" as const,
        failure: null,
        at: clock.now(),
        words: "stat:DELIVRD",
      })),
    );
    await receipts.apply(reports);
    expect(await statuses(message)).toEqual(new Set(["delivered"]));
    const [trail = []] = (await store.getTrails({ customerId: CUSTOMER, messageId: message.id })) ?? [];
    expect(trail.map(({ what }) => what)).toEqual(["sent", "receipt", "receipt"]);
    expect(counts.get("msgbin_receipts_total north delivered")).toBe(destinations);
  });

  it("an idempotency key gives the first answer again", async () => {
    const { accept, send } = await serve(await newDirectory());
    const first = await send(2, "hello", "order-1");
    const again = await accept.accept({
      customerId: CUSTOMER,
      source: { target: "+821100000001" },
      destinations: [{ target: "+31600100000" }],
      text: "hello",
      options: {},
      idempotency: { key: "order-1", fingerprint: "f" },
      render: () => "another",
    });
    expect(again).toEqual({ kind: "replayed", answer: first.id });
  });

  it("what was in flight and what waited when a process ended is sent by the next one", async () => {
    const directory = await newDirectory();
    const before = await serve(directory, { windowSize: 10, answer: () => null });
    const message = await before.send(200);
    await until(() => before.carrier.submissions.length === 10);
    await before.store.close(); // as a crash leaves it: nothing settled, nothing released
    const after = await serve(directory, { windowSize: 10 });
    await until(
      async () => (await after.statuses(message)).size === 1 && (await after.statuses(message)).has("sent"),
    );
    expect(new Set(after.carrier.submissions.map(({ target }) => target.n)).size).toBe(200);
    expect(after.carrier.submissions).toHaveLength(200);
    const unknown = after.counts.get("msgbin_unknown_outcomes_total north") ?? 0;
    expect(unknown).toBeGreaterThanOrEqual(10);
    expect(unknown).toBeLessThanOrEqual(10 + 64);
    const trails = (await after.store.getTrails({ customerId: CUSTOMER, messageId: message.id })) ?? [];
    expect(trails.filter((trail) => trail.some(({ what }) => what === "in_flight_at_crash"))).toHaveLength(
      unknown,
    );
  });

  it("what waits in memory for a handset that opts out is not sent", async () => {
    const { carrier, clock, store, send, statuses } = await serve(await newDirectory(), {
      windowSize: 1,
      answer: () => null,
    });
    const message = await send(200);
    await until(() => carrier.submissions.length === 1);
    const stopped = message.targets.at(-1)?.destination.target ?? "";
    const words = { beganBy: "keyword:STOP", endedBy: "" };
    const between = { customerId: CUSTOMER, sender: "+821100000001", handset: stopped };
    await store.beginOptOut({
      id: crypto.randomUUID(),
      ...between,
      since: clock.now(),
      until: null,
      ...words,
    });
    carrier.answer = taken;
    carrier.answerOldest(taken);
    await until(async () => !(await statuses(message)).has("queued"));
    expect(await statuses(message)).toEqual(new Set(["sent", "failed"]));
    expect(carrier.submissions).toHaveLength(199);
    expect(carrier.submissions.map(({ target }) => target.destination.target)).not.toContain(stopped);
  });

  it("a backlog that no memory should hold drains in the order it came", async () => {
    const { carrier, dispatch, send, statuses } = await serve(await newDirectory(), {
      windowSize: 50,
      responseMs: 2,
    });
    carrier.disconnect();
    await until(() => !dispatch.handOver.reserve(CARRIER, targetsOf(1)));
    const messages: Message[] = [];
    for (let count = 0; count < 8; count++) messages.push(await send(1_000));
    carrier.answer = taken;
    carrier.connect();
    for (const message of messages)
      await until(async () => (await statuses(message)).size === 1 && (await statuses(message)).has("sent"));
    const order = [...new Set(carrier.submissions.map(({ target }) => target.messageId))];
    expect(order).toEqual(messages.map(({ id }) => id));
    expect(carrier.submissions).toHaveLength(8_000);
  });
});
