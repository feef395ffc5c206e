import { createClock } from "../../domain/clock.ts";
import type { CarrierId } from "../../domain/ids.ts";
import type { InboundPart } from "../../domain/inbound.ts";
import type { LogFields, Logger } from "../../domain/logger.ts";
import type { Metrics } from "../../domain/metrics.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import type { Receipt } from "../../domain/receipt.ts";
import type { Behaviours } from "../simulator/behaviours.ts";
import { createSimulator, type Simulator, type SimulatorOptions } from "../simulator/simulator.ts";
import type { Carrier, CarrierEvents, SubmitOutcome } from "../carrier.ts";
import { parseCarrierUrl } from "../carrier-url.ts";
import type { Paces } from "./back-off.ts";
import { createSmppCarrier } from "./smpp-carrier.ts";
import type { SmppAccount } from "./smpp-url.ts";
import { outboundTarget } from "./targets.fixture.ts";

/** How a pair of carrier and simulator is made. */
export interface PairOptions {
  readonly behaviours?: Partial<Behaviours>;
  readonly simulator?: Omit<SimulatorOptions, "behaviours">;
  /** What stands behind the host in the carrier's URL. */
  readonly query?: string;
  readonly credentials?: string;
  /** That which the simulator speaks, unless given. */
  readonly scheme?: "smpp" | "smpps";
  readonly events?: Partial<CarrierEvents>;
  readonly paces?: Paces;
  /** Settings that a URL has only in whole seconds. */
  readonly account?: Partial<SmppAccount>;
  /** The clock of the carrier; `performance.now()` unless given. */
  readonly monotonicMs?: () => number;
  /** Leases until this much later; for ever unless given. */
  readonly leaseMs?: number;
  /** Slots that are leased from the beginning; all unless given. */
  readonly leasedSlots?: number;
}

/** One line of the log. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: LogFields;
  readonly message: string;
}

/** A carrier and an SMSC that it talks to over a real socket, with all that came out of it. */
export interface Pair extends AsyncDisposable {
  readonly carrier: Carrier;
  readonly simulator: Simulator;
  readonly port: number;
  readonly receipts: Receipt[];
  readonly inbound: InboundPart[];
  readonly log: LogLine[];
  readonly counted: Map<string, number>;
  /** Resolves when `isTrue` is, looked at whenever something happens. */
  until(isTrue: () => boolean): Promise<void>;
  /** Resolves when every slot of the carrier is up. */
  up(): Promise<void>;
  /** Sends over the first lane that is up and resolves with the outcomes, in the order of the targets. */
  send(...given: Parameters<typeof outboundTarget>[0][]): Promise<readonly SubmitOutcome[]>;
  /** Leases all slots anew. */
  lease(epoch?: number): void;
}

/** Paces that do not make a test wait; each keeps its order of size. */
export const FAST_PACES: Paces = {
  line: { firstMs: 5, mostMs: 40 },
  busy: { firstMs: 10, mostMs: 40 },
  rejected: { firstMs: 60_000, mostMs: 60_000 },
  steadyMs: 1_000,
};

/** Receipts come at once. */
const PROMPT: Partial<Behaviours> = { receiptDelayMs: 0, receiptJitterMs: 0 };
const EACH_LOOK_MS = 2;

export async function startPair(options: PairOptions = {}): Promise<Pair> {
  const simulator = createSimulator({
    ...options.simulator,
    behaviours: { ...PROMPT, ...options.behaviours },
  });
  const { port } = await simulator.listen();
  const { credentials = "id:secret", query = "" } = options;
  const { scheme = options.simulator?.tls === undefined ? "smpp" : "smpps" } = options;
  const parse = parseCarrierUrl(`${scheme}://${credentials}@127.0.0.1:${port}${query}`);
  if (!parse.ok) throw new Error(parse.reason);
  const receipts: Receipt[] = [];
  const inbound: InboundPart[] = [];
  const log: LogLine[] = [];
  const counted = new Map<string, number>();
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const carrier = createSmppCarrier({
    id: "0190a000-0000-7000-8000-000000000001" as CarrierId,
    name: "acme",
    account: { ...parse.config, ...options.account },
    clock: createClock(() => Date.now()),
    logger: loggerInto(log),
    metrics: metricsInto(counted),
    monotonicMs,
    random: () => 0.5,
    paces: options.paces ?? FAST_PACES,
  });
  carrier.start({
    async onReceipts(batch) {
      await options.events?.onReceipts?.(batch);
      receipts.push(...batch);
    },
    async onInbound(batch) {
      await options.events?.onInbound?.(batch);
      inbound.push(...batch);
    },
    onRoom: () => options.events?.onRoom?.(),
  });
  const lease = (epoch = 1, slots = carrier.slots) => {
    const deadlineMs = monotonicMs() + (options.leaseMs ?? 3_600_000);
    carrier.setLeases(Array.from({ length: slots }, (_, bind) => ({ bind, epoch, deadlineMs })));
  };
  lease(1, options.leasedSlots);
  const pair: Pair = {
    carrier,
    simulator,
    port,
    receipts,
    inbound,
    log,
    counted,
    until,
    lease: (epoch) => lease(epoch),
    up: () => until(() => carrier.lanes().length === carrier.slots),
    send: (...given) =>
      send(
        carrier,
        given.map((one) => outboundTarget(one)),
      ),
    async [Symbol.asyncDispose]() {
      await carrier.stop(1_000);
      await simulator.close();
    },
  };
  return pair;
}

/** Looks again and again; a test that waits for what never comes ends by the test's own time limit. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, EACH_LOOK_MS);
    });
  }
}

/** Sends targets over the first lane that is up, each numbered by its place. */
export async function send(
  carrier: Carrier,
  targets: readonly OutboundTarget[],
): Promise<readonly SubmitOutcome[]> {
  await until(() => carrier.lanes().length > 0);
  const [lane] = carrier.lanes();
  if (lane === undefined) throw new Error("no lane");
  const outcomes: SubmitOutcome[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const numbered = targets.map((target, n) => ({ target: { ...target, n } }));
  let open = numbered.length;
  carrier.submit(lane, numbered, ({ target }, outcome) => {
    if (outcomes[target.n] !== undefined) throw new Error(`target ${target.n} was settled twice`);
    outcomes[target.n] = outcome;
    open--;
    if (open === 0) resolve();
  });
  await promise;
  return outcomes;
}

function loggerInto(log: LogLine[]): Logger {
  const write = (level: LogLine["level"]) => (fields: LogFields, message: string) =>
    void log.push({ level, fields, message });
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

function metricsInto(counted: Map<string, number>): Metrics {
  return {
    count: (name, _labels, by = 1) => void counted.set(name, (counted.get(name) ?? 0) + by),
    gauge: () => undefined,
    observe: () => undefined,
  };
}
