import { expect } from "vitest";
import { createSystemClock } from "../../src/app/system-clock.ts";
import { createSimulator, type Simulator } from "../../src/carriers/simulator/simulator.ts";
import { COMMAND_STATUS } from "../../src/smpp/pdu/command-status.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { digits, expectBooksToBalance, type Order } from "./books.ts";
import { startPostgres } from "./postgres.ts";
import { randomFrom } from "./random.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { eventually, loginAsAdmin, pause, prepareService, type Service } from "./service.ts";
import { quietLogger, quietMetrics } from "./store-of.ts";

const CARRIERS = ["north", "east", "south"] as const;
/** Share that a carrier refuses and the next one takes, so that each of them has work. */
const REFUSED_PERCENT = { north: 50, east: 50, south: 0 } as const;
const ROLES = ["api", "api", "dispatch,webhooks", "dispatch,webhooks"] as const;
const SENDERS = 4;
const TARGETS_EACH = 20;
const ORDERS_MAX = 1_000;
const ORDER_EVERY_MS = 400;
const TEXT_EVERY_MS = 250;
const WINDOW = 20;
/** The number that handsets write to all the while. */
const NUMBER = "821100000001";
const KILL_AFTER_MS = { min: 2_000, max: 5_000 };
/** Longer than a lease: what the node held is others' by the time it wakes. */
const STOPPED_MS = 20_000;
const DATABASE_AWAY_MS = 2_000;
const ANSWERED_WITHIN_MS = 90_000;

/** What the carriers saw. */
interface Witness {
  /** Parts taken for each number. */
  readonly submitted: Map<string, number>;
  /** What came on a bind after another bind, opened later, had been used: each carrier has one slot. */
  readonly late: string[];
  readonly smscs: readonly Simulator[];
}

/**
 * Four processes, three carriers and a PostgreSQL under load: random processes are killed, the database once, and a
 * dispatching process is stopped and woken when its leases are long gone. Then the books, and that no submit_sm left on an
 * old bind after the first on the new one.
 */
export async function expectBooksToBalanceInCluster(kills: number): Promise<void> {
  const { random, seed } = randomFrom(process.env["MSGBIN_TEST_SEED"]);
  console.log(`cluster run: seed ${seed}`);
  await using cleanUp = new AsyncDisposableStack();
  const database = await startPostgres();
  cleanUp.defer(() => database.stop());
  const url = await database.createDatabase();
  const witness = openCarriers();
  for (const smsc of witness.smscs) cleanUp.defer(() => smsc.close());
  const receiver = await startReceiver();
  cleanUp.defer(() => receiver.close());
  const nodes: Service[] = [];
  for (const roles of ROLES) {
    const node = await prepareService({
      MSGBIN_DATABASE_URL: url,
      MSGBIN_SECRET_KEY: "the one key of all four of the nodes",
      MSGBIN_ROLES: roles,
    });
    cleanUp.defer(() => node.dispose());
    nodes.push(node);
  }
  await Promise.all(nodes.map((node) => node.start()));
  const [api, otherApi, sender] = nodes;
  if (api === undefined || otherApi === undefined || sender === undefined) throw new Error("no nodes");
  const token = await loginAsAdmin(api.url);
  const apis = [createApiClient(api.url, token), createApiClient(otherApi.url, token)] as const;
  await setUp(apis[0], witness, receiver);

  const orders: Order[] = [];
  const texts: string[] = [];
  const load = startLoad(apis, orders);
  cleanUp.defer(() => load.stop());
  const handsets = setInterval(() => writeText(witness.smscs, texts), TEXT_EVERY_MS);
  cleanUp.defer(() => clearInterval(handsets));

  async function killSome(count: number, candidates: readonly Service[]): Promise<void> {
    for (let round = 0; round < count; round++) {
      await pause(KILL_AFTER_MS.min + random() * (KILL_AFTER_MS.max - KILL_AFTER_MS.min));
      const victim = candidates[Math.floor(random() * candidates.length)] ?? api;
      await victim?.kill();
      await victim?.start();
    }
  }

  await killSome(kills, nodes);
  if (database.own === null) console.log("cluster run: the database is not ours to kill, it goes on");
  await database.own?.kill();
  await pause(DATABASE_AWAY_MS);
  await database.own?.start();
  await killSome(1, nodes);
  sender.signal("SIGSTOP");
  const others = nodes.filter((node) => node !== sender);
  await Promise.all([pause(STOPPED_MS), killSome(1, others)]);
  sender.signal("SIGCONT");
  await killSome(1, others);
  clearInterval(handsets);
  await load.stop();

  const openStore = async () => {
    for (const node of nodes) expect(await node.terminate()).toBe(0);
    const store = await openPostgresStore({
      url,
      directUrl: url,
      clock: createSystemClock(),
      logger: quietLogger,
      metrics: quietMetrics,
    });
    return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
  };
  const { submitted } = witness;
  await expectBooksToBalance({ api: apis[0], orders, texts, receiver, submitted, openStore });
  expect(witness.late).toEqual([]);
  for (const smsc of witness.smscs) expect(smsc.counters().submits).toBeGreaterThan(0);
}

