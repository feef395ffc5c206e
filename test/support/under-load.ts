import { expect } from "vitest";
import { createSystemClock } from "../../src/app/system-clock.ts";
import { createSimulator, type Simulator } from "../../src/carriers/simulator/simulator.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { expectBooksToBalance, type Order } from "./books.ts";
import { EventBook } from "./event-book.ts";
import { startReceiver } from "./receiver.ts";
import { eventually, loginAsAdmin, pause, prepareService, type Service } from "./service.ts";
import { quietLogger, quietMetrics } from "./store-of.ts";
import { SubmitWitness } from "./submit-witness.ts";

/** The number that handsets write to all the while. */
const NUMBER = "821100000001";
const SENDERS = 4;
/** So that something is in flight at every moment. */
const RESPONSE_MS = 10;
const TARGETS_EACH = 5;
const ORDER_EVERY_MS = 100;
const ASK_AGAIN_MS = 200;
const TEXT_EVERY_MS = 100;
const RECEIPT_RETRY_MS = 500;
const CARRIER = "north";
const WINDOW = 20;
const ORDERED_WITHIN_MS = 180_000;
const READY_WITHIN_MS = 120_000;

/** What a client was told, and when. */
export interface Told {
  readonly askedAtMs: number;
  readonly tookMs: number;
  readonly order: Order;
  /** Null when the connection broke. */
  readonly status: number | null;
  readonly retryAfter: string | null;
}

/** Nodes on one PostgreSQL with a carrier, handsets, clients that insist and a webhook receiver, all of them at work. */
export interface UnderLoad {
  readonly nodes: readonly Service[];
  readonly smsc: Simulator;
  /** Everything that clients were told so far. */
  readonly told: readonly Told[];
  /** Resolves when every node's `/readyz` answers so. */
  readiness(status: number): Promise<void>;
  /** Resolves when so many more orders were placed by requests that began from now on. */
  moreOrders(count: number): Promise<void>;
  /** Resolves when so many more receipts and texts were taken from the carrier. */
  moreTaken(count: number): Promise<void>;
  /** Lets the load come to its end, and goes through the books; the nodes end with it. */
  balance(): Promise<void>;
}

export interface LoadWishes {
  /** Where the nodes reach the database. */
  readonly url: string;
  /** Where the test reaches it at the end. */
  readonly directUrl?: string;
  readonly nodes: number;
  /** Clients that order one message after the other; a few unless given. */
  readonly senders?: number;
}

/** Starts all of it; what it started ends with `cleanUp`. */
export async function putUnderLoad(cleanUp: AsyncDisposableStack, wishes: LoadWishes): Promise<UnderLoad> {
  const witness = new SubmitWitness();
  const events = new EventBook();
  const smsc = createSimulator({
    behaviours: {
      responseDelayMs: RESPONSE_MS,
      receiptDelayMs: 20,
      receiptJitterMs: 200,
      receiptRetryMs: RECEIPT_RETRY_MS,
    },
    onSubmit: (entry) => witness.note(CARRIER, entry),
  });
  const { port } = await smsc.listen();
  cleanUp.defer(() => smsc.close());
  const receiver = await startReceiver((event) => events.note(event));
  cleanUp.defer(() => receiver.close());
  const nodes = await startNodes(cleanUp, wishes);
  const token = await loginAsAdmin(nodes[0]?.url ?? "");
  const apis = nodes.map(({ url }) => createApiClient(url, token));
  const [api] = apis;
  if (api === undefined) throw new Error("no nodes");
  const url = `smpp://north:secret@127.0.0.1:${port}?bind=trx&binds=${wishes.nodes}&window=${WINDOW}`;
  await api.succeed("POST", "/v1.0/carriers", { name: CARRIER, url });
  await api.succeed("POST", "/v1.0/numbers", { number: `+${NUMBER}`, name: "load", detail: "" });
  const customer = await api.succeed<Record<string, unknown>>("GET", "/v1.0/customer");
  const webhook = { webhook_method: "POST", webhook_uri: receiver.url };
  await api.succeed("PUT", "/v1.0/customer", { ...customer, ...webhook });

  const orders: Order[] = [];
  const told: Told[] = [];
  const texts: string[] = [];
  const senders = startSenders(wishes.senders ?? SENDERS, apis, orders, told);
  cleanUp.defer(() => senders.giveUp());
  const binds = () => smsc.counters().binds;
  await eventually(binds, (count) => count > 0, READY_WITHIN_MS); // before, a handset's text has nowhere to go
  const handsets = setInterval(() => writeText(smsc, texts), TEXT_EVERY_MS);
  cleanUp.defer(() => clearInterval(handsets));

  const openStore = () => endAndOpen(nodes, wishes.directUrl ?? wishes.url);
  return {
    nodes,
    smsc,
    told,
    async readiness(status) {
      for (const node of nodes)
        await eventually(
          () => fetch(`${node.url}/readyz`),
          (answer) => answer.status === status,
          READY_WITHIN_MS,
        );
    },
    async moreOrders(count) {
      const from = performance.now();
      const placed = () => told.filter(({ status, askedAtMs }) => status === 200 && askedAtMs >= from).length;
      await eventually(placed, (more) => more >= count, ORDERED_WITHIN_MS);
    },
    async moreTaken(count) {
      const before = smsc.counters().deliveriesTaken;
      await eventually(
        () => smsc.counters().deliveriesTaken - before,
        (more) => more >= count,
        ORDERED_WITHIN_MS,
      );
    },
    async balance() {
      clearInterval(handsets);
      await senders.stop();
      await expectBooksToBalance({
        api,
        orders,
        texts,
        told: events,
        witness,
        carriers: [CARRIER],
        openStore,
      });
    },
  };
}

