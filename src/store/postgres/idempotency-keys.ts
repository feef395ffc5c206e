import type { Acceptance, AcceptanceOutcome, IdempotencyClaim } from "../accepting.ts";
import { ids, numbers, texts } from "./array-literals.ts";
import type { Session } from "./connection.ts";
import type { WriterContext } from "./writer-context.ts";

export const IDEMPOTENCY_SQL = {
  /** Of two transactions with one key the later waits here for the earlier. */
  claim: {
    name: "idempotency_claim",
    text: `
    INSERT INTO idempotency (customer_id, key, fingerprint, answer, expires_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[])
    ON CONFLICT (customer_id, key) DO UPDATE
      SET fingerprint = excluded.fingerprint, answer = excluded.answer, expires_at = excluded.expires_at
      WHERE idempotency.expires_at <= $6
    RETURNING customer_id, key`,
  },
  find: {
    name: "idempotency_find",
    text: `
    SELECT i.* FROM unnest($1::uuid[], $2::text[]) AS u (c, k) CROSS JOIN LATERAL (
      SELECT customer_id, key, fingerprint, answer FROM idempotency WHERE customer_id = u.c AND key = u.k OFFSET 0) AS i`,
  },
} as const;

interface Keyed {
  readonly place: string;
  readonly customerId: string;
  readonly claim: IdempotencyClaim;
}

interface KeyRow {
  readonly customer_id: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly answer: string;
}

/** Takes the keys of entries that have one; answers what becomes of each entry. */
export async function claimKeys(
  session: Session,
  entries: readonly Acceptance[],
): Promise<readonly AcceptanceOutcome[]> {
  const first = new Map<string, Keyed>();
  for (const { message, idempotency } of entries) {
    if (idempotency === null) continue;
    const place = placeOf(message.customerId, idempotency.key);
    if (!first.has(place)) first.set(place, { place, customerId: message.customerId, claim: idempotency });
  }
  const keyed = [...first.values()].toSorted((a, b) => (a.place < b.place ? -1 : 1)); // one order for all: no deadlock
  const taken = await takeKeys(session, keyed, Math.min(...entries.map(({ message }) => message.tmCreate)));
  const lost = keyed.filter(({ place }) => !taken.has(place));
  const held = await findKeys(session, lost);
  return entries.map(({ message, idempotency }): AcceptanceOutcome => {
    if (idempotency === null) return { kind: "accepted" };
    const place = placeOf(message.customerId, idempotency.key);
    if (taken.delete(place)) return { kind: "accepted" };
    const { fingerprint, answer } = held.get(place) ?? first.get(place)?.claim ?? idempotency;
    return fingerprint === idempotency.fingerprint ? { kind: "replayed", answer } : { kind: "key_reused" };
  });
}

/** A customer's idempotency key. */
export interface KeptKey {
  readonly customerId: string;
  readonly key: string;
}

/**
 * The answers kept under keys, null where none is any more. Whoever asks again under a key may not have heard of the commit
 * that kept it, and does not ask a third time once he was answered.
 */
export async function lookForAnswers(
  { database }: WriterContext,
  kept: readonly KeptKey[],
): Promise<readonly ({ fingerprint: string; answer: string } | null)[]> {
  const columns = [ids(kept.map(({ customerId }) => customerId)), texts(kept.map(({ key }) => key))];
  const rows = await database.look<KeyRow>(IDEMPOTENCY_SQL.find, columns);
  const found = new Map(
    rows.map(({ customer_id, key, fingerprint, answer }) => [
      placeOf(customer_id, key),
      { fingerprint, answer },
    ]),
  );
  return kept.map(({ customerId, key }) => found.get(placeOf(customerId, key)) ?? null);
}

async function takeKeys(session: Session, keyed: readonly Keyed[], now: number): Promise<Set<string>> {
  const rows = await session.rows<KeyRow>(IDEMPOTENCY_SQL.claim, [
    ids(keyed.map(({ customerId }) => customerId)),
    texts(keyed.map(({ claim }) => claim.key)),
    texts(keyed.map(({ claim }) => claim.fingerprint)),
    texts(keyed.map(({ claim }) => claim.answer)),
    numbers(keyed.map(({ claim }) => claim.expiresAt)),
    now,
  ]);
  return new Set(rows.map(({ customer_id, key }) => placeOf(customer_id, key)));
}

async function findKeys(session: Session, keyed: readonly Keyed[]): Promise<Map<string, KeyRow>> {
  if (keyed.length === 0) return new Map();
  const rows = await session.rows<KeyRow>(IDEMPOTENCY_SQL.find, [
    ids(keyed.map(({ customerId }) => customerId)),
    texts(keyed.map(({ claim }) => claim.key)),
  ]);
  return new Map(rows.map((row) => [placeOf(row.customer_id, row.key), row]));
}

function placeOf(customerId: string, key: string): string {
  return `${customerId} ${key}`;
}
