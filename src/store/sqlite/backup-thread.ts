import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { decodeJournalState, encodeApply } from "./accept-messages.ts";
import { AcceptanceJournal } from "./acceptance-journal.ts";
import { Connection } from "./connection.ts";
import { forgetJournal, journalIdOf } from "./journal-mark.ts";
import { type JournalRecord, recordsAfter } from "./journal-records.ts";
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
 * only the journal has is brought into the copy: it is read first, so that the snapshot has whatever is no longer in it. The
 * copy has all that it needs, then, and takes nothing from a journal that it is put beside.
 */
function copy({ file, into }: BackupStart): void {
  const unfinished = `${into}.unfinished`;
  rmSync(unfinished, { force: true });
  closeSync(openSync(unfinished, "wx", 0o600));
  const connection = new Connection(file, { readOnly: true });
  try {
    const journalId = journalIdOf(connection);
    const accepted = journalId === null ? [] : AcceptanceJournal.recordsBeside(file, journalId);
    connection.prepare("VACUUM INTO ?").run(unfinished);
    if (accepted.length > 0) bringIn(accepted, unfinished);
    detach(unfinished);
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
    const [state] = run(writer, [["journalState"]]);
    const { applied } = decodeJournalState(new WireReader(state ?? []));
    const missing = recordsAfter(applied, accepted);
    if (missing.length > 0) run(writer, missing.map(encodeApply));
  } finally {
    writer.close();
  }
}

function detach(copied: string): void {
  const connection = new Connection(copied, { readOnly: false });
  try {
    forgetJournal(connection);
  } finally {
    connection.close();
  }
}

function run(writer: Writer, pile: readonly Wire[]): readonly (Wire | null)[] {
  const { answers, failures } = writer.run(pile);
  const [failure] = failures;
  if (failure !== undefined) throw toError(failure);
  return answers;
}

if (parentPort !== null) copy(workerData as BackupStart); // backupTo starts it so
