import type { Receipt } from "../../domain/receipt.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { type Connection, integer, type Statement, text } from "./connection.ts";
import type { TransactionPart } from "./writer-context.ts";

/** Rows of parked receipts; beyond it a receipt is refused, and its carrier sends it again later (promise P8). */
export const PARKED_ROWS_LIMIT = 500_000;

/** Receipts that came before the response that names their message, or belong to nobody. */
export class ParkedReceipts implements TransactionPart {
  readonly #insert: Statement;
  readonly #take: Statement;
  readonly #remove: Statement;
  readonly #old: Statement;
  readonly #limit: number;
  /** Rows in the table: while it is empty nobody need look. Counted once, for there may be half a million. */
  #rows: number;
  #committedRows: number;
  #lastId: number;

  constructor(connection: Connection, limit = PARKED_ROWS_LIMIT) {
    this.#limit = limit;
    this.#insert = connection.prepare("INSERT INTO parked_receipts VALUES (?, ?, ?, ?, ?, ?)");
    this.#take = connection.prepare(
      "SELECT receipt_id, receipt FROM parked_receipts WHERE carrier_id = ? AND key = ? ORDER BY receipt_id",
    );
    this.#remove = connection.prepare(
      "DELETE FROM parked_receipts WHERE carrier_id = ? AND key = ? AND receipt_id = ?",
    );
    this.#old = connection.prepare(`
      SELECT carrier_id, receipt_id, receipt FROM parked_receipts INDEXED BY parked_receipts_age
      WHERE is_first = 1 AND at <= ? ORDER BY at LIMIT ?`);
    const totals = connection
      .prepare("SELECT coalesce(max(receipt_id), 0), count(*) FROM parked_receipts")
      .get();
    this.#lastId = integer(totals?.[0]);
    this.#rows = this.#committedRows = integer(totals?.[1]);
  }

  park(carrier: Uint8Array, receipt: Receipt): void {
    const keys = keysOf(receipt);
    if (this.#rows + keys.length > this.#limit) {
      throw new StoreUnavailable("busy", `more than ${this.#limit} receipts wait for their messages`);
    }
    const id = ++this.#lastId;
    const json = JSON.stringify(receipt);
    for (const [index, key] of keys.entries()) {
      this.#insert.run(carrier, key, id, receipt.at, index === 0 ? 1 : 0, json);
    }
    this.#rows += keys.length;
  }

  /** The receipts that wait under a key, in the order they came. */
  waiting(carrier: Uint8Array, key: string): { readonly id: number; readonly receipt: Receipt }[] {
    if (this.#rows === 0) return [];
    return this.#take
      .all(carrier, key)
      .map((row) => ({ id: integer(row[0]), receipt: readReceipt(text(row[1])) }));
  }

  remove(carrier: Uint8Array, id: number, receipt: Receipt): void {
    for (const key of keysOf(receipt)) {
      this.#rows -= Number(this.#remove.run(carrier, key, id).changes);
    }
  }

  /** Drops at most `limit` receipts that came at `until` or before; answers how many. */
  dropOld(until: number, limit: number): number {
    const old = this.#old.all(until, limit);
    for (const [carrier, id, receipt] of old) {
      if (carrier instanceof Uint8Array) this.remove(carrier, integer(id), readReceipt(text(receipt)));
    }
    return old.length;
  }

  afterCommit(): void {
    this.#committedRows = this.#rows;
  }

  afterRollback(): void {
    this.#rows = this.#committedRows;
  }
}

function readReceipt(json: string): Receipt {
  return JSON.parse(json) as Receipt; // only park() writes the column
}

/** A receipt that names no key at all is kept under the empty one, to be counted. */
function keysOf(receipt: Receipt): string[] {
  return receipt.keys.length === 0 ? [""] : [...new Set(receipt.keys)];
}
