import type { MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { ReroutableClaim, ReroutableTargets } from "../queueing.ts";
import { ids, numbers } from "./array-literals.ts";
import {
  CLAIMED_COLUMNS,
  CLAIMED_CONTENT,
  type ClaimedRow,
  claimedTarget,
  fittingInto,
} from "./claim-targets.ts";
import type { Statement } from "./connection.ts";
import type { WriterContext } from "./writer-context.ts";

/** Comes before every row of the claim index. */
const BEFORE_ALL = { dueAt: -1, messageId: "00000000-0000-0000-0000-000000000000", n: -1 } as const;

export const CLAIM_REROUTABLE_SQL = {
  look: {
    name: "reroutable",
    text: `
    SELECT message_id, n, due_at, fallbacks FROM queue
    WHERE carrier_id = $1 AND NOT held AND priority = $2 AND due_at <= $3
      AND (due_at, message_id, n) > ($4::bigint, $5::uuid, $6::integer)
    ORDER BY due_at, message_id, n LIMIT $7`,
  },
  /** What another claim holds, or has taken since the look, is stepped over. */
  claim: {
    name: "claim_reroutable",
    text: `
    WITH picked AS (
      SELECT f.* FROM unnest($2::uuid[], $3::integer[]) AS u (m, n) CROSS JOIN LATERAL (
        SELECT ctid AS place, priority, due_at, customer_id, message_id, n FROM queue
        WHERE carrier_id = $1 AND message_id = u.m AND n = u.n AND NOT held AND due_at <= $4
        FOR UPDATE SKIP LOCKED) AS f
    ), ${fittingInto("$6")}, taken AS (
      DELETE FROM queue q USING fitting f WHERE q.ctid = f.place RETURNING q.*
    ), l AS (
      INSERT INTO leased (carrier_id, message_id, n, customer_id, priority, due_at, expires_at, attempts, fallbacks, node)
      SELECT carrier_id, message_id, n, customer_id, priority, due_at, expires_at, attempts, fallbacks, $5 FROM taken
      RETURNING *
    )
    SELECT ${CLAIMED_COLUMNS}, ${CLAIMED_CONTENT.columns} FROM l ${CLAIMED_CONTENT.joins}
    ORDER BY l.due_at, l.message_id, l.n`,
  },
} as const satisfies Record<string, Statement>;

interface LookedRow {
  readonly message_id: string;
  readonly n: number;
  readonly due_at: number;
  readonly fallbacks: string;
}

/** Leases due targets of a carrier that name one of the given carriers as a fallback. */
export async function claimReroutable(
  { database }: WriterContext,
  { carrierId, node, priority, dueBy, fallbacks, after, limit, characters }: ReroutableClaim,
): Promise<ReroutableTargets> {
  const { dueAt, messageId, n } = after ?? BEFORE_ALL;
  const place = [dueAt, messageId, n];
  const looked = await database.read<LookedRow>(CLAIM_REROUTABLE_SQL.look, [
    carrierId,
    priority,
    dueBy,
    ...place,
    limit,
  ]);
  const names = new Set<string>(fallbacks);
  const wanted = looked.filter((row) => row.fallbacks.split(" ").some((id) => names.has(id)));
  const last = looked.length < limit ? null : placeOf(looked.at(-1));
  if (wanted.length === 0) return { targets: [], last };
  const rows = await database.write<ClaimedRow>(CLAIM_REROUTABLE_SQL.claim, [
    carrierId,
    ids(wanted.map((row) => row.message_id)),
    numbers(wanted.map((row) => row.n)),
    dueBy,
    node,
    characters,
  ]);
  const targets = rows.map((row) => claimedTarget(row, carrierId));
  // what found no room is looked at again; so is what another claim has
  const isWhole = rows.length === 0 || rows.length === wanted.length;
  return { targets, last: isWhole ? last : placeOf(rows.at(-1)) };
}

function placeOf(row: Omit<LookedRow, "fallbacks"> | undefined): ReroutableTargets["last"] {
  if (row === undefined) return null;
  const messageId = row.message_id as MessageId; // a message_id column
  return { dueAt: micros(row.due_at), messageId, n: row.n };
}
