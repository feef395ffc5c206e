import { until } from "../gateways/running.ts";
import { type GatewayName, warmUp, withRig } from "../bench-rig.ts";
import type { Run } from "../figures.ts";

const MICROS = 1_000_000;
const KILL_SHARE = 0.4;

/** The SMSC is down: how fast messages are taken, and how fast they leave once it comes up. */
export function acceptThenDrain(name: GatewayName, count: number): Promise<Run> {
  return withRig(name, { callbacks: false }, async (rig) => {
    await warmUp(rig, false);
    await rig.smsc.ask("down");
    const load = await rig.load(count);
    const queued = rig.usage();
    await rig.smsc.ask("up");
    await rig.settle(load.accepted, 0);
    const smsc = await rig.smscStats();
    return {
      "accepts/s": load.accepted / load.seconds,
      "queued MB": queued.residentMb,
      "drain messages/s": smsc.submits / ((smsc.lastSubmitAt - smsc.firstSubmitAt) / MICROS),
      "not submitted": load.accepted - smsc.unique,
    };
  });
}

/** SIGKILL in the middle of a drain with receipts: the books afterwards. */
export function killInDrain(name: GatewayName, count: number): Promise<Run> {
  return withRig(name, { callbacks: true, isSmscDown: true }, async (rig) => {
    const load = await rig.load(count);
    await rig.smsc.ask("up");
    const reached = async (): Promise<true | null> =>
      (await rig.smscStats()).unique >= load.accepted * KILL_SHARE ? true : null;
    await until(reached, 60_000, "two fifths of the drain");
    await rig.gateway.kill();
    await rig.gateway.restart();
    await rig.settle(load.accepted, load.accepted);
    const [smsc, sink] = [await rig.smscStats(), await rig.sinkStats()];
    return {
      lost: load.accepted - smsc.unique,
      "callbacks never made": load.accepted - sink.unique,
      duplicates: smsc.duplicates,
    };
  });
}
