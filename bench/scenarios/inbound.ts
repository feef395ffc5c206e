import { OWN_NUMBER } from "../gateways/msgbin.ts";
import { until } from "../gateways/running.ts";
import { withRig } from "../bench-rig.ts";
import type { Run } from "../figures.ts";

const WINDOW = 1_000;
const WARM_UP = 2_000;

/** Handsets' texts: deliver_sm that are answered after their commit. */
export function inbound(count: number): Promise<Run> {
  return withRig("msgbin", { callbacks: false }, async (rig) => {
    await until(async () => ((await rig.smscStats()).binds > 0 ? true : null), 20_000, "a bind");
    const number = OWN_NUMBER.slice(1);
    await rig.smsc.ask("inbound", { count: WARM_UP, window: WINDOW, number });
    await rig.reset();
    const before = rig.usage();
    const { seconds } = await rig.smsc.ask<{ seconds: number }>("inbound", { count, window: WINDOW, number });
    const after = rig.usage();
    return {
      "deliver_sm/s": count / seconds,
      "cpu s/1000": ((after.cpuSeconds - before.cpuSeconds) / count) * 1_000,
    };
  });
}
