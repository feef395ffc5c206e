import { STATUS_CODES, wordOf } from "./column-codes.ts";
import { type Connection, integer, type Row, type Statement, text } from "./connection.ts";
import { hexToId } from "./id-bytes.ts";
import { RECEIPT_BUCKETS } from "./migrations/0001-first-schema.ts";
import type { RowInserter, RowInserters } from "./row-inserter.ts";
import { type TargetRef, targetRef, type TargetState } from "./target-rows.ts";
import type { TransactionPart } from "./writer-context.ts";

/** A part whose receipt was awaited under a key, or has come already. */
export interface KnownPart {
  readonly target: TargetRef;
  readonly part: number;
  readonly sentAt: number;
  readonly isSettled: boolean;
  readonly state: Omit<TargetState, "carrierId">;
  /** Whether another carrier has the target now. */
  readonly isElsewhere: boolean;
  /** Whether nothing that a client can see has changed since the target was accepted. */
  readonly isAsAccepted: boolean;
  /** The bucket that has the key; null when it is in the index of long waits. */
  readonly bucket: number | null;
}

/** A target that awaits one receipt in the open bucket: what never changes of it. */
export interface AwaitedTarget {
  readonly customerId: string;
  readonly messageId: string;
  readonly n: number;
  readonly sentAt: number;
}

/** The columns by which a key's row is named. */
interface KeyRef {
  readonly carrier: Uint8Array;
  readonly key: string;
  readonly target: TargetRef;
  readonly part: number;
}

/**
 * Rows of one key that are looked at: all parts of a message may await one receipt, and the standard allows so many.
 * Carriers reuse keys after millions, not within the days that a key is kept.
 */
const ROWS_PER_KEY = 255;

/** A bucket is closed when it is this old or has this many keys: all together know a day's keys, or 800,000. */
const BUCKET_MICROS = 45 * 60 * 1_000_000;
const BUCKET_KEYS = 25_000;

/** The index of the part of a target that has one. */
const ONLY_PART = 0;

const KEY_COLUMNS = "carrier_id, key, message_id, n, part, customer_id, sent_at, due_at";
const THE_KEY = "carrier_id = ? AND key = ? AND message_id = ? AND n = ? AND part = ?";

const BUCKET_NAMES = Array.from({ length: RECEIPT_BUCKETS }, (_, bucket) => `receipt_keys_${bucket}`);

/**
 * Under which key which part's receipt will come.
 *
 * A key goes into the open bucket and is settled there in place: carrier ids are random, and a small table keeps random
 * writes cheap however much was ever sent. When the bucket closes, the few keys that still wait move to the index of long
 * waits, which knows when they are due; the settled ones stay, so that a repeated receipt is known, until their bucket
 * is emptied whole and used again.
 */
export class ReceiptKeys implements TransactionPart {
  readonly #connection: Connection;
  readonly #select: readonly Statement[];
  readonly #selectLong: Statement;
  readonly #selectOld: Statement;
  readonly #insert: readonly RowInserter[];
  readonly #settle: readonly Statement[];
  readonly #removeLong: Statement;
  readonly #selectBuckets: Statement;
  readonly #saveBucket: Statement;
  #open = { bucket: 0, openedAt: 0, keys: 0, earliestDueAt: Number.POSITIVE_INFINITY };
  #savedKeys = -1;
  /**
   * What waits in the open bucket since this process opened it, by carrier and key, so that most receipts need no search;
   * null under a key that has to be searched for: one of several parts awaits it, more than one target has, or it has come.
   */
  #awaited = new Map<Uint8Array, Map<string, AwaitedTarget | null>>();

