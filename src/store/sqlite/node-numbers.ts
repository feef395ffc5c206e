import { type Connection, integer, type Statement, text } from "./connection.ts";
import type { TransactionPart } from "./writer-context.ts";

/** Names of processes as small numbers, so that a leased row need not repeat them. */
export class NodeNumbers implements TransactionPart {
  readonly #numbers = new Map<string, number>();
  readonly #select: Statement;
  readonly #insert: Statement;
  readonly #name: Statement;

  constructor(connection: Connection) {
    this.#select = connection.prepare("SELECT number FROM nodes WHERE node = ?");
    this.#insert = connection.prepare("INSERT INTO nodes (node, expires_at) VALUES (?, 0) RETURNING number");
    this.#name = connection.prepare("SELECT node FROM nodes WHERE number = ?");
  }

  numberOf(node: string): number {
    const known = this.#numbers.get(node);
    if (known !== undefined) return known;
    const row = this.#select.get(node) ?? this.#insert.get(node);
    const number = integer(row?.[0]);
    this.#numbers.set(node, number);
    return number;
  }

  nameOf(number: number): string {
    return text(this.#name.get(number)?.[0]);
  }

  afterRollback(): void {
    this.#numbers.clear();
  }
}
