import type { TrailEntry } from "../../domain/trail.ts";
import { ERASED, isNumberSql } from "./address-sql.ts";
import { ids } from "./array-literals.ts";
import type { Statement, Value } from "./connection.ts";
import { eraseContent, eraseTellings } from "./erase-content.ts";
import type { Erasure, ErasureStage } from "./erase-number.ts";
import type { MessageRef } from "./message-rows.ts";
import { holdNamed } from "./remove-old.ts";
import { stopTargets, unsentTargets } from "./stop-targets.ts";
import { SWEEP_RETENTION_SQL } from "./sweep-retention.ts";
import { type TargetRef, trailColumn } from "./target-rows.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

const MESSAGE_TABLES = ["messages", "deleted_messages"] as const;
const THE_MESSAGE = "customer_id = $1 AND message_id = $2";
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
  await stopForGood(unit, await unsentTargets(unit, [message]), erasure.now);
  await eraseTrails(unit, message, () => true);
  erasure.done.messages += await eraseContent(unit.session, message, erasure.digits);
}

async function eraseTo(unit: UnitOfWork, target: TargetRef, { digits, now, done }: Erasure): Promise<void> {
  const { session } = unit;
  const { customerId, messageId, n } = target;
  const unsent = await unsentTargets(unit, [target]);
  await stopForGood(
    unit,
    unsent.filter((other) => other.n === n),
    now,
  );
  await eraseTrails(unit, target, (other) => other === n);
  done.targets += await session.run(ERASE_MESSAGES_SQL.eraseTarget, [customerId, messageId, n]);
  const message = await holdNamed(unit, customerId, [messageId], now, false);
  if (!message.isNeeded(messageId)) {
    done.messages += await eraseContent(session, target, digits);
    return;
  }
  done.messages += await session.run(SWEEP_RETENTION_SQL.wait, [customerId, ids([messageId])]);
  await eraseTellings(session, target);
}

/** Stops targets; what is in flight goes to its end, and never out again: neither its number nor its text is there any more. */
async function stopForGood(unit: UnitOfWork, unsent: readonly TargetRef[], now: number): Promise<void> {
  const stopped = await stopTargets(unit, unsent, () => now);
  const left = unsent.filter((target) => !stopped.includes(target));
  const leased = left.flatMap((target) => {
    const carrierId = unit.targets.read(target)?.carrierId ?? null;
    return carrierId === null ? [] : [{ carrierId, target }];
  });
  await unit.queue.endValidity(leased);
  unit.targets.flush();
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

function refOf(row: MessageRow): MessageRef {
  return { customerId: row.customer_id, messageId: row.message_id };
}

function withoutWords(column: string): string {
  return trailColumn(JSON.parse(`[${column}]`, dropWords) as TrailEntry[]); // only trailColumn writes it
}

function dropWords(key: string, value: unknown): unknown {
  return key === "words" ? undefined : value;
}
