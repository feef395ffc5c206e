import type { CarrierId, CustomerId, MessageId } from "../../domain/ids.ts";
import { type MessageOptions, PRIORITIES, type Priority } from "../../domain/message.ts";
import { micros } from "../../domain/micros.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import type { ClaimRequest } from "../queueing.ts";
import { columnToAddress } from "./address-column.ts";
import { TYPE_CODES, wordOf } from "./column-codes.ts";
import type { Statement } from "./connection.ts";
import { dropOptedOut } from "./drop-opted-out.ts";
import { hasLasting } from "./opting-out.ts";
import { placeOf } from "./target-rows.ts";
import type { WriterContext } from "./writer-context.ts";

const PRIORITY_NUMBERS = Object.values(PRIORITIES);

/** Due rows of one carrier and priority in the order of the claim index; what another claim holds is stepped over. */
const PICKED = PRIORITY_NUMBERS.map((priority) => {
  const before = PRIORITY_NUMBERS.filter((other) => other < priority);
  const taken = before.map((other) => ` - (SELECT count(*) FROM picked_${other})`).join("");
  return `picked_${priority} AS (
      SELECT ctid AS place, priority, due_at, customer_id, message_id, n FROM queue
      WHERE carrier_id = $1 AND NOT held AND priority = ${priority} AND due_at <= $2
      ORDER BY due_at, message_id, n LIMIT $3${taken} FOR UPDATE SKIP LOCKED)`;
}).join(", ");

const BYTES_IN = (table: string) => `(
        SELECT octet_length(text) + octet_length(options) FROM ${table} m
        WHERE m.customer_id = p.customer_id AND m.message_id = p.message_id)`;

/**
 * Of what was picked what there is room for in bytes, which PostgreSQL knows of a long text without reading it: up to the target
 * with which texts and options would be more than `limit`, the first whatever its length. A message is read by its key here and
 * once more for what is answered: joined to these rows, those that are leased would each go through all of them.
 */
export function fittingInto(limit: string): string {
  return `weighed AS MATERIALIZED (
      SELECT p.*, coalesce(${BYTES_IN("messages")}, ${BYTES_IN("deleted_messages")}, 0) AS bytes FROM picked p
    ), summed AS (
      SELECT place, bytes, sum(bytes) OVER (ORDER BY priority, due_at, message_id, n) AS bytes_up_to FROM weighed
    ), fitting AS (
      SELECT place FROM summed WHERE bytes_up_to <= ${limit} OR bytes_up_to = bytes
    )`;
}

/** By name: a column that a newer version adds would change what a prepared statement answers, which PostgreSQL refuses. */
export const CLAIMED_COLUMNS =
  "l.customer_id, l.message_id, l.n, l.priority, l.due_at, l.expires_at, l.attempts, l.fallbacks";

/** What there is to send of a leased row. */
export const CLAIMED_CONTENT = {
  columns: `
      t.destination, t.parts, t.part_states, coalesce(m.type, d.type) AS type, coalesce(m.source, d.source) AS source,
      coalesce(m.text, d.text) AS text, coalesce(m.options, d.options) AS options,
      ${hasLasting("l.customer_id")} AS has_opt_outs`,
  joins: `
      JOIN targets t ON t.customer_id = l.customer_id AND t.message_id = l.message_id AND t.n = l.n
      LEFT JOIN messages m ON m.customer_id = l.customer_id AND m.message_id = l.message_id
      LEFT JOIN deleted_messages d ON d.customer_id = l.customer_id AND d.message_id = l.message_id`,
} as const;

