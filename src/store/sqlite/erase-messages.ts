import type { TrailEntry } from "../../domain/trail.ts";
import { ERASED, isNumberSql } from "./address-sql.ts";
import { bytes, integer, text } from "./connection.ts";
import { createContentErasure } from "./erase-content.ts";
import type { Erasure, ErasureStage } from "./erase-number.ts";
import { createHindrance, REMOVE_OLD_SQL } from "./remove-old.ts";
import { createTargetStop } from "./stop-target.ts";
import { type TargetRef, targetRefOfRow, trailColumn } from "./target-rows.ts";
import type { WriterContext } from "./writer-context.ts";

const MESSAGE_TABLES = ["messages", "deleted_messages"] as const;
const THE_MESSAGE = "customer_id = ?1 AND message_id = ?2";
const START = [new Uint8Array(0), new Uint8Array(0)] as const;

export const ERASE_MESSAGES_SQL = {
  sliceMessages: (table: string) => `
    SELECT customer_id, message_id, ${isNumberSql("source", "?4")} FROM ${table}
    WHERE (customer_id, message_id) > (?1, ?2) ORDER BY customer_id, message_id LIMIT ?3`,
  sliceTargets: `
    SELECT customer_id, message_id, n, ${isNumberSql("destination", "?5")} FROM targets
    WHERE (customer_id, message_id, n) > (?1, ?2, ?3) ORDER BY customer_id, message_id, n LIMIT ?4`,
  trails: `SELECT n, trail FROM targets WHERE ${THE_MESSAGE}`,
  trail: `SELECT trail FROM targets WHERE ${THE_MESSAGE} AND n = ?3`,
  setTrail: `UPDATE targets SET trail = ?4 WHERE ${THE_MESSAGE} AND n = ?3`,
  /** A failure keeps its code: the first of the list in its column. */
  eraseTarget: `
    UPDATE targets SET destination = '${ERASED}', failure = json_array(json_extract(failure, '$[0]'), '', '')
    WHERE ${THE_MESSAGE} AND n = ?3 AND failure IS NOT NULL`,
  eraseDestination: `UPDATE targets SET destination = '${ERASED}' WHERE ${THE_MESSAGE} AND n = ?3`,
} as const;

type MessageRef = Omit<TargetRef, "n">;

/** Messages from and to a number, with everything that was kept about them. */
export function createMessageEraser(context: WriterContext): readonly ErasureStage[] {
  const { connection, deliveries, queue, targets } = context;
  const stops = createTargetStop(context);
  const slices = MESSAGE_TABLES.map((table) => connection.prepare(ERASE_MESSAGES_SQL.sliceMessages(table)));
  const sliceTargets = connection.prepare(ERASE_MESSAGES_SQL.sliceTargets);
  const trails = connection.prepare(ERASE_MESSAGES_SQL.trails);
  const trail = connection.prepare(ERASE_MESSAGES_SQL.trail);
  const setTrail = connection.prepare(ERASE_MESSAGES_SQL.setTrail);
  const eraseFailure = connection.prepare(ERASE_MESSAGES_SQL.eraseTarget);
  const eraseDestination = connection.prepare(ERASE_MESSAGES_SQL.eraseDestination);
  const content = createContentErasure(connection, deliveries);
  const hindranceOf = createHindrance(connection);
  const wait = connection.prepare(REMOVE_OLD_SQL.wait);

  /** Stops a target; one in flight goes to its end, and never out again: neither its number nor its text is there any more. */
  function stopForGood(target: TargetRef, now: number): void {
    const carrierId = targets.read(target)?.carrierId ?? null;
    if (!stops.stop(target, now) && carrierId !== null) queue.endValidity(carrierId, target);
  }

  /** Takes the carrier's words out of a trail, which may hold the number in any spelling. */
  function eraseTrail({ customer, message }: MessageRef, n: number, column: string): void {
    if (column !== "") setTrail.run(customer, message, n, withoutWords(column));
  }

  function eraseFrom(message: MessageRef, erasure: Erasure): void {
    for (const target of stops.unsent(message)) stopForGood(target, erasure.now);
    for (const row of trails.all(message.customer, message.message))
      eraseTrail(message, integer(row[0]), text(row[1]));
    erasure.done.messages += content.eraseContent(message, erasure.digits);
  }

  function eraseTo(target: TargetRef, { digits, now, done }: Erasure): void {
    const key = [target.customer, target.message, target.n] as const;
    if (stops.unsent(target).some(({ n }) => n === target.n)) stopForGood(target, now);
    eraseTrail(target, target.n, text(trail.get(...key)?.[0]));
    eraseFailure.run(...key);
    done.targets += Number(eraseDestination.run(...key).changes);
    if (!hindranceOf({ customer: target.customer, now }, target.message).isNeeded) {
      done.messages += content.eraseContent(target, digits);
      return;
    }
    done.messages += Number(wait.run(target.customer, target.message).changes);
    content.eraseTellings(target);
  }

  return [
    ...slices.map((slice): ErasureStage => ({
      start: START,
      sweep(after, limit, erasure) {
        const rows = slice.all(bytes(after[0]), bytes(after[1]), limit, erasure.digits);
        for (const row of rows) if (row[2] === 1) eraseFrom(targetRefOfRow(row[0], row[1], 0), erasure);
        return rows;
      },
    })),
    {
      start: [...START, -1],
      sweep(after, limit, erasure) {
        const [customer, message, n] = [bytes(after[0]), bytes(after[1]), integer(after[2])];
        const rows = sliceTargets.all(customer, message, n, limit, erasure.digits);
        for (const row of rows) if (row[3] === 1) eraseTo(targetRefOfRow(row[0], row[1], row[2]), erasure);
        return rows;
      },
    },
  ];
}

function withoutWords(column: string): string {
  return trailColumn(JSON.parse(`[${column}]`, dropWords) as TrailEntry[]); // only trailColumn writes it
}

function dropWords(key: string, value: unknown): unknown {
  return key === "words" ? undefined : value;
}
