import { expect } from "vitest";
import { createSimulator, type Simulator } from "../../src/carriers/simulator/simulator.ts";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { expectBooksToBalance, type Order } from "./books.ts";
import { type EngineName, ENGINES } from "./engines.ts";
import { EventBook } from "./event-book.ts";
import { randomFrom } from "./random.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { eventually, loginAsAdmin, pause, prepareService } from "./service.ts";
import { SubmitWitness } from "./submit-witness.ts";

const CARRIER = "crash";
const SENDERS = 8;
const KILL_AFTER_MS = { min: 50, max: 700 };
const SUBMITS_WITHIN_MS = 120_000;
const WINDOW = 50;
/** What is ordered while nothing can be sent yet. */
const ORDERS_AHEAD = 1_000;
/** The number that handsets write to all the while. */
const NUMBER = "821100000001";
const TEXT_EVERY_MS = 10;

/**
 * Kills the serving process at random moments under load, `rounds` times, with an SMSC and a receiver that live on, and
 * then goes through the books.
 */
export async function expectBooksToBalanceAfterCrashes(rounds: number, name: EngineName): Promise<void> {
  await using engine = await ENGINES[name]();
  const { random, seed } = randomFrom(process.env["MSGBIN_TEST_SEED"]);
  console.log(`crash run: ${rounds} rounds on ${name}, seed ${seed}`);
  const witness = new SubmitWitness();
  const told = new EventBook();
  const smsc = createSimulator({
    behaviours: { receiptDelayMs: 20, receiptJitterMs: 100 },
    onSubmit: (entry) => witness.note(CARRIER, entry),
  });
  const { port } = await smsc.listen();
  const receiver = await startReceiver((event) => told.note(event));
  const service = await prepareService({ MSGBIN_SIMULATOR: "off", ...engine.environment });
  try {
    await service.start();
    const token = await loginAsAdmin(service.url);
    const api = createApiClient(service.url, token);
    await setUp(api, port, receiver);
    const orders: Order[] = [];
    const texts: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const handsets = setInterval(() => writeText(smsc, texts), TEXT_EVERY_MS);
      // While a dead process's leases last nothing would be in flight: only so much is ordered meanwhile.
      if (engine.hasLeases) {
        const ahead = startLoad(api, orders, ORDERS_AHEAD);
        await untilSubmits(smsc);
        await ahead.stop();
      }
      const load = startLoad(api, orders);
      await pause(KILL_AFTER_MS.min + random() * (KILL_AFTER_MS.max - KILL_AFTER_MS.min));
      await service.kill();
      clearInterval(handsets);
      await load.stop();
      await service.start();
    }
    await insist(api, orders);
    const openStore = async () => {
      expect(await service.terminate()).toBe(0);
      return engine.openStore(service.dataDir);
    };
    await expectBooksToBalance({ api, orders, texts, told, witness, carriers: [CARRIER], openStore });
  } finally {
    await service.dispose();
    await receiver.close();
    await smsc.close();
  }
}

async function untilSubmits(smsc: Simulator): Promise<void> {
  const before = smsc.counters().submits;
  await eventually(
    () => smsc.counters().submits,
    (count) => count > before,
    SUBMITS_WITHIN_MS,
  );
}

async function setUp(api: ApiClient, smscPort: number, receiver: Receiver): Promise<void> {
  const url = `smpp://crash:crash@127.0.0.1:${smscPort}?bind=trx&window=${WINDOW}`;
  await api.succeed("POST", "/v1.0/carriers", { name: CARRIER, url });
  await api.succeed("POST", "/v1.0/numbers", { number: `+${NUMBER}`, name: "crash", detail: "" });
  const customer = await api.succeed<Record<string, unknown>>("GET", "/v1.0/customer");
  await api.succeed("PUT", "/v1.0/customer", {
    ...customer,
    webhook_method: "POST",
    webhook_uri: receiver.url,
  });
}

/** Senders that order one message after the other until they are stopped, have placed `most` or the service is gone. */
function startLoad(api: ApiClient, orders: Order[], most = Infinity): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const end = orders.length + most;
  async function send(): Promise<void> {
    while (!stopped.signal.aborted && orders.length < end) {
      if (!(await place(api, nextOrder(orders)))) return;
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

/** Some have several destinations, some a text of several parts. */
function nextOrder(orders: Order[]): Order {
  const n = orders.length;
  const count = n % 7 === 0 ? 5 : 1;
  const destinations = Array.from({ length: count }, (_, index) => `+31${755_000_000 + n * 10 + index}`);
  const text = n % 5 === 0 ? "long ".repeat(60) : `text ${n}`;
  const order: Order = { key: `order-${n}`, destinations, text, id: null };
  orders.push(order);
  return order;
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
