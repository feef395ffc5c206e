import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { parseCarrierUrl } from "../src/carriers/carrier-url.ts";
import { createSimulator, type Simulator } from "../src/carriers/simulator/simulator.ts";
import { createSmppCarrier } from "../src/carriers/smpp/smpp-carrier.ts";
import { createDispatch } from "../src/dispatch/dispatch.ts";
import { COMMAND_STATUS } from "../src/smpp/pdu/command-status.ts";
import type { NodeId } from "../src/domain/ids.ts";
import { HOUR_MS, World } from "../src/store/contract/world.ts";
import type { Store } from "../src/store/store.ts";
import { type Engine, ENGINES, openPostgres } from "./support/engines.ts";
import { quietLogger, quietMetrics } from "./support/store-of.ts";

const WAIT = { timeout: 50_000, interval: 10 };

let engine: Engine;
let url: string;
let smsc: Simulator;
let port: number;
/** The same SMSC as a node sees it whose address it does not know. */
let guarded: Simulator;
beforeAll(async () => {
  engine = await ENGINES.PostgreSQL();
  url = engine.environment["MSGBIN_DATABASE_URL"] ?? "";
  smsc = createSimulator({});
  ({ port } = await smsc.listen());
  guarded = createSimulator({ behaviours: { bindStatus: COMMAND_STATUS.ESME_RBINDFAIL } });
});
afterAll(async () => {
  await smsc.close();
  await guarded.close();
  await engine[Symbol.asyncDispose]();
});

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const gone = createSimulator({});
  const { port: closed } = await gone.listen();
  await gone.close();
  return closed;
}

/** A node that has the carrier's one bind slot in its care, and sees the SMSC at this port. */
function serve(world: World, store: Store, node: NodeId, smscPort: number) {
  const parsed = parseCarrierUrl(`smpp://id:secret@127.0.0.1:${smscPort}`);
  if (!parsed.ok) throw new Error(parsed.reason);
  const shared = {
    clock: world.clock,
    monotonicMs: () => performance.now(),
    random: Math.random,
    logger: quietLogger,
    metrics: quietMetrics,
  };
  const { carrierId: id } = world;
  const carrier = createSmppCarrier({ ...shared, id, name: "north", account: parsed.config });
  const dispatch = createDispatch({
    ...shared,
    store,
    node,
    countParts: ({ parts }) => parts,
    onReceipts: () => Promise.resolve(),
    onInbound: () => Promise.resolve(),
    settings: { heartbeatMs: 20, leaseMs: HOUR_MS, pollMs: 20, cutOffMs: 200, turnedAwayMs: 300 },
  });
  dispatch.add(carrier);
  return { carrier, dispatch };
}

it.each([
  ["can reach it", closedPort, { isUnreachable: true }],
  ["it lets bind", async () => (await guarded.listen()).port, { isTurnedAway: true }],
])("a carrier's only bind goes to the node that %s, and stays there", async (_, portElsewhere, health) => {
  const { binds } = smsc.counters();
  await using near = await openPostgres(url);
  await using far = await openPostgres(url);
  const world = new World({
    store: near,
    reopen: () => Promise.reject(new Error("not here")),
    dispose: () => near.close(),
  });
  const cutOff = serve(world, far, world.node, await portElsewhere());
  await cutOff.dispatch.start();
  await vi.waitFor(() => expect(cutOff.carrier.health()).toMatchObject(health), WAIT);
  const reaching = serve(world, near, world.otherNode, port);
  await reaching.dispatch.start();
  const [key] = await world.accept();
  await vi.waitFor(async () => expect(await world.statuses(key)).toEqual(["sent"]), WAIT);
  const [lane] = reaching.carrier.lanes();
  const [second] = await world.accept();
  await vi.waitFor(async () => expect(await world.statuses(second)).toEqual(["sent"]), WAIT);
  expect(reaching.carrier.lanes()).toMatchObject([{ bind: 0, epoch: lane?.epoch }]);
  expect(smsc.counters().binds).toBe(binds + 1);
  for (const { dispatch } of [cutOff, reaching]) await dispatch.stop(0);
});
