import { withRig } from "../bench-rig.ts";
import type { Run } from "../figures.ts";

/** Resident memory with so many messages queued while the SMSC is down. */
export function queuedMemory(count: number): Promise<Run> {
  return withRig("msgbin", { callbacks: false, isSmscDown: true }, async (rig) => {
    const load = await rig.load(count, { maxSeconds: 600 });
    const { residentMb } = rig.usage();
    return { "resident MB": residentMb, queued: load.accepted, "accepts/s": load.accepted / load.seconds };
  });
}
