import type { TrailEntry } from "../../domain/trail.ts";
import { ERASED, isNumberSql } from "./address-sql.ts";
import type { Statement, Value } from "./connection.ts";
import type { Erasure, ErasureStage } from "./erase-number.ts";
import type { MessageRef } from "./message-rows.ts";
import { ERASED_BODY } from "./settle-deliveries.ts";
import { stopTargets, unsentTargets } from "./stop-targets.ts";
import { type TargetRef, trailColumn } from "./target-rows.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

const MESSAGE_TABLES = ["messages", "deleted_messages"] as const;
const THE_MESSAGE = "customer_id = $1 AND message_id = $2";
const EMPTIED_OPTIONS = "(options::jsonb - 'data' - 'udh' - 'medias')";
const LOWEST = "00000000-0000-0000-0000-000000000000";

export const ERASE_MESSAGES_SQL = {
  sliceMessages: (table: string) => ({
    name: `erase_slice_${table}`,
    text: `
    SELECT customer_id, message_id, ${isNumberSql("source", "$4::text")} AS meant FROM ${table}
    WHERE (customer_id, message_id) > ($1, $2) ORDER BY customer_id, message_id LIMIT $3`,
  }),
  sliceTargets: {
    name: "erase_slice_targets",
    text: `
    SELECT customer_id, message_id, n, ${isNumberSql("destination", "$5::text")} AS meant FROM targets
    WHERE (customer_id, message_id, n) > ($1, $2, $3) ORDER BY customer_id, message_id, n LIMIT $4`,
  },
  /** Nothing, when nothing is left to take out. */
  emptyMessage: (table: string) => ({
    name: `erase_empty_${table}`,
    text: `
    UPDATE ${table} SET text = '', options = ${EMPTIED_OPTIONS}::text,
      source = CASE WHEN ${isNumberSql("source", "$3::text")} THEN '${ERASED}' ELSE source END
    WHERE ${THE_MESSAGE}
      AND (text <> '' OR options::jsonb <> ${EMPTIED_OPTIONS} OR ${isNumberSql("source", "$3::text")})`,
  }),
  trails: { name: "erase_trails", text: `SELECT n, trail FROM targets WHERE ${THE_MESSAGE}` },
  setTrail: {
    name: "erase_set_trail",
    text: `UPDATE targets SET trail = $4 WHERE ${THE_MESSAGE} AND n = $3`,
  },
  /** A failure keeps its code: the first of the list in its column. */
  eraseTarget: {
    name: "erase_target",
    text: `
    UPDATE targets SET destination = '${ERASED}', failure = CASE WHEN failure IS NULL THEN NULL
      ELSE json_build_array(failure::json -> 0, '', '')::text END
    WHERE ${THE_MESSAGE} AND n = $3`,
  },
  attempts: {
    name: "erase_attempts",
    text: `UPDATE attempts SET error = '', answer = '' WHERE ${THE_MESSAGE}`,
  },
  undelivered: { name: "erase_undelivered", text: `DELETE FROM undelivered WHERE ${THE_MESSAGE}` },
  /** Each later attempt renders the message anew, as it is then; what one under way was made with does not come back. */
  bodies: {
    name: "erase_bodies",
    text: `
    UPDATE deliveries SET body = '${ERASED_BODY}'
    WHERE endpoint_id IN (SELECT endpoint_id FROM endpoints WHERE customer_id = $1) AND message_id = $2`,
  },
} as const;

interface MessageRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly meant: boolean;
}

interface TargetRow extends MessageRow {
  readonly n: number;
}

/**
 * Messages from and to a number, with everything that was kept about them. Those of a slice are held before anything of them is
 * read: a trail is written back as it was read.
 */
export const MESSAGE_ERASURE: readonly ErasureStage[] = [
  ...MESSAGE_TABLES.map((table): ErasureStage => {
    const slice: Statement = ERASE_MESSAGES_SQL.sliceMessages(table);
    return {
      start: [LOWEST, LOWEST],
      async sweep(unit, after, limit, erasure) {
        const rows = await unit.session.rows<MessageRow>(slice, [...after, limit, erasure.digits]);
        const meant = rows.filter((row) => row.meant).map(refOf);
        await unit.targets.hold(meant.map((message) => ({ ...message, n: 0 })));
        for (const message of meant) await eraseFrom(unit, message, erasure);
        return rows.map((row) => [row.customer_id, row.message_id]);
      },
    };
  }),
  {
    start: [LOWEST, LOWEST, -1],
    async sweep(unit, after, limit, erasure) {
      const values = [...after, limit, erasure.digits];
      const rows = await unit.session.rows<TargetRow>(ERASE_MESSAGES_SQL.sliceTargets, values);
      const meant = rows.filter((row) => row.meant).map((row) => ({ ...refOf(row), n: row.n }));
      await unit.targets.hold(meant);
      for (const target of meant) await eraseTo(unit, target, erasure);
      return rows.map((row): Value[] => [row.customer_id, row.message_id, row.n]);
    },
  },
];

async function eraseFrom(unit: UnitOfWork, message: MessageRef, erasure: Erasure): Promise<void> {
  await stopTargets(unit, await unsentTargets(unit, [message]), () => erasure.now);
  unit.targets.flush();
  await eraseTrails(unit, message, () => true);
  await eraseMessage(unit, message, erasure);
}

async function eraseTo(unit: UnitOfWork, target: TargetRef, erasure: Erasure): Promise<void> {
  const unsent = await unsentTargets(unit, [target]);
  await stopTargets(
    unit,
    unsent.filter(({ n }) => n === target.n),
    () => erasure.now,
  );
  unit.targets.flush();
  await eraseTrails(unit, target, (n) => n === target.n);
  const { customerId, messageId, n } = target;
  erasure.done.targets += await unit.session.run(ERASE_MESSAGES_SQL.eraseTarget, [customerId, messageId, n]);
  await eraseMessage(unit, target, erasure);
}

/** Takes the carrier's words out of trails, which may hold the number in any spelling. */
async function eraseTrails(
  { session }: UnitOfWork,
  { customerId, messageId }: MessageRef,
  isMeant: (n: number) => boolean,
): Promise<void> {
  const key = [customerId, messageId];
  const rows = await session.rows<{ n: number; trail: string }>(ERASE_MESSAGES_SQL.trails, key);
  for (const { n, trail } of rows)
    if (isMeant(n) && trail !== "")
      await session.run(ERASE_MESSAGES_SQL.setTrail, [...key, n, withoutWords(trail)]);
}

async function eraseMessage(
  { session }: UnitOfWork,
  { customerId, messageId }: MessageRef,
  { digits, done }: Erasure,
): Promise<void> {
  const key = [customerId, messageId];
  for (const table of MESSAGE_TABLES)
    done.messages += await session.run(ERASE_MESSAGES_SQL.emptyMessage(table), [...key, digits]);
  for (const statement of [
    ERASE_MESSAGES_SQL.attempts,
    ERASE_MESSAGES_SQL.undelivered,
    ERASE_MESSAGES_SQL.bodies,
  ])
    await session.run(statement, key);
}

function refOf(row: MessageRow): MessageRef {
  return { customerId: row.customer_id, messageId: row.message_id };
}

function withoutWords(column: string): string {
  return trailColumn(JSON.parse(`[${column}]`, dropWords) as TrailEntry[]); // only trailColumn writes it
}

function dropWords(key: string, value: unknown): unknown {
  return key === "words" ? undefined : value;
}
