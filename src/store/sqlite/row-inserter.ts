import type { Cell, Connection, Statement } from "./connection.ts";
import type { TransactionPart } from "./writer-context.ts";

/** Rows that one statement inserts: eight at once cost two thirds of eight times one (the call costs as much as the row). */
const ROWS_AT_ONCE = 8;

/**
 * Gathers the rows of one table and inserts them several at once. Whoever reads the table in the same transaction has them
 * inserted first.
 */
export class RowInserter {
  readonly #one: Statement;
  readonly #several: Statement;
  readonly #cellsAtOnce: number;
  readonly #columns: number;
  #cells: Cell[] = [];

  /** @param into what comes before VALUES: `INSERT INTO table (columns)` */
  constructor(connection: Connection, into: string, columns: number) {
    const row = `(${Array.from({ length: columns }, () => "?").join(", ")})`;
    this.#columns = columns;
    this.#cellsAtOnce = columns * ROWS_AT_ONCE;
    this.#one = connection.prepare(`${into} VALUES ${row}`);
    this.#several = connection.prepare(
      `${into} VALUES ${Array.from({ length: ROWS_AT_ONCE }, () => row).join(", ")}`,
    );
  }

  add(...row: Cell[]): void {
    this.#cells.push(...row);
    if (this.#cells.length < this.#cellsAtOnce) return;
    this.#several.run(...this.#cells);
    this.#cells = [];
  }

  /** Inserts what is gathered. */
  flush(): void {
    for (let at = 0; at < this.#cells.length; at += this.#columns) {
      this.#one.run(...this.#cells.slice(at, at + this.#columns));
    }
    this.#cells = [];
  }

  /** Forgets what is gathered. */
  clear(): void {
    this.#cells = [];
  }
}

/** All row inserters of a writer. */
export class RowInserters implements TransactionPart {
  readonly #connection: Connection;
  readonly #inserters: RowInserter[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @param into what comes before VALUES: `INSERT INTO table (columns)` */
  make(into: string, columns: number): RowInserter {
    const inserter = new RowInserter(this.#connection, into, columns);
    this.#inserters.push(inserter);
    return inserter;
  }

  /** Inserts what is gathered anywhere. */
  flush(): void {
    for (const inserter of this.#inserters) inserter.flush();
  }

  beforeCommit(): void {
    this.flush();
  }

  afterRollback(): void {
    for (const inserter of this.#inserters) inserter.clear();
  }
}
