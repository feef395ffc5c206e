import { join } from "node:path";
import { expect } from "vitest";
import { createSimulator, type Simulator } from "../../src/carriers/simulator/simulator.ts";
import type { CustomerId, MessageId } from "../../src/domain/ids.ts";
import type { TrailEntry } from "../../src/domain/trail.ts";
import { type ApiClient, type ApiMessage, createApiClient } from "./api-client.ts";
import { randomFrom } from "./random.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { eventually, loginAsAdmin, pause, prepareService, type Service } from "./service.ts";
import { openStoreOf } from "./store-of.ts";

const SENDERS = 8;
const KILL_AFTER_MS = { min: 50, max: 700 };
const FINAL_WITHIN_MS = 60_000;
const WINDOW = 50;
/** The number that handsets write to all the while. */
const NUMBER = "821100000001";
const TEXT_EVERY_MS = 10;
/** What a trail says of a target whose outcome a crash or a lost connection left unknown. */
const UNKNOWN_OUTCOME = new Set(["in_flight_at_crash", "unknown_outcome"]);
const ORDER = ["queued", "sent", "delivered"];

/** A message that a client insists on: it repeats the request under the same key until it is answered. */
interface Order {
  readonly key: string;
  readonly destinations: readonly string[];
  readonly text: string;
  id: string | null;
}

/**
 * Kills the serving process at random moments under load, `rounds` times, with an SMSC and a receiver that live on, and
 * then goes through the books: P1 and P2 (nothing accepted is lost, every final status is announced), P3 (what was sent
 * twice was marked), P4 (no status goes back), P5 (an event keeps its id).
 */
export async function expectBooksToBalanceAfterCrashes(rounds: number): Promise<void> {
  const { random, seed } = randomFrom(process.env["MSGBIN_TEST_SEED"]);
  console.log(`crash run: ${rounds} rounds, seed ${seed}`);
  const submitted = new Map<string, number>();
  const smsc = createSimulator({
    behaviours: { receiptDelayMs: 20, receiptJitterMs: 100 },
    onSubmit: ({ destination }) =>
      submitted.set(digits(destination), (submitted.get(digits(destination)) ?? 0) + 1),
  });
  const { port } = await smsc.listen();
  const receiver = await startReceiver();
  const service = await prepareService({ MSGBIN_SIMULATOR: "off" });
  try {
    await service.start();
    const token = await loginAsAdmin(service.url);
    const api = createApiClient(service.url, token);
    await setUp(api, port, receiver);
    const orders: Order[] = [];
    const texts: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const load = startLoad(api, orders);
      const handsets = setInterval(() => writeText(smsc, texts), TEXT_EVERY_MS);
      await pause(KILL_AFTER_MS.min + random() * (KILL_AFTER_MS.max - KILL_AFTER_MS.min));
      await service.kill();
      clearInterval(handsets);
      await load.stop();
      await service.start();
    }
    await insist(api, orders);
    await expectBooksToBalance({ api, orders, texts, receiver, service, submitted });
  } finally {
    await service.dispose();
    await receiver.close();
    await smsc.close();
  }
}

async function setUp(api: ApiClient, smscPort: number, receiver: Receiver): Promise<void> {
  const url = `smpp://crash:crash@127.0.0.1:${smscPort}?bind=trx&window=${WINDOW}`;
  await api.succeed("POST", "/v1.0/carriers", { name: "crash", url });
  await api.succeed("POST", "/v1.0/numbers", { number: `+${NUMBER}`, name: "crash", detail: "" });
  const customer = await api.succeed<Record<string, unknown>>("GET", "/v1.0/customer");
  await api.succeed("PUT", "/v1.0/customer", {
    ...customer,
    webhook_method: "POST",
    webhook_uri: receiver.url,
  });
}

/** Senders that order one message after the other until they are stopped or the service is gone. */
function startLoad(api: ApiClient, orders: Order[]): { stop(): Promise<void> } {
  const stopped = new AbortController();
  async function send(): Promise<void> {
    while (!stopped.signal.aborted) {
      const n = orders.length;
      const count = n % 7 === 0 ? 5 : 1;
      const destinations = Array.from({ length: count }, (_, index) => `+31${755_000_000 + n * 10 + index}`);
      const order: Order = {
        key: `order-${n}`,
        destinations,
        text: n % 5 === 0 ? "long ".repeat(60) : `text ${n}`,
        id: null,
      };
      orders.push(order);
      if (!(await place(api, order))) return;
    }
  }
  const senders = Array.from({ length: SENDERS }, send);
  return {
    async stop() {
      stopped.abort();
      await Promise.all(senders);
    },
  };
}

