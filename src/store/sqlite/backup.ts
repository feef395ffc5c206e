import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { BackupStart } from "./backup-thread.ts";

/** Copies the database to a new file, in a thread of its own. Rejects when the file exists or cannot be written. */
export function backup(start: BackupStart): Promise<void> {
  if (existsSync(start.into)) return Promise.reject(new Error(`${start.into} exists already`));
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const worker = new Worker(new URL(`./backup-thread${extension}`, import.meta.url), { workerData: start });
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
}
