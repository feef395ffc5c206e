import type { Failure } from "../../domain/failure.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import type { TrailEntry } from "../../domain/trail.ts";
import { APPENDED_TRAIL } from "./appended-trail.ts";
import { STATUS_CODES, wordOf } from "./column-codes.ts";
import { bytes, type Cell, type Connection, integer, type Statement, text } from "./connection.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import type { MessageRef } from "./message-wire.ts";

/** Names a target both ways: as rows hold it and as the rest of the process does. */
export interface TargetRef extends MessageRef {
  readonly n: number;
}

export function targetRef(customerId: string, messageId: string, n: number): TargetRef {
  return { customerId, messageId, n, customer: idToBytes(customerId), message: idToBytes(messageId) };
}

export function targetRefOfRow(
  customer: Cell | undefined,
  message: Cell | undefined,
  n: Cell | undefined,
): TargetRef {
  const [customerBytes, messageBytes] = [bytes(customer), bytes(message)];
  return {
    customer: customerBytes,
    message: messageBytes,
    customerId: bytesToId(customerBytes),
    messageId: bytesToId(messageBytes),
    n: integer(n),
  };
}

/** What decides how a target may move. */
export interface TargetState {
  readonly status: TargetStatus;
  readonly parts: number;
  readonly partStates: string;
  readonly destination: string;
  /** The carrier that has it; null when it was settled at acceptance. */
  readonly carrierId: string | null;
}

/** What to write of a target; a key that is absent leaves the column as it is. */
export interface TargetChange {
  readonly status?: TargetStatus;
  readonly parts?: number;
  readonly partStates?: string;
  readonly carrier?: Uint8Array;
  readonly failure?: Failure | null;
  /** Absent when nothing changed that a client can see. */
  readonly tmUpdate?: number;
  readonly trail: string;
}

/** How a receipt ends a target. */
export interface TargetEnding {
  readonly status: "delivered" | "failed";
  readonly failure: Failure | null;
  readonly tmUpdate: number;
  readonly trail: string;
}

/** National and international spellings of a number agree in their last digits. */
export const DIGITS_COMPARED = 7;

const THE_TARGET = "customer_id = ?1 AND message_id = ?2 AND n = ?3";

/** The targets of the archive, one row each, found by their primary key. */
export class TargetRows {
  readonly #select: Statement;
  readonly #update: Statement;
  readonly #sentWhole: Statement;
  readonly #endWhole: Statement;
  readonly #trail: Statement;

  constructor(connection: Connection) {
    this.#select = connection.prepare(
      `SELECT status, parts, part_states, destination, carrier_id FROM targets WHERE ${THE_TARGET}`,
    );
    this.#update = connection.prepare(`
      UPDATE targets SET trail = ${APPENDED_TRAIL}, status = coalesce(?5, status), parts = coalesce(?6, parts),
        part_states = coalesce(?7, part_states), carrier_id = coalesce(?8, carrier_id),
        failure = coalesce(?9, failure), tm_update = coalesce(?10, tm_update)
      WHERE ${THE_TARGET}`);
    this.#sentWhole = connection.prepare(`
      UPDATE targets SET trail = ${APPENDED_TRAIL}, status = ${STATUS_CODES.sent}, tm_update = ?5
      WHERE ${THE_TARGET} AND parts = 1 AND status IN (${STATUS_CODES.scheduled}, ${STATUS_CODES.queued})`);
    this.#endWhole = connection.prepare(`
      UPDATE targets SET trail = ${APPENDED_TRAIL}, status = ?5, failure = ?6, tm_update = ?7
      WHERE ${THE_TARGET} AND parts = 1 AND status = ${STATUS_CODES.sent} AND carrier_id = ?8
        AND (?9 = '' OR substr(destination, -${DIGITS_COMPARED}) = ?9)`);
    this.#trail = connection.prepare(`UPDATE targets SET trail = ${APPENDED_TRAIL} WHERE ${THE_TARGET}`);
  }

  read(target: TargetRef): TargetState | undefined {
    const row = this.#select.get(target.customer, target.message, target.n);
    if (row === undefined) return undefined;
    return {
      status: wordOf(STATUS_CODES, integer(row[0])),
      parts: integer(row[1]),
      partStates: text(row[2]),
      destination: text(row[3]),
      carrierId: row[4] === null ? null : bytesToId(bytes(row[4])),
    };
  }

  write(target: TargetRef, change: TargetChange): void {
    this.#update.run(
      target.customer,
      target.message,
      target.n,
      change.trail,
      change.status === undefined ? null : STATUS_CODES[change.status],
      change.parts ?? null,
      change.partStates ?? null,
      change.carrier ?? null,
      failureColumn(change.failure ?? null),
      change.tmUpdate ?? null,
    );
  }

  /** Moves a target of one part on to `sent` without reading it first; false when it has several parts or may not. */
  sendWhole(target: TargetRef, tmUpdate: number, trail: string): boolean {
    return (
      Number(this.#sentWhole.run(target.customer, target.message, target.n, trail, tmUpdate).changes) === 1
    );
  }

  /**
   * Ends a target of one part by its receipt without reading it first; false when it has several parts, is not `sent`, is
   * another carrier's by now, or its destination does not end in the digits (empty: any will do).
   */
  endWhole(target: TargetRef, carrier: Uint8Array, digits: string, ending: TargetEnding): boolean {
    const { customer, message, n } = target;
    const { status, failure, tmUpdate, trail } = ending;
    const [code, failed] = [STATUS_CODES[status], failureColumn(failure)];
    const { changes } = this.#endWhole.run(
      customer,
      message,
      n,
      trail,
      code,
      failed,
      tmUpdate,
      carrier,
      digits,
    );
    return Number(changes) === 1;
  }

  note(target: TargetRef, trail: string): void {
    if (trail !== "") this.#trail.run(target.customer, target.message, target.n, trail);
  }
}

/** A failure as its column keeps it. */
export function failureColumn(failure: Failure | null): string | null {
  return failure === null ? null : JSON.stringify([failure.code, failure.carrierCode, failure.message]);
}

/** Trail entries as the trail's column takes them: JSON objects, comma-separated, without brackets. */
export function trailColumn(entries: readonly TrailEntry[]): string {
  if (entries.length === 1) return JSON.stringify(entries[0]);
  return entries.map((entry) => JSON.stringify(entry)).join(",");
}
