import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { eventually } from "../support/service.ts";

const WITHIN_MS = 20_000;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly name: string;
}

/**
 * Run before all of the long tests; what it answers is run after them and fails when a process that they started, of ours
 * or a peer, has outlived them. Only Linux says who there is: elsewhere nothing is looked for.
 */
export function setup(): () => Promise<void> {
  const group = allProcesses().find(({ pid }) => pid === process.pid)?.group;
  const before = new Set(allProcesses().map(({ pid }) => pid));
  const left = () =>
    allProcesses().filter(
      // Vitest's own workers, children of this process, may still be leaving.
      ({ pid, parent, group: its }) => its === group && !before.has(pid) && parent !== process.pid,
    );
  return async () => {
    await eventually(left, ({ length }) => length === 0, WITHIN_MS);
  };
}

function allProcesses(): readonly Process[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)));
}

/** None when it is gone. proc_pid_stat(5): the name stands in brackets and may hold anything. */
function readProcess(pid: number): readonly Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = stat.lastIndexOf(")");
    const [, parent, group] = stat.slice(end + 2).split(" ");
    return [
      { pid, parent: Number(parent), group: Number(group), name: stat.slice(stat.indexOf("(") + 1, end) },
    ];
  } catch {
    return [];
  }
}
