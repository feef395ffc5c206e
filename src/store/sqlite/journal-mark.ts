import { randomInt } from "node:crypto";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { type Connection, integer, type Statement, text } from "./connection.ts";
import type { TransactionPart } from "./writer-context.ts";

/** The setting that says which journal a database has; one that is no copy has none. */
const ID_SETTING = "acceptance_journal";
const FIRST_ID = 0;
/** Stands in a copy, which gets a journal of its own each time that it is put to use. */
const NOT_YET = "new";

/** Which journal of acceptances belongs to the database; null while it has none yet. */
export function journalIdOf(connection: Connection): number | null {
  const row = connection.prepare("SELECT value FROM settings WHERE name = ?").get(ID_SETTING);
  if (row === undefined) return FIRST_ID;
  const value = text(row[0]);
  return value === NOT_YET ? null : Number(value);
}

/** The same, of a database that is put to use: it has one from then on. */
export function settleJournalId(connection: Connection): number {
  const known = journalIdOf(connection);
  if (known !== null) return known;
  const id = randomInt(FIRST_ID + 1, 2 ** 32);
  saveId(connection, String(id));
  return id;
}

/** Takes its journal from a copy: what it will find beside it may be of the database that it was copied from. */
export function forgetJournal(connection: Connection): void {
  saveId(connection, NOT_YET);
}

function saveId(connection: Connection, value: string): void {
  connection.prepare("INSERT OR REPLACE INTO settings VALUES (?, ?)").run(ID_SETTING, value);
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

  /**
   * Takes in that the open transaction has a record; false when the database has had it before. Throws StoreUnavailable while
   * one before it is missing: nothing that was refused is passed over, unless it is said (`encodePassOver`).
   */
  take(sequence: number): boolean {
    if (sequence <= this.#applied) return false;
    if (sequence > this.#applied + 1)
      throw new StoreUnavailable("busy", "a record of the journal before this one is missing");
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