function openCarriers(): Witness {
  const submitted = new Map<string, number>();
  const late: string[] = [];
  const smscs = CARRIERS.map((name) => {
    let newest = 0;
    return createSimulator({
      behaviours: {
        receiptDelayMs: 20,
        receiptJitterMs: 500,
        errorPercent: REFUSED_PERCENT[name],
        errorStatus: COMMAND_STATUS.ESME_RINVDSTADR,
      },
      onSubmit({ destination, connection, commandStatus }) {
        if (connection < newest) late.push(`${name}: ${destination} on ${connection} after ${newest}`);
        newest = Math.max(newest, connection);
        const number = digits(destination);
        if (commandStatus === COMMAND_STATUS.ESME_ROK)
          submitted.set(number, (submitted.get(number) ?? 0) + 1);
      },
    });
  });
  return { submitted, late, smscs };
}

async function setUp(api: ApiClient, { smscs }: Witness, receiver: Receiver): Promise<void> {
  for (const [index, name] of CARRIERS.entries()) {
    const port = (await smscs[index]?.listen())?.port;
    const url = `smpp://${name}:secret@127.0.0.1:${port}?bind=trx&window=${WINDOW}`;
    await api.succeed("POST", "/v1.0/carriers", { name, url });
  }
  await api.succeed("POST", "/v1.0/numbers", { number: `+${NUMBER}`, name: "cluster", detail: "" });
  const customer = await api.succeed<Record<string, unknown>>("GET", "/v1.0/customer");
  const webhook = { webhook_method: "POST", webhook_uri: receiver.url };
  await api.succeed("PUT", "/v1.0/customer", { ...customer, ...webhook });
}

/** Senders that insist on each order, at one API node or the other, before they go on to the next. */
function startLoad(apis: readonly ApiClient[], orders: Order[]): { stop(): Promise<void> } {
  const stopped = new AbortController();
  async function send(): Promise<void> {
    while (!stopped.signal.aborted && orders.length < ORDERS_MAX) {
      const n = orders.length;
      const destinations = Array.from(
        { length: TARGETS_EACH },
        (_, index) => `+31${750_000_000 + n * 100 + index}`,
      );
      const order: Order = { key: `order-${n}`, destinations, text: `text ${n}`, id: null };
      orders.push(order);
      let tries = n;
      await eventually(
        () => place(apis[tries++ % apis.length], order),
        (isPlaced) => isPlaced,
        ANSWERED_WITHIN_MS,
      );
      await pause(ORDER_EVERY_MS);
    }
  }
  const sending = Promise.all(Array.from({ length: SENDERS }, send));
  sending.catch(() => undefined); // `stop` tells
  return {
    async stop() {
      stopped.abort();
      await sending;
    },
  };
}

/** False when it has to be asked again: no answer came, the database was away, or the first request still runs. */
async function place(api: ApiClient | undefined, order: Order): Promise<boolean> {
  try {
    const answer = await api?.send(order.destinations, order.text, { "Idempotency-Key": order.key });
    if (answer?.status === 503 || answer?.status === 409) return false;
    if (answer?.status !== 200) throw new Error(`POST answered ${answer?.status}`);
    order.id = answer.body.id;
    return true;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return false; // fetch's word for a lost connection, or half a body
    throw error;
  }
}

/** A handset writes over one carrier after the other, every fourth time in parts. */
function writeText(smscs: readonly Simulator[], texts: string[]): void {
  const n = texts.length;
  const text = n % 4 === 0 ? `handset ${n} ${"long ".repeat(50)}end` : `handset ${n}`;
  texts.push(text);
  smscs[n % smscs.length]?.handset(String(31_655_000_000 + n)).write(NUMBER, text);
}
