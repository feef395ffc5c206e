import { ids, numbers, texts } from "./array-literals.ts";
import type { Session } from "./connection.ts";
import { SETTLED_BUCKETS } from "./migrations/0001-first-schema.ts";
import type { TargetRef } from "./target-rows.ts";

/** A key's part: one row. */
export interface KeyRef {
  readonly carrierId: string;
  readonly key: string;
  readonly target: TargetRef;
  readonly part: number;
}

/** A part whose receipt was awaited under a key, or has come already. */
export interface KnownPart extends KeyRef {
  readonly sentAt: number;
  readonly isSettled: boolean;
}

/** Rows of one key that are looked at: as many parts may await one receipt. */
const ROWS_PER_KEY = 255;

/** How long settled keys go into one bucket; all but the emptied one are known: 12 to 18 hours. */
export const BUCKET_MICROS = 6 * 60 * 60 * 1_000_000;

const COLUMNS = "carrier_id, key, message_id, n, part, customer_id, sent_at";
const OF_ONE_KEY = (table: string, isSettled: boolean) => `
        (SELECT ${COLUMNS}, ${isSettled} AS settled FROM ${table} WHERE carrier_id = u.k AND key = u.key
         ORDER BY message_id DESC, n DESC, part DESC LIMIT ${ROWS_PER_KEY})`;

/** As for the queue (queue-rows.ts): found one by one, whatever the statistics say. */
export const PLACE_OF_KEY = `CROSS JOIN LATERAL (
        SELECT ctid FROM receipt_keys
        WHERE carrier_id = u.k AND key = u.key AND message_id = u.m AND n = u.n AND part = u.part OFFSET 0) AS f (place)`;

export const RECEIPT_KEYS_SQL = {
  /** Those that wait first, then the settled ones, each by message, the latest first. */
  find: {
    name: "receipt_keys_find",
    text: `
    SELECT r.* FROM unnest($1::uuid[], $2::text[]) AS u (k, key) CROSS JOIN LATERAL (
      ${OF_ONE_KEY("receipt_keys", false)}
      UNION ALL
      ${OF_ONE_KEY("settled_receipt_keys", true)}) r`,
  },
  put: {
    name: "receipt_keys_put",
    text: `
    INSERT INTO receipt_keys (${COLUMNS}, due_at, overdue)
    SELECT k, key, m, n, part, c, at, due, false FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::integer[],
      $5::integer[], $6::uuid[], $7::bigint[], $8::bigint[]) AS u (k, key, m, n, part, c, at, due)
    ON CONFLICT (carrier_id, key, message_id, n, part) DO UPDATE
      SET sent_at = excluded.sent_at, due_at = excluded.due_at, overdue = false`,
  },
  /** Moves keys to the settled ones, whether they waited or not. */
  settle: {
    name: "receipt_keys_settle",
    text: `
    WITH u AS (
      SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::integer[], $5::integer[], $6::uuid[], $7::bigint[],
        $8::smallint[]) AS u (k, key, m, n, part, c, at, bucket)
    ), gone AS (
      DELETE FROM receipt_keys r USING unnest($1::uuid[], $2::text[], $3::uuid[], $4::integer[], $5::integer[])
        AS u (k, key, m, n, part) ${PLACE_OF_KEY}
      WHERE r.ctid = f.place
    )
    INSERT INTO settled_receipt_keys (bucket, ${COLUMNS}) SELECT bucket, k, key, m, n, part, c, at FROM u
    ON CONFLICT DO NOTHING`,
  },
} as const;

interface FoundRow {
  readonly carrier_id: string;
  readonly key: string;
  readonly message_id: string;
  readonly n: number;
  readonly part: number;
  readonly customer_id: string;
  readonly sent_at: number;
  readonly settled: boolean;
}

/**
 * Under which key which part's receipt will come, for one transaction. Keys that wait are few and stand in one table; a key
 * that is settled moves to one of a ring of tables that are emptied whole: carrier ids are random, and an index of them
 * must not grow with what was ever sent.
 */
export class ReceiptKeys {
  readonly #session: Session;
  readonly #awaited = new Map<string, KeyRef & { at: number; dueAt: number | null }>();
  readonly #settled = new Map<string, KeyRef & { at: number; sentAt: number }>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Awaits a receipt under a key until `dueAt` (null: until it comes). */
  await(ref: KeyRef, at: number, dueAt: number | null): void {
    this.#awaited.set(placeOfKey(ref), { ...ref, at, dueAt });
  }

  /** Notes that a part has had its final receipt under a key, or that none can move anything any more. */
  settle(ref: KeyRef, sentAt: number, at: number): void {
    this.#awaited.delete(placeOfKey(ref));
    this.#settled.set(placeOfKey(ref), { ...ref, sentAt, at });
  }

  /** The parts that keys may mean, as they are in the database. */
  async find(keys: readonly { carrierId: string; key: string }[]): Promise<readonly KnownPart[]> {
    if (keys.length === 0) return [];
    const rows = await this.#session.rows<FoundRow>(RECEIPT_KEYS_SQL.find, [
      ids(keys.map(({ carrierId }) => carrierId)),
      texts(keys.map(({ key }) => key)),
    ]);
    return rows.map((row) => ({
      carrierId: row.carrier_id,
      key: row.key,
      target: { customerId: row.customer_id, messageId: row.message_id, n: row.n },
      part: row.part,
      sentAt: row.sent_at,
      isSettled: row.settled,
    }));
  }

  /** Writes what was noted, with the next statement. */
  flush(): void {
    const awaited = [...this.#awaited.values()].toSorted(byPlace);
    const settled = [...this.#settled.values()].toSorted(byPlace);
    this.#awaited.clear();
    this.#settled.clear();
    if (awaited.length > 0) {
      const times = [numbers(awaited.map(({ at }) => at)), numbers(awaited.map(({ dueAt }) => dueAt))];
      this.#session.withNext(RECEIPT_KEYS_SQL.put, [...columnsOf(awaited), ...times]);
    }
    if (settled.length > 0) {
      const buckets = numbers(settled.map(({ at }) => bucketOf(at)));
      const sentAt = numbers(settled.map((row) => row.sentAt));
      this.#session.withNext(RECEIPT_KEYS_SQL.settle, [...columnsOf(settled), sentAt, buckets]);
    }
  }
}

/** The bucket into which keys go that are settled at a time. */
export function bucketOf(at: number): number {
  return Math.floor(at / BUCKET_MICROS) % SETTLED_BUCKETS;
}

function columnsOf(refs: readonly KeyRef[]): string[] {
  return [
    ids(refs.map(({ carrierId }) => carrierId)),
    texts(refs.map(({ key }) => key)),
    ids(refs.map(({ target }) => target.messageId)),
    numbers(refs.map(({ target }) => target.n)),
    numbers(refs.map(({ part }) => part)),
    ids(refs.map(({ target }) => target.customerId)),
  ];
}

function placeOfKey({ carrierId, key, target, part }: KeyRef): string {
  return `${carrierId} ${target.messageId} ${target.n} ${part} ${key}`;
}

function byPlace(a: KeyRef, b: KeyRef): number {
  return placeOfKey(a) < placeOfKey(b) ? -1 : 1;
}
