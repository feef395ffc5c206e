import { DatabaseSync } from "node:sqlite";

/** A column's value as node:sqlite gives it when integers fit a number. */
export type Cell = null | number | string | Uint8Array;
export type Row = readonly Cell[];

/** A prepared statement whose rows are arrays in the order of the columns. */
export interface Statement {
  run(...values: Cell[]): { readonly changes: number | bigint };
  get(...values: Cell[]): Row | undefined;
  all(...values: Cell[]): Row[];
  /** One row at a time: what is not asked for is not read. */
  iterate(...values: Cell[]): Iterable<Row>;
}

/** One connection to the database file. Statements are prepared once, by whoever runs them. */
export class Connection {
  readonly #database: DatabaseSync;

  constructor(file: string, options: { readonly readOnly: boolean }) {
    this.#database = new DatabaseSync(file, { readOnly: options.readOnly, timeout: BUSY_TIMEOUT_MS });
  }

  prepare(sql: string): Statement {
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    return statement as unknown as Statement; // setReturnArrays turns its rows into arrays, which its types do not say
  }

  /** Runs statements that answer nothing. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /** Makes a pure function of texts known to SQL on this connection. */
  define(name: string, compute: (...values: Cell[]) => Cell): void {
    this.#database.function(
      name,
      { deterministic: true, varargs: true },
      (...values) => compute(...(values as Cell[])), // integers come as numbers unless asked for otherwise
    );
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  close(): void {
    this.#database.close();
  }
}

/** Another process that holds the file for longer than this makes an operation fail as busy. */
const BUSY_TIMEOUT_MS = 2_000;

/** Reads an integer column; throws when it holds something else, for then the file is not ours. */
export function integer(cell: Cell | undefined): number {
  if (typeof cell !== "number") throw new TypeError("a column that should hold an integer does not");
  return cell;
}

export function integerOrNull(cell: Cell | undefined): number | null {
  return cell === null ? null : integer(cell);
}

export function text(cell: Cell | undefined): string {
  if (typeof cell !== "string") throw new TypeError("a column that should hold a text does not");
  return cell;
}

export function textOrNull(cell: Cell | undefined): string | null {
  return cell === null ? null : text(cell);
}

export function bytes(cell: Cell | undefined): Uint8Array {
  if (!(cell instanceof Uint8Array)) throw new TypeError("a column that should hold bytes does not");
  return cell;
}
