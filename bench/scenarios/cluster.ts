import { type ClusterGateway, startMsgbinCluster } from "../gateways/msgbin-cluster.ts";
import { warmUp, withRig } from "../bench-rig.ts";
import { until } from "../gateways/running.ts";
import type { Run } from "../figures.ts";

const MICROS = 1_000_000;

/** End to end with receipts and callbacks over so many nodes on one PostgreSQL; its share of the cost apart. */
export function onPostgres(nodes: number, count: number): Promise<Run> {
  const start = {
    gateway: (setting: Parameters<typeof startMsgbinCluster>[0]) => startMsgbinCluster(setting, nodes),
  };
  return withRig("msgbin", { callbacks: true, ...start }, async (rig) => {
    await until(
      async () => ((await rig.smscStats()).binds === nodes ? true : null),
      60_000,
      `${nodes} binds`,
    );
    await warmUp(rig, true);
    const gateway = rig.gateway as ClusterGateway; // it was started as one above
    const [before, databaseBefore] = [rig.usage(), gateway.databaseUsage()];
    const load = await rig.load(count);
    await rig.settle(load.accepted, load.accepted);
    const [after, databaseAfter] = [rig.usage(), gateway.databaseUsage()];
    const [smsc, sink] = [await rig.smscStats(), await rig.sinkStats()];
    const perThousand = (seconds: number): number => (seconds / load.accepted) * 1_000;
    return {
      "messages/s": load.accepted / ((sink.lastAt - load.startedAt) / MICROS),
      "nodes' cpu s/1000": perThousand(after.cpuSeconds - before.cpuSeconds),
      "PostgreSQL's cpu s/1000": perThousand(databaseAfter.cpuSeconds - databaseBefore.cpuSeconds),
      "PostgreSQL's bytes/message":
        (databaseAfter.writtenBytes - databaseBefore.writtenBytes) / load.accepted,
      "nodes' peak MB": after.peakMb,
      "not submitted": load.accepted - smsc.unique,
      duplicates: smsc.duplicates,
      "callbacks missing": load.accepted - sink.unique,
    };
  });
}
