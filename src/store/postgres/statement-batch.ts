import type { Connection, CustomTypesConfig, Submittable } from "pg";
import type { Statement, Value } from "./connection.ts";
import { encodeStatements } from "./statement-wire.ts";

/** What a statement gave back. */
export interface Answer {
  readonly rows: readonly unknown[];
  /** How many rows it changed or answered, by its command tag. */
  readonly count: number;
}

export interface Asked {
  readonly statement: Statement;
  readonly values: readonly Value[];
}

interface Columns {
  readonly names: readonly string[];
  readonly read: readonly ((value: string) => unknown)[];
}

const NO_COLUMNS: Columns = { names: [], read: [] };

/** Which statements each connection has prepared, and the columns of their rows: they are described once. */
export class PreparedStatements {
  readonly #types: CustomTypesConfig;
  readonly #byConnection = new WeakMap<Connection, Map<string, Columns>>();

  constructor(types: CustomTypesConfig) {
    this.#types = types;
  }

  of(connection: Connection): Map<string, Columns> {
    const known = this.#byConnection.get(connection);
    if (known !== undefined) return known;
    const none = new Map<string, Columns>();
    this.#byConnection.set(connection, none);
    return none;
  }

  columnsOf(fields: readonly { readonly name: string; readonly dataTypeID: number }[]): Columns {
    return {
      names: fields.map(({ name }) => name),
      read: fields.map(
        ({ dataTypeID }) => this.#types.getTypeParser(dataTypeID, "text") as (value: string) => unknown,
      ),
    };
  }
}

/**
 * Prepared statements in one write, answered together: a statement costs a round trip and several system calls otherwise,
 * which is more than most of them do. For a client of pg it is a query like any other (pg's `Submittable`, as pg-cursor is).
 */
export class StatementBatch implements Submittable {
  /** Called once, by way of the client, which puts its timeout before it. */
  callback: (error: Error | null, answers?: readonly Answer[]) => void;
  readonly #asked: readonly Asked[];
  readonly #prepared: PreparedStatements;
  readonly #answers: Answer[] = [];
  #known: Map<string, Columns> = new Map();
  #described: Columns | null = null;
  #rows: unknown[] = [];

  constructor(asked: readonly Asked[], prepared: PreparedStatements, callback: StatementBatch["callback"]) {
    this.#asked = asked;
    this.#prepared = prepared;
    this.callback = callback;
  }

  submit(connection: Connection): null {
    this.#known = this.#prepared.of(connection);
    const begun = new Set(this.#known.keys());
    const wired = this.#asked.map(({ statement, values }) => {
      const isNew = statement.name === "" || !begun.has(statement.name);
      begun.add(statement.name);
      return { statement, values, isNew };
    });
    connection.stream.write(encodeStatements(wired));
    return null;
  }

  handleRowDescription(message: { readonly fields: Parameters<PreparedStatements["columnsOf"]>[0] }): void {
    this.#described = this.#prepared.columnsOf(message.fields);
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    const { names, read } = this.#described ?? this.#known.get(this.#name) ?? NO_COLUMNS;
    const row: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index++) {
      const value = message.fields[index] ?? null;
      row[names[index] ?? ""] = value === null ? null : read[index]?.(value);
    }
    this.#rows.push(row);
  }

  handleCommandComplete(message: { readonly text: string }): void {
    if (this.#name !== "" && !this.#known.has(this.#name))
      this.#known.set(this.#name, this.#described ?? NO_COLUMNS);
    const count = Number(message.text.slice(message.text.lastIndexOf(" ") + 1));
    this.#answers.push({ rows: this.#rows, count: Number.isNaN(count) ? 0 : count });
    this.#rows = [];
    this.#described = null;
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#answers);
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  /** Of the statement that is being answered. */
  get #name(): string {
    return this.#asked[this.#answers.length]?.statement.name ?? "";
  }
}
