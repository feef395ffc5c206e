import { expect } from "vitest";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { holderOf } from "./binds-of.ts";
import { expectBooksToBalance } from "./books.ts";
import { addCarriers, CARRIER_NAMES, createCarriers } from "./cluster-carriers.ts";
import { type Load, startHandsets, startLoad } from "./cluster-load.ts";
import { openPostgres } from "./engines.ts";
import { EventBook } from "./event-book.ts";
import { execute, type PostgresServer, startPostgres } from "./postgres.ts";
import { randomFrom } from "./random.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { eventually, loginAsAdmin, pause, prepareService, type Service } from "./service.ts";
import { SubmitWitness } from "./submit-witness.ts";

/** Of each kind one: that hands over in memory, that accepts alone, that claims from the store. */
const ROLES = ["api", "api,dispatch,webhooks", "dispatch,webhooks", "dispatch,webhooks"] as const;
/** The number that handsets write to all the while. */
const NUMBER = "821100000001";
const KILL_AFTER_MS = { min: 2_000, max: 5_000 };
/** Longer than a lease: what the node held is others' by the time it wakes. */
const STOPPED_MS = 20_000;
const DATABASE_AWAY_MS = 2_000;
const WITHIN_MS = 120_000;

/** The cluster and what is done to it. */
interface Stage {
  readonly database: PostgresServer;
  readonly url: string;
  readonly nodes: readonly Service[];
  readonly random: () => number;
  readonly witness: SubmitWitness;
  kills: number;
}

/**
 * Four processes, three carriers and a PostgreSQL under load: a random process is killed every few seconds, the database is
 * restarted twice, and a process that holds binds is stopped and woken when its leases are long gone. Then the books, and
 * that no submit_sm left on an old bind after the first on the new one.
 */
export async function expectBooksToBalanceInCluster(targets: number): Promise<void> {
  const { random, seed } = randomFrom(process.env["MSGBIN_TEST_SEED"]);
  console.log(`cluster run: ${targets} targets, seed ${seed}`);
  await using cleanUp = new AsyncDisposableStack();
  const database = await startPostgres(["autovacuum=on"]);
  cleanUp.defer(() => database.stop());
  const url = await database.createDatabase();
  const [witness, told] = [new SubmitWitness(), new EventBook()];
  const smscs = createCarriers(witness);
  for (const smsc of smscs) cleanUp.defer(() => smsc.close());
  const receiver = await startReceiver((event) => told.note(event));
  cleanUp.defer(() => receiver.close());
  const nodes = await startNodes(url, cleanUp);
  const apis = await logIn(nodes.slice(0, 2)); // those with the role
  const [api] = apis;
  if (api === undefined) throw new Error("no nodes");
  await addCarriers(api, smscs);
  await tellReceiver(api, receiver);
  await eventually(
    () => smscs.map((smsc) => smsc.clients().length),
    (bound) => bound.every((count) => count > 0),
    WITHIN_MS,
  );

  const load = startLoad(apis, targets);
  cleanUp.defer(() => load.stop());
  const handsets = startHandsets(smscs, NUMBER);
  cleanUp.defer(handsets.stop);
  const stage: Stage = { database, url, nodes, random, witness, kills: 0 };
  await play(stage, load);
  handsets.stop();
  await load.done();
  console.log(
    `cluster run: ${stage.kills} kills, ${load.orders.length} orders, ${handsets.texts.length} texts`,
  );

  const openStore = async () => {
    await expectEveryEventToBeTold(url, told);
    for (const node of nodes) expect(await node.terminate()).toBe(0);
    return openPostgres(url);
  };
  const { orders } = load;
  await expectBooksToBalance({
    api,
    orders,
    texts: handsets.texts,
    told,
    witness,
    carriers: CARRIER_NAMES,
    openStore,
  });
  expect(witness.late).toEqual([]);
  for (const smsc of smscs) {
    expect(smsc.counters().submits).toBeGreaterThan(0);
    expect(smsc.counters().deliveriesDropped).toBe(0);
  }
}

async function startNodes(url: string, cleanUp: AsyncDisposableStack): Promise<readonly Service[]> {
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
  return nodes;
}

async function logIn(nodes: readonly Service[]): Promise<readonly ApiClient[]> {
  const token = await loginAsAdmin(nodes[0]?.url ?? "");
  return nodes.map((node) => createApiClient(node.url, token));
}

async function tellReceiver(api: ApiClient, receiver: Receiver): Promise<void> {
  await api.succeed("POST", "/v1.0/numbers", { number: `+${NUMBER}`, name: "cluster", detail: "" });
  const customer = await api.succeed<Record<string, unknown>>("GET", "/v1.0/customer");
  const webhook = { webhook_method: "POST", webhook_uri: receiver.url };
  await api.succeed("PUT", "/v1.0/customer", { ...customer, ...webhook });
}

/** What happens while the load runs. */
async function play(stage: Stage, load: Load): Promise<void> {
  const { database, nodes } = stage;
  const until = (progress: number) => () => load.progress() >= progress;
  await killUntil(stage, nodes, until(0.3));
  await restartDatabase(database, "kill");
  await killUntil(stage, nodes, until(0.5));
  await stopAndWake(stage);
  await killUntil(stage, nodes, until(0.8));
  await restartDatabase(database, "shutDown");
  await killUntil(stage, nodes, until(1));
}

/** Kills one node after the other at random moments, one at least. */
async function killUntil(stage: Stage, candidates: readonly Service[], isOver: () => boolean): Promise<void> {
  do {
    await pause(KILL_AFTER_MS.min + stage.random() * (KILL_AFTER_MS.max - KILL_AFTER_MS.min));
    const victim = candidates[Math.floor(stage.random() * candidates.length)];
    await victim?.kill();
    await victim?.start();
    stage.kills++;
  } while (!isOver());
}

async function restartDatabase({ own }: PostgresServer, how: "kill" | "shutDown"): Promise<void> {
  if (own === null) return console.log("cluster run: the database is not ours to restart, it goes on");
  await own[how]();
  await pause(DATABASE_AWAY_MS);
  await own.start();
}

/** Stops a node that has binds for longer than its leases last; another has them when it wakes. */
async function stopAndWake({ nodes, witness }: Stage): Promise<void> {
  const holder = await eventually(
    () => holderOf(nodes),
    (found) => found !== null,
    WITHIN_MS,
  );
  holder?.signal("SIGSTOP");
  const before = witness.newest;
  await pause(STOPPED_MS);
  const isTakenOver = () => [...witness.newest].some(([name, newest]) => newest > (before.get(name) ?? 0));
  await eventually(isTakenOver, (isSo) => isSo, WITHIN_MS); // else nothing was shown
  holder?.signal("SIGCONT");
}

/** Of every event that there is the receiver heard, and none is still on its way. */
async function expectEveryEventToBeTold(url: string, told: EventBook): Promise<void> {
  const untold = async (): Promise<readonly string[]> => {
    const { rows } = await execute(url, "SELECT event_id FROM events");
    const ids = told.ids;
    return rows.map(({ event_id }: { event_id: string }) => event_id).filter((id) => !ids.has(id));
  };
  await eventually(untold, (left) => left.length === 0, WITHIN_MS);
  const waiting = () => execute(url, "SELECT 1 FROM deliveries");
  await eventually(waiting, ({ rowCount }) => rowCount === 0, WITHIN_MS);
  console.log(`the books: ${told.ids.size} events, told in ${told.attempts} attempts`);
}