/** Ends the nodes and opens the store that they leave behind. */
async function endAndOpen(nodes: readonly Service[], url: string): Promise<Store & AsyncDisposable> {
  for (const node of nodes) expect(await node.terminate()).toBe(0);
  const store = await openPostgresStore({
    url,
    directUrl: url,
    clock: createSystemClock(),
    logger: quietLogger,
    metrics: quietMetrics,
  });
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

async function startNodes(cleanUp: AsyncDisposableStack, wishes: LoadWishes): Promise<readonly Service[]> {
  const nodes: Service[] = [];
  for (let count = 0; count < wishes.nodes; count++) {
    const node = await prepareService({
      MSGBIN_DATABASE_URL: wishes.url,
      MSGBIN_SECRET_KEY: "the one key that all of the nodes are given",
    });
    cleanUp.defer(() => node.dispose());
    nodes.push(node);
  }
  await Promise.all(nodes.map((node) => node.start()));
  return nodes;
}

/** Clients that ask for each order under its key until it is placed, at one node after the other. */
function startSenders(
  count: number,
  apis: readonly ApiClient[],
  orders: Order[],
  told: Told[],
): { stop(): Promise<void>; giveUp(): void } {
  const stopped = new AbortController();
  const givenUp = new AbortController();
  async function send(): Promise<void> {
    while (!stopped.signal.aborted) {
      const n = orders.length;
      const destinations = Array.from(
        { length: TARGETS_EACH },
        (_, index) => `+31${760_000_000 + n * 10 + index}`,
      );
      const order: Order = { key: `order-${n}`, destinations, text: `text ${n}`, id: null };
      orders.push(order);
      for (let tries = n; order.id === null && !givenUp.signal.aborted; tries++) {
        told.push(await place(apis[tries % apis.length], order));
        if (order.id === null) await pause(ASK_AGAIN_MS);
      }
      await pause(ORDER_EVERY_MS);
    }
  }
  const sending = Promise.all(Array.from({ length: count }, send));
  sending.catch(() => undefined); // `stop` tells
  return {
    async stop() {
      stopped.abort();
      await sending;
    },
    giveUp() {
      stopped.abort();
      givenUp.abort();
    },
  };
}

async function place(api: ApiClient | undefined, order: Order): Promise<Told> {
  const askedAtMs = performance.now();
  try {
    const answer = await api?.send(order.destinations, order.text, { "Idempotency-Key": order.key });
    const status = answer?.status ?? null;
    if (status === 200) order.id = answer?.body.id ?? null;
    // 409: the first request under the key has not ended.
    else if (status !== 503 && status !== 409)
      throw new Error(`POST answered ${status}: ${JSON.stringify(answer?.body)}`);
    const retryAfter = answer?.headers.get("retry-after") ?? null;
    return { askedAtMs, tookMs: performance.now() - askedAtMs, order, status, retryAfter };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error; // fetch's word for a lost connection, or half a body
    return { askedAtMs, tookMs: performance.now() - askedAtMs, order, status: null, retryAfter: null };
  }
}

/** A handset writes, every fourth time in parts; the carrier brings it until it is taken. */
function writeText(smsc: Simulator, texts: string[]): void {
  const n = texts.length;
  const text = n % 4 === 0 ? `handset ${n} ${"long ".repeat(50)}end` : `handset ${n}`;
  texts.push(text);
  smsc.handset(String(31_655_000_000 + n)).write(NUMBER, text);
}