/** False when no answer came: the message was accepted or not, and only asking again can tell. */
async function place(api: ApiClient, order: Order): Promise<boolean> {
  try {
    const answer = await api.send(order.destinations, order.text, { "Idempotency-Key": order.key });
    if (answer.status !== 200)
      throw new Error(`POST answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    order.id = answer.body.id;
    return true;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return false; // fetch's word for a lost connection, or half a body
    throw error;
  }
}

/** A handset writes, every third time in parts; the SMSC tries until it is answered. */
function writeText(smsc: Simulator, texts: string[]): void {
  const n = texts.length;
  const text = n % 3 === 0 ? `handset ${n} ${"long ".repeat(50)}end` : `handset ${n}`;
  texts.push(text);
  smsc.handset(String(31_655_000_000 + n)).write(NUMBER, text);
}

async function insist(api: ApiClient, orders: readonly Order[]): Promise<void> {
  for (const order of orders) if (order.id === null) expect(await place(api, order)).toBe(true);
}

interface Books {
  readonly api: ApiClient;
  readonly orders: readonly Order[];
  /** What handsets wrote. */
  readonly texts: readonly string[];
  readonly receiver: Receiver;
  readonly service: Service;
  readonly submitted: ReadonlyMap<string, number>;
}

async function expectBooksToBalance({
  api,
  orders,
  texts,
  receiver,
  service,
  submitted,
}: Books): Promise<void> {
  const messages: ApiMessage[] = [];
  for (const { id } of orders) {
    messages.push(await eventually(() => api.message(String(id)), isDelivered, FINAL_WITHIN_MS));
  }
  expect(new Set(messages.map(({ id }) => id)).size).toBe(orders.length);
  const listed = await listAll(api);
  const outbound = listed.filter(({ direction }) => direction === "outbound").map(({ id }) => id);
  expect(outbound.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
  await expectTextsToHaveArrived(api, texts);

  const inbound = listed.filter(({ direction }) => direction === "inbound").map(({ id }) => id);
  const told = (): ReadonlySet<string> => new Set(receiver.events.map(({ message }) => message.id));
  await eventually(
    () => {
      const known = told(); // once: a set of all events for each message would keep this process from receiving them
      return inbound.filter((id) => !known.has(id));
    },
    (untold) => untold.length === 0,
    FINAL_WITHIN_MS,
  );
  const announced = (): readonly string[] => [
    ...new Set(
      receiver.events.filter(({ message }) => isDelivered(message)).map(({ message }) => message.id),
    ),
  ];
  await eventually(
    () => orders.length - announced().length,
    (missing) => missing === 0,
    FINAL_WITHIN_MS,
  );
  expectEventsToKeepTheirIds(receiver);
  expectStatusesToMoveForward(receiver);

  const customerId = await api.succeed<{ id: string }>("GET", "/v1.0/customer");
  expect(await service.terminate()).toBe(0);
  await expectRepeatsToBeMarked({
    dataDir: service.dataDir,
    customerId: customerId.id as CustomerId,
    messages,
    submitted,
  });
}

/** At least once each: SMPP gives a text no id by which a repeat could be known. */
async function expectTextsToHaveArrived(api: ApiClient, texts: readonly string[]): Promise<void> {
  const missing = async (): Promise<readonly string[]> => {
    const arrived = new Set((await listAll(api)).map(({ text }) => text));
    return texts.filter((text) => !arrived.has(text));
  };
  await eventually(missing, (left) => left.length === 0, FINAL_WITHIN_MS);
}

async function listAll(api: ApiClient): Promise<readonly ApiMessage[]> {
  const messages: ApiMessage[] = [];
  for (let token = ""; ;) {
    const path = `/v1.0/messages?page_size=100${token === "" ? "" : `&page_token=${encodeURIComponent(token)}`}`;
    const page = await api.succeed<{ result: readonly ApiMessage[]; next_page_token: string }>("GET", path);
    if (page.result.length === 0) return messages;
    messages.push(...page.result);
    token = page.next_page_token;
  }
}

function expectEventsToKeepTheirIds({ events }: Receiver): void {
  const subjects = new Map<string, string>();
  for (const { id, type, message } of events) {
    const subject = `${type} ${message.id}`;
    expect(subjects.get(id) ?? subject).toBe(subject);
    subjects.set(id, subject);
  }
}

function expectStatusesToMoveForward({ events }: Receiver): void {
  const furthest = new Map<string, number>();
  const seen = new Set<string>();
  for (const { id, message } of events) {
    if (message.direction === "inbound" || seen.has(id)) continue; // a repeated attempt tells again what it told before
    seen.add(id);
    for (const { destination, status } of message.targets) {
      const rank = ORDER.indexOf(status);
      expect(rank).toBeGreaterThanOrEqual(furthest.get(destination.target) ?? 0);
      furthest.set(destination.target, rank);
    }
  }
}

interface Sendings {
  readonly dataDir: string;
  readonly customerId: CustomerId;
  readonly messages: readonly ApiMessage[];
  readonly submitted: ReadonlyMap<string, number>;
}

async function expectRepeatsToBeMarked({
  dataDir,
  customerId,
  messages,
  submitted,
}: Sendings): Promise<void> {
  await using store = await openStoreOf(join(dataDir, "msgbin.db"));
  let repeated = 0;
  for (const message of messages) {
    const trails = await store.getTrails({ customerId, messageId: message.id as MessageId });
    for (const [n, target] of message.targets.entries()) {
      const times = submitted.get(digits(target.destination.target)) ?? 0;
      expect(times).toBeGreaterThanOrEqual(target.parts);
      if (times === target.parts) continue;
      repeated++;
      expect(trails?.[n]?.some(isOfUnknownOutcome), `${message.id} target ${n} was sent ${times} times`).toBe(
        true,
      );
    }
  }
  console.log(`crash run: ${messages.length} messages, ${repeated} targets sent twice, each of them marked`);
}

function isOfUnknownOutcome({ what }: TrailEntry): boolean {
  return UNKNOWN_OUTCOME.has(what);
}

function isDelivered(message: Pick<ApiMessage, "targets"> | Receiver["events"][number]["message"]): boolean {
  return message.targets.every(({ status }) => status === "delivered");
}

function digits(number: string): string {
  return number.replace(/\D/g, "");
}
