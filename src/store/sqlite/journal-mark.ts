import { randomInt } from "node:crypto";
import { type Connection, integer, type Statement, text } from "./connection.ts";
import type { TransactionPart } from "./writer-context.ts";

/** The setting that says which journal a database has; one that is no copy has none. */
const ID_SETTING = "acceptance_journal";
const FIRST_ID = 0;

/** Which journal of acceptances belongs to the database. */
export function journalIdOf(connection: Connection): number {
  const row = connection.prepare("SELECT value FROM settings WHERE name = ?").get(ID_SETTING);
  return row === undefined ? FIRST_ID : Number(text(row[0]));
}

/** Gives a copy a journal of its own: what it finds beside it may be of the database that it was copied from. */
export function giveNewJournal(connection: Connection): void {
  const id = randomInt(FIRST_ID + 1, 2 ** 32);
  connection.prepare("INSERT OR REPLACE INTO settings VALUES (?, ?)").run(ID_SETTING, String(id));
}

/** How far the database has what the journal of acceptances holds; written with each commit that takes something from it. */
export class JournalMark implements TransactionPart {
  readonly #select: Statement;
  readonly #save: Statement;
  #applied: number;
  #saved: number;

  constructor(connection: Connection) {
    this.#select = connection.prepare("SELECT applied FROM acceptance_journal");
    this.#save = connection.prepare("UPDATE acceptance_journal SET applied = ?");
    this.#applied = this.#saved = this.#read();
  }

  /** The last sequence number that the database has. */
  get applied(): number {
    return this.#applied;
  }

  /** Takes in that the open transaction has a record; false when the database has had it before. */
  take(sequence: number): boolean {
    if (sequence <= this.#applied) return false;
    this.#applied = sequence;
    return true;
  }

  beforeCommit(): void {
    if (this.#applied === this.#saved) return;
    this.#save.run(this.#applied);
    this.#saved = this.#applied;
  }

  afterRollback(): void {
    this.#applied = this.#saved = this.#read();
  }

  #read(): number {
    return integer(this.#select.get()?.[0]);
  }
}
