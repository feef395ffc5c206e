import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { Connection } from "./connection.ts";

/** What a backup is started with. */
export interface BackupStart {
  readonly file: string;
  readonly into: string;
}

/** Copies a snapshot of the database while it is in use: readers of a WAL database stall nobody. */
function copy({ file, into }: BackupStart): void {
  const unfinished = `${into}.unfinished`;
  rmSync(unfinished, { force: true });
  closeSync(openSync(unfinished, "wx", 0o600));
  const connection = new Connection(file, { readOnly: true });
  try {
    connection.prepare("VACUUM INTO ?").run(unfinished);
    const handle = openSync(unfinished, "r+");
    fsyncSync(handle);
    closeSync(handle);
    renameSync(unfinished, into);
  } finally {
    connection.close();
    rmSync(unfinished, { force: true });
  }
}

if (parentPort !== null) copy(workerData as BackupStart); // backupTo starts it so
