import { bytes, type Connection, integer, type Statement, text } from "./connection.ts";
import { SETTLED_BUCKETS } from "./migrations/0001-first-schema.ts";
import { STATUS_CODES, wordOf } from "./column-codes.ts";
import { type TargetRef, targetRefOfRow, type TargetState } from "./target-rows.ts";
import type { TransactionPart } from "./writer-context.ts";

/** A part that waits for its receipt, with the state of its target. */
export interface AwaitedPart {
  readonly target: TargetRef;
  readonly part: number;
  readonly sentAt: number;
  readonly state: TargetState;
}

/** The columns by which a key's row is named. */
interface KeyRef {
  readonly carrier: Uint8Array;
  readonly key: string;
  readonly target: TargetRef;
  readonly part: number;
}

/** Rows of one key that are looked at; carriers reuse keys after millions, not within the days that a key is kept. */
const ROWS_PER_KEY = 8;

/** A bucket is closed when it is this old or holds this many keys: together the buckets hold a day, or two million keys. */
const BUCKET_MICROS = 96 * 60 * 1_000_000;
const BUCKET_KEYS = 125_000;

/**
 * Under which key which part's receipt will come. A key that had its final receipt moves to a bucket, so that the index
 * holds only what is awaited however much was ever sent, and a repeated receipt is still known.
 */
export class ReceiptKeys implements TransactionPart {
  readonly #connection: Connection;
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #awaited: Statement;
  readonly #settled: Statement;
  readonly #saveBucket: Statement;
  readonly #intoBucket: readonly Statement[];
  #bucket = { number: 0, openedAt: 0, keys: 0 };

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#insert = connection.prepare(
      "INSERT OR REPLACE INTO receipt_index VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
    );
    this.#delete = connection.prepare(
      "DELETE FROM receipt_index WHERE carrier_id = ? AND key = ? AND message_id = ? AND n = ? AND part = ?",
    );
    this.#awaited = connection.prepare(`
      SELECT r.customer_id, r.message_id, r.n, r.part, r.sent_at,
        t.status, t.parts, t.part_states, t.destination, t.carrier_id
      FROM receipt_index r JOIN targets t
        ON t.customer_id = r.customer_id AND t.message_id = r.message_id AND t.n = r.n
      WHERE r.carrier_id = ? AND r.key = ?
      ORDER BY r.message_id DESC, r.n DESC, r.part DESC LIMIT ${ROWS_PER_KEY}`);
    const buckets = Array.from({ length: SETTLED_BUCKETS }, (_, bucket) => `settled_receipts_${bucket}`);
    this.#settled = connection.prepare(
      `${buckets
        .map((name) => `SELECT customer_id, message_id, n FROM ${name} WHERE carrier_id = ?1 AND key = ?2`)
        .join(" UNION ALL ")} LIMIT ${ROWS_PER_KEY}`,
    );
    this.#intoBucket = buckets.map((name) =>
      connection.prepare(`INSERT OR IGNORE INTO ${name} VALUES (?, ?, ?, ?, ?, ?)`),
    );
    this.#saveBucket = connection.prepare("INSERT OR REPLACE INTO settled_buckets VALUES (?, ?, ?)");
    this.afterRollback();
  }

  /** Awaits a receipt under a key until `dueAt` (null: for ever, or until it comes). */
  await(ref: KeyRef, sentAt: number, dueAt: number | null): void {
    const { carrier, key, target, part } = ref;
    this.#insert.run(carrier, key, target.message, target.n, part, target.customer, sentAt, dueAt);
  }

  /** The parts that await a receipt under a key, the latest message first. */
  awaited(carrier: Uint8Array, key: string): AwaitedPart[] {
    return this.#awaited.all(carrier, key).map((row) => ({
      target: targetRefOfRow(row[0], row[1], row[2]),
      part: integer(row[3]),
      sentAt: integer(row[4]),
      state: {
        status: wordOf(STATUS_CODES, integer(row[5])),
        parts: integer(row[6]),
        partStates: text(row[7]),
        destination: text(row[8]),
        carrier: row[9] === null ? null : bytes(row[9]),
      },
    }));
  }

  /** The targets that had their final receipt under a key. */
  settled(carrier: Uint8Array, key: string): TargetRef[] {
    return this.#settled.all(carrier, key).map((row) => targetRefOfRow(row[0], row[1], row[2]));
  }

  /** Moves a key to the settled ones. */
  settle(ref: KeyRef, at: number): void {
    const { carrier, key, target, part } = ref;
    this.#delete.run(carrier, key, target.message, target.n, part);
    this.keepSettled(ref, at);
  }

  /** Puts a key that was never awaited among the settled ones. */
  keepSettled(ref: KeyRef, at: number): void {
    const { carrier, key, target, part } = ref;
    this.#turnBucket(at);
    this.#bucket.keys++;
    this.#intoBucket[this.#bucket.number]?.run(carrier, key, target.message, target.n, part, target.customer);
  }

  beforeCommit(): void {
    const { number, openedAt, keys } = this.#bucket;
    if (this.#savedKeys === keys) return;
    this.#saveBucket.run(number, openedAt, keys);
    this.#savedKeys = keys;
  }

  afterRollback(): void {
    const row = this.#connection
      .prepare("SELECT bucket, opened_at, keys FROM settled_buckets ORDER BY opened_at DESC LIMIT 1")
      .get();
    this.#bucket = {
      number: row === undefined ? 0 : integer(row[0]),
      openedAt: row === undefined ? 0 : integer(row[1]),
      keys: row === undefined ? 0 : integer(row[2]),
    };
    this.#savedKeys = this.#bucket.keys;
  }

  #savedKeys = 0;

  /** Goes to the next bucket and empties it when the present one is old or full. */
  #turnBucket(at: number): void {
    const { openedAt, keys, number } = this.#bucket;
    if (openedAt > 0 && at - openedAt < BUCKET_MICROS && keys < BUCKET_KEYS) return;
    const next = openedAt === 0 ? 0 : (number + 1) % SETTLED_BUCKETS;
    this.beforeCommit();
    this.#connection.execute(`DELETE FROM settled_receipts_${next}`);
    this.#bucket = { number: next, openedAt: Math.max(at, openedAt + 1), keys: 0 };
    this.#savedKeys = -1;
  }
}
