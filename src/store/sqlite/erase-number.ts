import { digitsOf } from "../../domain/owned-number.ts";
import { beginningAt, type ErasurePlace, isResumedAt, readPlace } from "../erasure-place.ts";
import type { ErasureResult } from "../erasing.ts";
import { type Cell, integer, type Row, text } from "./connection.ts";
import { createMessageEraser } from "./erase-messages.ts";
import { createWorkingSetEraser } from "./erase-working-set.ts";
import { handsetKey } from "./opt-out-rows.ts";
import type { WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** What one number is and what was done about it so far in this call. */
export interface Erasure {
  readonly digits: string;
  readonly now: number;
  readonly done: { messages: number; targets: number; parts: number; optOuts: number };
}

/** One table on the way of an erasure: looked through by its key, slice by slice. */
export interface ErasureStage {
  /** A key before every other. */
  readonly start: readonly Cell[];
  /** Erases in the rows after a key, at most `limit` of them; answers the rows it looked at, each beginning with its key. */
  readonly sweep: (after: readonly Cell[], limit: number, erasure: Erasure) => readonly Row[];
}

export function decodeErasure(answer: WireReader): ErasureResult {
  const [messages, targets, parts] = [answer.number(), answer.number(), answer.number()];
  return { messages, targets, parts, optOuts: answer.number(), more: answer.number() === 1 };
}

/**
 * Takes a number out of everything. No index leads from a number to its messages (see the decision on searching), so an
 * erasure goes through the tables from end to end, a slice a call; how far it came is durable. One that was broken off is gone
 * on with, and then goes through everything once more, for what came meanwhile where it had been.
 */
export function eraseNumber(context: WriterContext): Operation {
  const { connection } = context;
  const find = connection.prepare("SELECT stage, position FROM erasures WHERE number_key = ?");
  const save = connection.prepare("INSERT OR REPLACE INTO erasures VALUES (?, ?, ?)");
  const remove = connection.prepare("DELETE FROM erasures WHERE number_key = ?");
  const stages = [...createMessageEraser(context), ...createWorkingSetEraser(context)];

  /** Whether something is left to look through. */
  function goOn(erasure: Erasure, limit: number): boolean {
    const { now } = erasure;
    const startedAt = performance.now();
    const key = handsetKey(erasure.digits);
    const row = find.get(key);
    const place = row === undefined ? beginningAt(now) : readPlace(text(row[1]), readCell);
    const isResumed = isResumedAt(place, now);
    let at = row === undefined ? 0 : integer(row[0]);
    let after = place.after;
    let left = limit;

    const leaveAt = (stage: number, last: readonly Cell[], resumed: boolean): true => {
      const leftAt = now + (performance.now() - startedAt) * 1_000;
      const leaving: ErasurePlace<Cell> = { after: last.map(writeCell), leftAt, isResumed: resumed };
      save.run(key, stage, JSON.stringify(leaving));
      return true;
    };

    for (let stage = stages[at]; stage !== undefined; stage = stages[++at], after = []) {
      while (left > 0) {
        const rows = stage.sweep(after.length === 0 ? stage.start : after, left, erasure);
        const last = rows.at(-1);
        if (last === undefined) break;
        after = last.slice(0, stage.start.length);
        left -= rows.length;
      }
      if (left <= 0) return leaveAt(at, after, isResumed);
    }
    if (isResumed) return leaveAt(0, [], false);
    remove.run(key);
    return false;
  }

  return (request) => {
    const [digits, now, limit] = [digitsOf(request.text()), request.number(), request.number()];
    const done = { messages: 0, targets: 0, parts: 0, optOuts: 0 };
    const isMore = /^\d+$/.test(digits) && goOn({ digits, now, done }, limit);
    return [done.messages, done.targets, done.parts, done.optOuts, isMore ? 1 : 0];
  };
}

/** A key's column in JSON: a number as it is, a text and bytes with a letter before that tells them apart. */
function writeCell(cell: Cell): Cell {
  if (cell instanceof Uint8Array) return `x${Buffer.from(cell).toString("hex")}`;
  return typeof cell === "string" ? `t${cell}` : cell;
}

function readCell(written: unknown): Cell {
  if (typeof written !== "string") return written as number | null; // writeCell wrote it
  return written.startsWith("x") ? Uint8Array.from(Buffer.from(written.slice(1), "hex")) : written.slice(1);
}
