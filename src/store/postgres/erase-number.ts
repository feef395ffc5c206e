import { digitsOf } from "../../domain/owned-number.ts";
import { beginningAt, type ErasurePlace, isResumedAt, readPlace } from "../erasure-place.ts";
import type { ErasureResult } from "../erasing.ts";
import type { Value } from "./connection.ts";
import { MESSAGE_ERASURE } from "./erase-messages.ts";
import { WORKING_SET_ERASURE } from "./erase-working-set.ts";
import { moveTargets, type UnitOfWork } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** What one number is and what was done about it so far in this call. */
export interface Erasure {
  readonly digits: string;
  readonly now: number;
  readonly done: { messages: number; targets: number; parts: number; optOuts: number };
}

/** One table on the way of an erasure: looked through by its key, slice by slice. */
export interface ErasureStage {
  /** A key before every other. */
  readonly start: readonly Value[];
  /** Erases in the rows after a key, at most `limit` of them; answers the keys it looked at, in their order. */
  readonly sweep: (
    unit: UnitOfWork,
    after: readonly Value[],
    limit: number,
    erasure: Erasure,
  ) => Promise<readonly (readonly Value[])[]>;
}

export const ERASE_NUMBER_SQL = {
  /** Two calls for one number at once would do everything twice: the second waits. */
  begin: {
    name: "erasure_begin",
    text: "INSERT INTO erasures (digits, stage, position) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING",
  },
  find: { name: "erasure_find", text: "SELECT stage, position FROM erasures WHERE digits = $1 FOR UPDATE" },
  save: { name: "erasure_save", text: "UPDATE erasures SET stage = $2, position = $3 WHERE digits = $1" },
  remove: { name: "erasure_remove", text: "DELETE FROM erasures WHERE digits = $1" },
} as const;

const STAGES: readonly ErasureStage[] = [...MESSAGE_ERASURE, ...WORKING_SET_ERASURE];

/**
 * Takes a number out of everything. No index leads from a number to its messages, so an erasure goes through the tables from
 * end to end, a slice a call; how far it came is durable. One that was broken off is gone on with, and then goes through
 * everything once more, for what came meanwhile where it had been.
 */
export async function eraseNumber(
  context: WriterContext,
  number: string,
  now: number,
  limit: number,
): Promise<ErasureResult> {
  const digits = digitsOf(number);
  const nothing = { messages: 0, targets: 0, parts: 0, optOuts: 0 };
  if (!/^\d+$/.test(digits)) return { ...nothing, more: false };
  return moveTargets(context, async (unit) => {
    const erasure = { digits, now, done: { ...nothing } };
    const more = await goOn(unit, erasure, limit);
    return { ...erasure.done, more };
  });
}

/** Whether something is left to look through. */
async function goOn(unit: UnitOfWork, erasure: Erasure, limit: number): Promise<boolean> {
  const { session } = unit;
  const { digits, now } = erasure;
  const startedAt = performance.now();
  await session.run(ERASE_NUMBER_SQL.begin, [digits, JSON.stringify(beginningAt(now))]);
  const [row] = await session.rows<{ stage: number; position: string }>(ERASE_NUMBER_SQL.find, [digits]);
  const place = row === undefined ? beginningAt(now) : readPlace(row.position, (key) => key as Value); // save wrote it
  const isResumed = isResumedAt(place, now);
  let at = row?.stage ?? 0;
  let after = place.after;
  let left = limit;

  const leaveAt = async (stage: number, last: readonly Value[], resumed: boolean): Promise<true> => {
    const leftAt = now + (performance.now() - startedAt) * 1_000;
    const leaving: ErasurePlace<Value> = { after: last, leftAt, isResumed: resumed };
    await session.run(ERASE_NUMBER_SQL.save, [digits, stage, JSON.stringify(leaving)]);
    return true;
  };

  for (let stage = STAGES[at]; stage !== undefined; stage = STAGES[++at], after = []) {
    while (left > 0) {
      const keys = await stage.sweep(unit, after.length === 0 ? stage.start : after, left, erasure);
      const last = keys.at(-1);
      if (last === undefined) break;
      after = [...last];
      left -= keys.length;
    }
    if (left <= 0) return leaveAt(at, after, isResumed);
  }
  if (isResumed) return leaveAt(0, [], false);
  await session.run(ERASE_NUMBER_SQL.remove, [digits]);
  return false;
}