export const CLAIM_SQL = {
  claim: {
    name: "claim",
    text: `
    WITH ${PICKED}, picked AS (
      ${PRIORITY_NUMBERS.map((priority) => `SELECT * FROM picked_${priority}`).join(" UNION ALL ")}
    ), ${fittingInto("$6")}, taken AS (
      DELETE FROM queue q USING fitting f WHERE q.ctid = f.place RETURNING q.*
    ), l AS (
      INSERT INTO leased (carrier_id, message_id, n, customer_id, priority, due_at, expires_at, attempts, fallbacks, node,
        claim)
      SELECT carrier_id, message_id, n, customer_id, priority, due_at, expires_at, attempts, fallbacks, $4, $5 FROM taken
      RETURNING *
    )
    SELECT ${CLAIMED_COLUMNS}, ${CLAIMED_CONTENT.columns} FROM l ${CLAIMED_CONTENT.joins} ORDER BY l.priority, l.due_at, l.message_id, l.n`,
  },
  /** After a commit of unknown outcome: what this very claim leased. */
  claimed: {
    name: "claimed",
    text: `
    SELECT ${CLAIMED_COLUMNS}, ${CLAIMED_CONTENT.columns} FROM leased l ${CLAIMED_CONTENT.joins}
    WHERE l.carrier_id = $1 AND l.node = $2 AND l.claim = $3
    ORDER BY l.priority, l.due_at, l.message_id, l.n`,
  },
} as const satisfies Record<string, Statement>;

export interface ClaimedRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly n: number;
  readonly priority: number;
  readonly due_at: number;
  readonly expires_at: number;
  readonly attempts: number;
  readonly fallbacks: string;
  readonly destination: string;
  readonly parts: number;
  readonly part_states: string;
  readonly type: number;
  readonly source: string;
  readonly text: string;
  readonly options: string;
  readonly has_opt_outs: boolean;
}

/** A claim with the name by which its rows are found when the connection breaks before they are told. */
export interface NamedClaim {
  readonly request: ClaimRequest;
  /** A UUID of this claim alone. */
  readonly claim: string;
}

/** Leases the most urgent due targets of a carrier to a node: one statement, one commit. */
export async function claimTargets(
  context: WriterContext,
  pile: readonly NamedClaim[],
  isRepeat: boolean,
): Promise<readonly (readonly OutboundTarget[])[]> {
  const { database } = context;
  const answers: (readonly OutboundTarget[])[] = [];
  for (const { request, claim } of pile) {
    const { carrierId, node, now, limit, characters } = request;
    const found = isRepeat
      ? await database.look<ClaimedRow>(CLAIM_SQL.claimed, [carrierId, node, claim])
      : [];
    const rows =
      found.length > 0
        ? found
        : await database.write<ClaimedRow>(CLAIM_SQL.claim, [carrierId, now, limit, node, claim, characters]);
    const lease = { node, at: now };
    const doubtful = rows.flatMap((row) =>
      row.has_opt_outs ? [{ ...claimedTarget(row, carrierId), ...lease }] : [],
    );
    const dropped = new Set((await dropOptedOut(context, doubtful)).map(placeOf));
    const targets = rows.map((row) => claimedTarget(row, carrierId));
    answers.push(dropped.size === 0 ? targets : targets.filter((target) => !dropped.has(placeOf(target))));
  }
  return answers;
}

export function claimedTarget(row: ClaimedRow, carrierId: CarrierId): OutboundTarget {
  return {
    customerId: row.customer_id as CustomerId, // a customer_id column
    messageId: row.message_id as MessageId, // a message_id column
    n: row.n,
    type: wordOf(TYPE_CODES, row.type),
    source: columnToAddress(row.source),
    destination: columnToAddress(row.destination),
    text: row.text,
    options: JSON.parse(row.options) as MessageOptions, // only acceptMessages writes the column
    parts: row.parts,
    carrierId,
    fallbacks: row.fallbacks.split(" ").filter((id) => id !== "") as CarrierId[], // carrier ids, joined
    priority: row.priority as Priority, // the column holds what acceptMessages was given
    dueAt: micros(row.due_at),
    expiresAt: micros(row.expires_at),
    attempts: row.attempts,
    partStates: row.part_states,
  };
}
