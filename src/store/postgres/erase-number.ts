import { digitsOf } from "../../domain/owned-number.ts";
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
    text: "INSERT INTO erasures (digits, stage, position) VALUES ($1, 0, '') ON CONFLICT DO NOTHING",
  },
  find: { name: "erasure_find", text: "SELECT stage, position FROM erasures WHERE digits = $1 FOR UPDATE" },
  save: { name: "erasure_save", text: "UPDATE erasures SET stage = $2, position = $3 WHERE digits = $1" },
  remove: { name: "erasure_remove", text: "DELETE FROM erasures WHERE digits = $1" },
} as const;

const STAGES: readonly ErasureStage[] = [...MESSAGE_ERASURE, ...WORKING_SET_ERASURE];

/**
 * Takes a number out of everything. No index leads from a number to its messages, so an erasure goes through the tables from
 * end to end, slice by slice; how far it came is durable. Each slice is a transaction, which holds its messages in the order of
 * their keys as everybody does; one that went on to the next table would begin anew among older messages.
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
  for (let left = limit; left > 0;) {
    const { done, looked, isEnd } = await moveTargets(context, (unit) => eraseSlice(unit, digits, now, left));
    for (const key of ["messages", "targets", "parts", "optOuts"] as const) total[key] += done[key];
    if (isEnd) return { ...total, more: false };
    left -= looked;
  }
  return { ...total, more: true };
}

/** Looks through one slice; answers how many rows it had, and whether nothing is left to look through. */
async function eraseSlice(unit: UnitOfWork, digits: string, now: number, limit: number) {
  const { session } = unit;
  const done = { messages: 0, targets: 0, parts: 0, optOuts: 0 };
  await session.run(ERASE_NUMBER_SQL.begin, [digits]);
  const [begun] = await session.rows<{ stage: number; position: string }>(ERASE_NUMBER_SQL.find, [digits]);
  const at = begun?.stage ?? 0;
  const stage = STAGES[at];
  const position = begun?.position ?? "";
  const after = position === "" ? stage?.start : (JSON.parse(position) as Value[]); // save wrote it
  const keys = (await stage?.sweep(unit, after ?? [], limit, { digits, now, done })) ?? [];
  const last = keys.at(-1);
  const isEnd = last === undefined && at + 1 >= STAGES.length;
  if (isEnd) await session.run(ERASE_NUMBER_SQL.remove, [digits]);
  else if (last === undefined) await session.run(ERASE_NUMBER_SQL.save, [digits, at + 1, ""]);
  else await session.run(ERASE_NUMBER_SQL.save, [digits, at, JSON.stringify(last)]);
  return { done, looked: keys.length, isEnd };
}
