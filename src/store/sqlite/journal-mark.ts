import { type Connection, integer, type Statement } from "./connection.ts";
import type { TransactionPart } from "./writer-context.ts";

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
