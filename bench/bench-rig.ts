import { type Gateway, type Setting } from "./gateways/gateway.ts";
import { startKannel } from "./gateways/kannel.ts";
import { startMsgbin } from "./gateways/msgbin.ts";
import { until } from "./gateways/running.ts";
import { type Child, startChild } from "./tools/child.ts";
import type { Load, LoadResult } from "./tools/load.ts";
import { type Usage, usageOf } from "./tools/processes.ts";

export type GatewayName = "msgbin" | "kannel";

export interface SmscStats {
  readonly submits: number;
  readonly unique: number;
  readonly duplicates: number;
  readonly receiptsSent: number;
  readonly receiptsAnswered: number;
  readonly inboundAnswered: number;
  readonly firstSubmitAt: number;
  readonly lastSubmitAt: number;
  readonly binds: number;
}

export interface SinkStats {
  readonly requests: number;
  readonly unique: number;
  readonly targets: number;
  readonly lastAt: number;
  readonly signed: number;
}

/** Everything around a gateway: SMSC, sink and load generator, each in its own process. */
export interface Rig {
  readonly gateway: Gateway;
  readonly smsc: Child;
  readonly sink: Child;
  load(count: number, options?: Partial<Load>): Promise<LoadResult>;
  smscStats(): Promise<SmscStats>;
  sinkStats(): Promise<SinkStats>;
  usage(): Usage;
  /** Forgets what was counted. */
  reset(): Promise<void>;
  /** Waits until so many messages were submitted and called back, or nothing moves any more. */
  settle(submitted: number, calledBack: number): Promise<void>;
}

export interface RigOptions {
  readonly callbacks: boolean;
  readonly isSmscDown?: boolean;
  readonly window?: number;
  readonly msgbin?: Parameters<typeof startMsgbin>[1];
  /** Starts another gateway than the named one. */
  readonly gateway?: (setting: Setting) => Promise<Gateway>;
}

export const SMSC_PORT = 27_750;
export const SINK_PORT = 27_751;
const WINDOW = 1_000;
const CONNECTIONS = 64;
/** Longer than a gateway waits before it binds again to an SMSC that was down for long. */
const QUIET_MS = 45_000;
const SETTLE_MS = 180_000;
/** A new Node compiles as it goes: after 5,000 messages the next one costs half as much again as after 50,000. */
const WARM_UP = 30_000;

/** Builds a rig around a new gateway, hands it to `measure`, and takes everything down. */
export async function withRig<T>(
  name: GatewayName,
  options: RigOptions,
  measure: (rig: Rig) => Promise<T>,
): Promise<T> {
  const smsc = startChild("smsc.ts");
  const sink = startChild("sink.ts");
  const loader = startChild("load.ts");
  let gateway: Gateway | null = null;
  try {
    await smsc.ask("listen", {
      port: SMSC_PORT,
      receipts: options.callbacks,
      receiptDelayMs: 200,
      responseDelayMs: 0,
    });
    if (options.isSmscDown === true) await smsc.ask("down");
    await sink.ask("listen", SINK_PORT);
    const setting: Setting = {
      smscPort: SMSC_PORT,
      sinkPort: SINK_PORT,
      callbacks: options.callbacks,
      window: options.window ?? WINDOW,
    };
    gateway = await (options.gateway?.(setting) ?? startNamed(name, setting, options));
    return await measure(createRig(gateway, smsc, sink, loader));
  } finally {
    await gateway?.stop();
    await Promise.all([smsc.stop(), sink.stop(), loader.stop()]);
  }
}

function startNamed(name: GatewayName, setting: Setting, options: RigOptions): Promise<Gateway> {
  return name === "kannel" ? startKannel(setting) : startMsgbin(setting, options.msgbin);
}

function createRig(gateway: Gateway, smsc: Child, sink: Child, loader: Child): Rig {
  const rig: Rig = {
    gateway,
    smsc,
    sink,
    load: (count, options) =>
      loader.ask("run", {
        ...gateway.submission(),
        connections: CONNECTIONS,
        count,
        rate: null,
        maxSeconds: 120,
        ...options,
      }),
    smscStats: () => smsc.ask("stats"),
    sinkStats: () => sink.ask("stats"),
    usage: () => usageOf(gateway.pids()),
    async reset() {
      await smsc.ask("reset");
      await sink.ask("reset");
    },
    async settle(submitted, calledBack) {
      let last = "";
      let lastChange = Date.now();
      const ask = async (): Promise<true | null> => {
        const [{ unique }, called] = [await rig.smscStats(), await rig.sinkStats()];
        if (unique >= submitted && called.unique >= calledBack) return true;
        const now = `${unique} ${called.unique}`;
        if (now !== last) lastChange = Date.now();
        last = now;
        return Date.now() - lastChange > QUIET_MS ? true : null;
      };
      await until(ask, SETTLE_MS, `${submitted} submits and ${calledBack} callbacks (${last})`);
    },
  };
  return rig;
}

/**
 * Sends some messages through, so that compilers, caches and connections are warm, and forgets them.
 * @param load how many, and at which rate when not saturated
 */
export async function warmUp(rig: Rig, callbacks: boolean, load: Partial<Load> = {}): Promise<void> {
  const { accepted } = await rig.load(load.count ?? WARM_UP, load);
  await rig.settle(accepted, callbacks ? accepted : 0);
  await rig.reset();
}
