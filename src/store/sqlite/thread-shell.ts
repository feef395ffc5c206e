import { parentPort, workerData } from "node:worker_threads";
import { DatabaseRefused, refusalOfDamage } from "./database-refused.ts";
import type { Wire } from "./wire.ts";
import type { PileResult } from "./writer.ts";

/** What a thread is started with. */
export interface ThreadStart {
  readonly file: string;
  readonly begun: Begun;
}

/** The position in its pile of the operation that a thread has begun last, in memory that both sides share. */
export type Begun = Int32Array<SharedArrayBuffer>;

interface Engine {
  /** @param begins to be told of each operation that may take long */
  run(pile: readonly Wire[], begins: (index: number) => void): PileResult;
  close(): void;
}

/** What a thread says once it is open, or why it is not. */
export type ThreadGreeting =
  | { readonly kind: "open" }
  | { readonly kind: "refused"; readonly reason: DatabaseRefused["reason"]; readonly message: string }
  | { readonly kind: "broken"; readonly message: string };

/** Runs piles in this thread: a pile in, its result out, one after the other. Null ends it. */
export function serveThread(open: (file: string) => Engine): void {
  const port = parentPort;
  if (port === null) throw new Error("this file runs in a thread of its own");
  const { file, begun } = workerData as ThreadStart; // OperationThread starts it so
  try {
    const engine = open(file);
    port.on("message", (pile: readonly Wire[] | null) => {
      if (pile !== null)
        return port.postMessage(engine.run(pile, (index) => void Atomics.store(begun, 0, index)));
      engine.close();
      port.close();
    });
    port.postMessage({ kind: "open" } satisfies ThreadGreeting);
  } catch (error) {
    port.postMessage(greetingOf(refusalOfDamage(file, error) ?? error));
    port.close();
  }
}

function greetingOf(error: unknown): ThreadGreeting {
  if (error instanceof DatabaseRefused)
    return { kind: "refused", reason: error.reason, message: error.message };
  return { kind: "broken", message: error instanceof Error ? error.message : String(error) };
}
