import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { encodeApply } from "./accept-messages.ts";
import { AcceptanceJournal } from "./acceptance-journal.ts";
import { Connection } from "./connection.ts";
import type { JournalRecord } from "./journal-records.ts";
import { openForWriting } from "./open-database.ts";
import { toError } from "./sqlite-failure.ts";
import { type Wire, WireReader } from "./wire.ts";
import { Writer } from "./writer.ts";

/** What a backup is started with. */
export interface BackupStart {
  readonly file: string;
  readonly into: string;
}

/**
 * Copies a snapshot of the database while it is in use: readers of a WAL database stall nobody. What was accepted before and
 * only the journal has is brought into the copy: it is read first, so that the snapshot has whatever is no longer in it.
 */
function copy({ file, into }: BackupStart): void {
  const accepted = AcceptanceJournal.recordsAfter(0, file);
  const unfinished = `${into}.unfinished`;
  rmSync(unfinished, { force: true });
  closeSync(openSync(unfinished, "wx", 0o600));
  const connection = new Connection(file, { readOnly: true });
  try {
    connection.prepare("VACUUM INTO ?").run(unfinished);
    if (accepted.length > 0) bringIn(accepted, unfinished);
    const handle = openSync(unfinished, "r+");
    fsyncSync(handle);
    closeSync(handle);
    renameSync(unfinished, into);
  } finally {
    connection.close();
    rmSync(unfinished, { force: true });
  }
}

function bringIn(accepted: readonly JournalRecord[], copied: string): void {
  const writer = new Writer(openForWriting(copied));
  try {
    const [applied] = run(writer, [["journalApplied"]]);
    let next = new WireReader(applied ?? []).number() + 1;
    const missing: JournalRecord[] = [];
    for (const record of accepted) {
      if (record.sequence !== next) continue;
      missing.push(record);
      next++;
    }
    if (missing.length > 0) run(writer, missing.map(encodeApply));
  } finally {
    writer.close();
  }
}

function run(writer: Writer, pile: readonly Wire[]): readonly (Wire | null)[] {
  const { answers, failures } = writer.run(pile);
  const [failure] = failures;
  if (failure !== undefined) throw toError(failure);
  return answers;
}

if (parentPort !== null) copy(workerData as BackupStart); // backupTo starts it so
