import { readdirSync, readFileSync } from "node:fs";

/** Ticks a second in /proc; every Linux that Node supports has 100. */
const TICKS_PER_SECOND = 100;

/** What a set of processes has used so far. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentMb: number;
  readonly peakMb: number;
  readonly writtenBytes: number;
}

/** A process and all that descend from it. */
export function familyOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statFields(Number(name));
    if (fields !== null) parents.set(Number(name), Number(fields[1]));
  }
  const family = [pid];
  for (const member of family)
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

/**
 * CPU (user and system, of all threads), memory and written bytes of processes that live.
 * @param parent of them all, whose children that have ended count too.
 */
export function usageOf(pids: readonly number[], parent?: number): Usage {
  let cpuSeconds = parent === undefined ? 0 : endedChildrensCpu(parent);
  let residentMb = 0;
  let peakMb = 0;
  let writtenBytes = 0;
  for (const pid of pids) {
    const fields = statFields(pid);
    if (fields === null) continue;
    cpuSeconds += (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    residentMb += kilobytes(status, "VmRSS") / 1_024;
    peakMb += kilobytes(status, "VmHWM") / 1_024;
    writtenBytes += Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? 0);
  }
  return { cpuSeconds, residentMb, peakMb, writtenBytes };
}

function endedChildrensCpu(pid: number): number {
  const fields = statFields(pid);
  return fields === null ? 0 : (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

function statFields(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null; // it ended between the listing and the reading
  }
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
}
