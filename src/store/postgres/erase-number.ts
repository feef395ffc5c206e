import { digitsOf } from "../../domain/owned-number.ts";
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
    text: "INSERT INTO erasures (digits, stage, position) VALUES ($1, 0, '') ON CONFLICT DO NOTHING",
  },
  find: { name: "erasure_find", text: "SELECT stage, position FROM erasures WHERE digits = $1 FOR UPDATE" },
  save: { name: "erasure_save", text: "UPDATE erasures SET stage = $2, position = $3 WHERE digits = $1" },
  remove: { name: "erasure_remove", text: "DELETE FROM erasures WHERE digits = $1" },
} as const;

const STAGES: readonly ErasureStage[] = [...MESSAGE_ERASURE, ...WORKING_SET_ERASURE];

/**
 * Takes a number out of everything. No index leads from a number to its messages, so an erasure goes through the tables from
 * end to end, a slice a call; how far it came is durable.
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
  const { digits } = erasure;
  await session.run(ERASE_NUMBER_SQL.begin, [digits]);
  const [begun] = await session.rows<{ stage: number; position: string }>(ERASE_NUMBER_SQL.find, [digits]);
  let at = begun?.stage ?? 0;
  let position =
    begun === undefined || begun.position === "" ? null : (JSON.parse(begun.position) as Value[]); // save wrote it
  let left = limit;
  for (let stage = STAGES[at]; stage !== undefined; stage = STAGES[++at], position = null) {
    while (left > 0) {
      const keys = await stage.sweep(unit, position ?? stage.start, left, erasure);
      const last = keys.at(-1);
      if (last === undefined) break;
      position = [...last];
      left -= keys.length;
    }
    if (left > 0) continue;
    await session.run(ERASE_NUMBER_SQL.save, [digits, at, JSON.stringify(position ?? stage.start)]);
    return true;
  }
  await session.run(ERASE_NUMBER_SQL.remove, [digits]);
  return false;
}
