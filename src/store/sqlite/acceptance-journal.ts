import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { JOURNAL_FILE_BYTES, JournalFile } from "./journal-file.ts";
import { beginsWithRecord, decodeRecords, encodeRecord, type JournalRecord } from "./journal-records.ts";

interface Waiting {
  readonly sequence: number;
  readonly bytes: Buffer;
  readonly resolve: (isWritten: boolean) => void;
  readonly reject: (error: Error) => void;
}

interface Part {
  readonly file: JournalFile;
  /** The highest sequence number in it. */
  last: number;
}

/**
 * What was accepted and is not in the database yet: two files, one of which is written while the other waits until the
 * database has all that it holds. A write is some 30 microseconds of processor and one flush of the disk, where a commit of
 * the database is ten pages and costs ten times as much; and it needs no thread but the system's own.
 *
 * What arrives while a write is under way goes into the next one. A failed write ends the journal: whoever waits for it
 * or comes later goes to the database itself.
 */
export class AcceptanceJournal {
  readonly #id: number;
  readonly #parts: readonly [Part, Part];
  #current: 0 | 1 = 0;
  #position = 0;
  #sequence: number;
  #applied: number;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #isGathering = false;
  #isBroken = false;
  /** Wipes under way: nothing is appended meanwhile. */
  #wipes = 0;
  readonly #awaiting: PromiseWithResolvers<void>[] = [];

  /**
   * Begins the journal anew, when the database has everything that it held.
   * @param database the path of its file: the journal lies beside it
   * @param id which journal the database has, 32 bits
   * @param sequence the last sequence number that was used
   * Throws when the files cannot be made.
   */
  constructor(database: string, id: number, sequence: number) {
    this.#id = id;
    const [first, second] = pathsOf(database);
    this.#parts = [
      { file: new JournalFile(first), last: sequence },
      { file: new JournalFile(second), last: sequence },
    ];
    this.#sequence = this.#applied = sequence;
  }

  /** The records of a journal that lie beside a database; what lies there of another journal is not for it. */
  static recordsBeside(database: string, id: number): readonly JournalRecord[] {
    return pathsOf(database).flatMap((path) => decodeRecords(JournalFile.contentOf(path), id));
  }

  /** Whether a journal lies beside where a database should be, of whichever it is, and holds records. */
  static isFilledBeside(database: string): boolean {
    return pathsOf(database).some((path) => beginsWithRecord(JournalFile.contentOf(path)));
  }

  /** Whether a payload of so many bytes may be appended. */
  takes(bytes: number): boolean {
    return !this.#isBroken && bytes < JOURNAL_FILE_BYTES / 2;
  }

  /** The number that the next record has to have: without a gap, for a gap is the end of what is read. */
  get nextSequence(): number {
    return this.#sequence + 1;
  }

  /** Resolves with true when the record is on stable storage, with false when it was given back. Rejects with StoreUnavailable. */
  append(record: JournalRecord): Promise<boolean> {
    if (record.sequence !== this.nextSequence) throw new Error("a record is out of sequence");
    this.#sequence = record.sequence;
    const bytes = encodeRecord(record, this.#id);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sequence: record.sequence, bytes, resolve, reject });
      this.#gather();
    });
  }

  /**
   * Takes in that the database cannot be written, so that there may be no room for long: what waits for room is given back, as
   * if it had not been appended, and so is the wish to wipe.
   */
  giveBack(): void {
    const [first] = this.#waiting;
    if (first !== undefined) this.#sequence = first.sequence - 1;
    for (const { resolve } of this.#waiting.splice(0)) resolve(false);
    const error = new StoreUnavailable("busy", "the database does not have what the journal holds");
    for (const { reject } of this.#awaiting.splice(0)) reject(error);
  }

  /** Takes in that the database durably has everything up to a sequence number: what holds it may be overwritten. */
  applied(sequence: number): void {
    this.#applied = Math.max(this.#applied, sequence);
    this.#progress();
  }

  /**
   * Overwrites what the database has; resolves when nothing that was appended before this call is left in the files. Rejects
   * with StoreUnavailable when they, or the database, cannot be written.
   */
  async wipe(): Promise<void> {
    this.#wipes++;
    try {
      for (let round = 0; round < this.#parts.length; round++) {
        while (!this.#isBroken && (this.#isWriting || this.#parts[this.#other].last > this.#applied))
          await this.#nextProgress();
        await this.#wipeOther();
      }
    } finally {
      this.#wipes--;
      this.#gather();
    }
  }

  async #wipeOther(): Promise<void> {
    this.#isWriting = true;
    try {
      await this.#parts[this.#other].file.write(Buffer.alloc(JOURNAL_FILE_BYTES), 0);
      this.#turn();
    } catch (cause) {
      throw cannotBeWritten(cause);
    } finally {
      this.#isWriting = false;
      this.#progress();
    }
  }

  #progress(): void {
    for (const { resolve } of this.#awaiting.splice(0)) resolve();
    this.#gather();
  }

  #nextProgress(): Promise<void> {
    const progress = Promise.withResolvers<void>();
    this.#awaiting.push(progress);
    return progress.promise;
  }

  get #other(): 0 | 1 {
    return this.#current === 0 ? 1 : 0;
  }

  close(): void {
    for (const { file } of this.#parts) file.close();
  }

  /** All that arrives in one turn of the event loop goes into one write. */
  #gather(): void {
    if (this.#isWriting || this.#isGathering || this.#wipes > 0 || this.#waiting.length === 0) return;
    this.#isGathering = true;
    setImmediate(() => {
      this.#isGathering = false;
      if (this.#wipes === 0 && !this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    const batch = this.#takeBatch();
    const last = batch.at(-1);
    if (last === undefined) return; // `applied` goes on when there is room
    const part = this.#parts[this.#current];
    const bytes = Buffer.concat(batch.map((each) => each.bytes));
    part.last = last.sequence;
    this.#isWriting = true;
    try {
      await part.file.write(bytes, this.#position);
      this.#position += bytes.length;
      for (const { resolve } of batch) resolve(true);
    } catch (cause) {
      this.#break(batch, cause);
    }
    this.#isWriting = false;
    this.#progress();
  }

  /** As much of what waits as the current file has room for; nothing while neither has any. */
  #takeBatch(): Waiting[] {
    const [first] = this.#waiting;
    if (first === undefined) return [];
    if (this.#position + first.bytes.length > JOURNAL_FILE_BYTES && !this.#turn()) return [];
    let end = this.#position;
    let count = 0;
    for (const { bytes } of this.#waiting) {
      if (end + bytes.length > JOURNAL_FILE_BYTES) break;
      end += bytes.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Goes over to the other file; false while the database does not have all that is in it. */
  #turn(): boolean {
    if (this.#parts[this.#other].last > this.#applied) return false;
    this.#current = this.#other;
    this.#position = 0;
    return true;
  }

  #break(batch: readonly Waiting[], cause: unknown): void {
    this.#isBroken = true;
    const error = cannotBeWritten(cause);
    for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(error);
  }
}

function cannotBeWritten(cause: unknown): StoreUnavailable {
  return new StoreUnavailable("disk_full", "the journal of acceptances cannot be written", { cause });
}

function pathsOf(database: string): readonly [string, string] {
  return [`${database}.accepted-0`, `${database}.accepted-1`];
}
