import { digitsOf } from "../../domain/owned-number.ts";
import { beginningAt, type ErasurePlace, isResumedAt, readPlace } from "../erasure-place.ts";
import type { ErasureResult } from "../erasing.ts";
import type { Value } from "./connection.ts";
import { MESSAGE_ERASURE } from "./erase-messages.ts";
import { WORKING_SET_ERASURE } from "./erase-working-set.ts";
import { moveTargets, type UnitOfWork } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** What one number is and what was done about it so far in this slice. */
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
  /** Of two calls for one number at once each waits for the other's slice, and takes the next. */
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
 * end to end, slice by slice; how far it came is durable. Each slice is a transaction, which holds its messages in the order of
 * their keys as everybody does; one that went on to the next table would begin anew among older messages. An erasure that was
 * broken off is gone on with, and then goes through everything once more, for what came meanwhile where it had been.
 */
export async function eraseNumber(
  context: WriterContext,
  number: string,
  now: number,
  limit: number,
): Promise<ErasureResult> {
  const digits = digitsOf(number);
  const total = { messages: 0, targets: 0, parts: 0, optOuts: 0 };
  if (!/^\d+$/.test(digits)) return { ...total, more: false };
  const call: Call = { digits, now, startedAt: performance.now() };
  for (let left = limit; left > 0;) {
    const { done, looked, isEnd } = await moveTargets(context, (unit) => eraseSlice(unit, call, left));
    for (const key of ["messages", "targets", "parts", "optOuts"] as const) total[key] += done[key];
    if (isEnd) return { ...total, more: false };
    left -= looked;
  }
  return { ...total, more: true };
}

/** One call, and when it started by the clock of `performance`. */
interface Call {
  readonly digits: string;
  readonly now: number;
  readonly startedAt: number;
}

/** Looks through one slice; answers how many rows it had, and whether nothing is left to look through. */
async function eraseSlice(unit: UnitOfWork, { digits, now, startedAt }: Call, limit: number) {
  const { session } = unit;
  const done = { messages: 0, targets: 0, parts: 0, optOuts: 0 };
  await session.run(ERASE_NUMBER_SQL.begin, [digits, JSON.stringify(beginningAt(now))]);
  const [row] = await session.rows<{ stage: number; position: string }>(ERASE_NUMBER_SQL.find, [digits]);
  const place = row === undefined ? beginningAt(now) : readPlace(row.position, (key) => key as Value); // save wrote it
  const isResumed = isResumedAt(place, now);
  const at = row?.stage ?? 0;
  const stage = STAGES[at];
  const after = place.after.length === 0 ? (stage?.start ?? []) : place.after;
  const keys = (await stage?.sweep(unit, after, limit, { digits, now, done })) ?? [];
  const last = keys.at(-1);
  const isRoundOver = last === undefined && at + 1 >= STAGES.length;

  const leaveAt = async (next: number, key: readonly Value[]) => {
    const leftAt = now + (performance.now() - startedAt) * 1_000;
    const leaving: ErasurePlace<Value> = { after: key, leftAt, isResumed: isResumed && !isRoundOver };
    await session.run(ERASE_NUMBER_SQL.save, [digits, next, JSON.stringify(leaving)]);
  };
  if (last !== undefined) await leaveAt(at, last);
  else if (!isRoundOver) await leaveAt(at + 1, []);
  else if (isResumed) await leaveAt(0, []);
  else await session.run(ERASE_NUMBER_SQL.remove, [digits]);
  return { done, looked: keys.length, isEnd: isRoundOver && !isResumed };
}
