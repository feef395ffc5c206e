import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A measuring process of its own, so that its work is not counted as the gateway's. */
export interface Child {
  readonly pid: number;
  ask<Answer>(command: string, argument?: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

/** Forks a file of this folder. Typed arrays survive the way. */
export function startChild(file: string): Child {
  const child: ChildProcess = fork(new URL(`./${file}`, import.meta.url), { serialization: "advanced" });
  const waiting = new Map<number, (answer: unknown) => void>();
  let next = 0;
  child.on("message", (message: { id: number; answer: unknown }) => {
    waiting.get(message.id)?.(message.answer);
    waiting.delete(message.id);
  });
  if (child.pid === undefined) throw new Error(`${file} did not start`);
  return {
    pid: child.pid,
    ask<Answer>(command: string, argument?: unknown) {
      const id = next++;
      return new Promise<Answer>((resolve, reject) => {
        // The answer's shape is the command's own promise: both sides stand in this folder.
        waiting.set(id, (answer) => resolve(answer as Answer));
        child.once("exit", () => reject(new Error(`${file} ended`)));
        child.setMaxListeners(0);
        child.send({ id, command, argument });
      });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}