  constructor(connection: Connection, inserters: RowInserters) {
    this.#connection = connection;
    this.#select = BUCKET_NAMES.map((name) => connection.prepare(RECEIPT_KEYS_SQL.select(name, "k.settled")));
    this.#selectLong = connection.prepare(RECEIPT_KEYS_SQL.select("receipt_index", "0"));
    this.#selectOld = connection.prepare(RECEIPT_KEYS_SQL.selectOld);
    this.#insert = BUCKET_NAMES.map((name) => inserters.make(`INSERT OR REPLACE INTO ${name}`, 9));
    this.#settle = BUCKET_NAMES.map((name) =>
      connection.prepare(`UPDATE ${name} SET settled = 1 WHERE ${THE_KEY}`),
    );
    this.#removeLong = connection.prepare(`DELETE FROM receipt_index WHERE ${THE_KEY}`);
    this.#selectBuckets = connection.prepare(
      "SELECT bucket, opened_at, keys FROM receipt_buckets ORDER BY opened_at DESC LIMIT 1",
    );
    this.#saveBucket = connection.prepare("INSERT OR REPLACE INTO receipt_buckets VALUES (?, ?, ?)");
    this.afterRollback();
  }

  /**
   * Awaits a receipt under a key until `dueAt` (null: until it comes).
   * @param isOnly whether the target awaits no other
   */
  await(ref: KeyRef, sentAt: number, dueAt: number | null, isOnly: boolean): void {
    this.#put(ref, sentAt, dueAt, false);
    this.#remember(ref, sentAt, isOnly);
    if (dueAt !== null && dueAt < this.#open.earliestDueAt) this.#open.earliestDueAt = dueAt;
  }

  /** Keeps a key whose receipt can move nothing any more, so that it is known when it comes. */
  keepSettled(ref: KeyRef, at: number): void {
    this.#awaited.get(ref.carrier)?.set(ref.key, null);
    this.#put(ref, at, null, true);
  }

  /** The target whose only part {@link known} would answer first, when it is remembered. */
  awaited(carrier: Uint8Array, key: string): AwaitedTarget | null {
    return this.#awaited.get(carrier)?.get(key) ?? null;
  }

  /** Notes that a remembered target has had its final receipt. */
  settleAwaited(carrier: Uint8Array, key: string, { message, n }: TargetRef): void {
    const { bucket } = this.#open;
    this.#awaited.get(carrier)?.set(key, null);
    this.#insert[bucket]?.flush();
    this.#settle[bucket]?.run(carrier, key, message, n, ONLY_PART);
  }

  /**
   * The parts that a key may mean: those that wait first, then by message, the latest first. A carrier may use a key again
   * while an older part still waits under it, so the older ones are looked at when none of the newer is wanted.
   */
  known(carrier: Uint8Array, key: string, isWanted: (part: KnownPart) => boolean): KnownPart[] {
    const { bucket } = this.#open;
    this.#insert[bucket]?.flush();
    const parts = knownParts(this.#select[bucket]?.all(carrier, key) ?? [], bucket);
    const open = parts.toSorted((a, b) => Number(a.isSettled) - Number(b.isSettled));
    if (open.some((part) => !part.isSettled && isWanted(part))) return open;
    const recent = [...knownParts(this.#selectLong.all(carrier, key), null), ...open];
    if (recent.some(isWanted)) return recent;
    return this.#selectOld.all(carrier, key).flatMap((row) => {
      const old = integer(row[0]);
      return knownParts(this.#select[old]?.all(carrier, key) ?? [], old);
    });
  }

  /** Notes that a part has had its final receipt under a key. */
  settle(ref: KeyRef, known: KnownPart, at: number): void {
    const { carrier, key, target, part } = ref;
    if (this.awaited(carrier, key) !== null) this.#awaited.get(carrier)?.set(key, null);
    if (known.bucket === null) {
      this.#removeLong.run(carrier, key, target.message, target.n, part);
      this.#put(ref, at, null, true);
    } else {
      this.#settle[known.bucket]?.run(carrier, key, target.message, target.n, part);
    }
  }

  /** Puts every key that is due by `now` where the index of due times knows it. */
  bringDueToIndex(now: number): void {
    if (this.#open.earliestDueAt <= now) this.moveWaitingToIndex();
  }

  /** Moves what waits in the open bucket to the index of long waits. */
  moveWaitingToIndex(): void {
    const name = BUCKET_NAMES[this.#open.bucket];
    this.#awaited = new Map();
    this.#insert[this.#open.bucket]?.flush();
    this.#connection.execute(`
      INSERT OR REPLACE INTO receipt_index (${KEY_COLUMNS}, overdue) SELECT ${KEY_COLUMNS}, 0 FROM ${name} WHERE settled = 0;
      DELETE FROM ${name} WHERE settled = 0`);
    this.#open.earliestDueAt = Number.POSITIVE_INFINITY;
  }

  beforeCommit(): void {
    const { bucket, openedAt, keys } = this.#open;
    if (this.#savedKeys === keys) return;
    this.#saveBucket.run(bucket, openedAt, keys);
    this.#savedKeys = keys;
  }

  afterRollback(): void {
    this.#awaited = new Map();
    const row = this.#selectBuckets.get();
    const [bucket, openedAt, keys] = row === undefined ? [0, 0, 0] : row.map((cell) => integer(cell));
    this.#open = { bucket: bucket ?? 0, openedAt: openedAt ?? 0, keys: keys ?? 0, earliestDueAt: 0 };
    this.#open.earliestDueAt = this.#earliestDueAt();
    this.#savedKeys = this.#open.keys;
  }

  #remember({ carrier, key, target, part }: KeyRef, sentAt: number, isOnly: boolean): void {
    let ofCarrier = this.#awaited.get(carrier);
    if (ofCarrier === undefined) this.#awaited.set(carrier, (ofCarrier = new Map()));
    const { customerId, messageId, n } = target;
    const isPlain = isOnly && part === ONLY_PART && !ofCarrier.has(key);
    ofCarrier.set(key, isPlain ? { customerId, messageId, n, sentAt } : null);
  }

  #earliestDueAt(): number {
    const name = BUCKET_NAMES[this.#open.bucket];
    const row = this.#connection.prepare(`SELECT min(due_at) FROM ${name} WHERE settled = 0`).get();
    return row?.[0] === null || row === undefined ? Number.POSITIVE_INFINITY : integer(row[0]);
  }

  #put(
    { carrier, key, target, part }: KeyRef,
    sentAt: number,
    dueAt: number | null,
    isSettled: boolean,
  ): void {
    this.#turnBucket(sentAt);
    this.#open.keys++;
    const insert = this.#insert[this.#open.bucket];
    insert?.add(
      carrier,
      key,
      target.message,
      target.n,
      part,
      target.customer,
      sentAt,
      dueAt,
      isSettled ? 1 : 0,
    );
  }

  /** Closes the open bucket when it is old or full, and opens the next one, emptied. */
  #turnBucket(at: number): void {
    const { openedAt, keys, bucket } = this.#open;
    if (openedAt > 0 && at - openedAt < BUCKET_MICROS && keys < BUCKET_KEYS) return;
    const next = openedAt === 0 ? 0 : (bucket + 1) % RECEIPT_BUCKETS;
    this.moveWaitingToIndex();
    this.#connection.execute(`DELETE FROM ${BUCKET_NAMES[next]}`);
    this.#open = {
      bucket: next,
      openedAt: Math.max(at, openedAt + 1),
      keys: 0,
      earliestDueAt: Number.POSITIVE_INFINITY,
    };
    this.#savedKeys = -1;
  }
}

export const RECEIPT_KEYS_SQL = {
  select: (table: string, settled: string) => `
    SELECT hex(k.customer_id), hex(k.message_id), k.n, k.part, k.sent_at, ${settled},
      t.status, t.parts, t.part_states, t.destination, t.carrier_id IS NOT k.carrier_id, t.tm_update IS NULL
    FROM ${table} k JOIN targets t ON t.customer_id = k.customer_id AND t.message_id = k.message_id AND t.n = k.n
    WHERE k.carrier_id = ? AND k.key = ?
    ORDER BY k.message_id DESC, k.n DESC, k.part DESC LIMIT ${ROWS_PER_KEY}`,
  /** Which buckets have a key at all. */
  selectOld: BUCKET_NAMES.map(
    (name, bucket) =>
      `SELECT ${bucket} WHERE EXISTS (SELECT 1 FROM ${name} WHERE carrier_id = ?1 AND key = ?2)`,
  ).join(" UNION ALL "),
} as const;

function knownParts(rows: readonly Row[], bucket: number | null): KnownPart[] {
  return rows.map((row) => ({
    target: targetRef(hexToId(text(row[0])), hexToId(text(row[1])), integer(row[2])),
    part: integer(row[3]),
    sentAt: integer(row[4]),
    isSettled: row[5] === 1,
    state: {
      status: wordOf(STATUS_CODES, integer(row[6])),
      parts: integer(row[7]),
      partStates: text(row[8]),
      destination: text(row[9]),
    },
    isElsewhere: row[10] === 1,
    isAsAccepted: row[11] === 1,
    bucket,
  }));
}
