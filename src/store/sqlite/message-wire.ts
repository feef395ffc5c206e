import type { Failure, FailureCode } from "../../domain/failure.ts";
import type { CustomerId, MessageId } from "../../domain/ids.ts";
import type { Message, MessageOptions, Target } from "../../domain/message.ts";
import { type Micros, micros } from "../../domain/micros.ts";
import { weightOnPage } from "../page-weight.ts";
import { columnToAddress } from "./address-column.ts";
import { DIRECTION_CODES, STATUS_CODES, TYPE_CODES, wordOf } from "./column-codes.ts";
import { type Connection, integer, integerOrNull, type Row, text, textOrNull } from "./connection.ts";
import { idToBytesOrNull } from "./id-bytes.ts";
import type { Wire, WireReader } from "./wire.ts";

/** The columns of a message's head but its ids, in the order that {@link MessageReader.appendRow} takes them. */
export const MESSAGE_HEAD_COLUMNS = "type, direction, source, text, options, tm_create, tm_update, tm_delete";

/** Names a message both ways: as rows hold it and as the rest of the process does. */
export interface MessageRef {
  readonly customer: Uint8Array;
  readonly message: Uint8Array;
  readonly customerId: string;
  readonly messageId: string;
}

/** Names a message by its ids; null when one of them is no id at all. */
export function messageRef(customerId: string, messageId: string): MessageRef | null {
  const [customer, message] = [idToBytesOrNull(customerId), idToBytesOrNull(messageId)];
  if (customer === null || message === null) return null;
  return { customer, message, customerId: customerId.toLowerCase(), messageId: messageId.toLowerCase() };
}

/** Appends whole messages to wires, as a connection finds them. Each answers what the message's targets weigh together. */
export interface MessageReader {
  /** Null when there is none, or it is deleted. */
  append(wire: Wire, message: MessageRef): number | null;
  /** Null when there never was one. */
  appendDeletedToo(wire: Wire, message: MessageRef): number | null;
  /** For a row of {@link MESSAGE_HEAD_COLUMNS}, which begin at a column. */
  appendRow(wire: Wire, message: MessageRef, head: Row, from: number): number;
}

export function createMessageReader(connection: Connection): MessageReader {
  const [live, deleted] = [
    connection.prepare(wholeSql("messages")),
    connection.prepare(wholeSql("deleted_messages")),
  ];
  const selectTargets = connection.prepare(`
    SELECT ${TARGET_COLUMNS} FROM targets WHERE customer_id = ? AND message_id = ? ORDER BY n`);

  function appendRow(wire: Wire, ref: MessageRef, head: Row, from: number): number {
    appendHead(wire, ref, head, from);
    const rows = selectTargets.all(ref.customer, ref.message);
    wire.push(rows.length);
    let weight = 0;
    for (const row of rows) weight += appendTarget(wire, row, 0);
    return weight;
  }

  function appendFound(wire: Wire, ref: MessageRef, [first, second]: readonly Row[]): number | null {
    if (first === undefined) return null;
    if (second !== undefined || first[HEAD_COLUMNS] === null) return appendRow(wire, ref, first, 0);
    appendHead(wire, ref, first, 0);
    wire.push(1);
    return appendTarget(wire, first, HEAD_COLUMNS);
  }

  return {
    appendRow,
    append: (wire, ref) => appendFound(wire, ref, live.all(ref.customer, ref.message)),
    appendDeletedToo(wire, ref) {
      const rows = live.all(ref.customer, ref.message);
      return appendFound(wire, ref, rows.length > 0 ? rows : deleted.all(ref.customer, ref.message));
    },
  };
}

const HEAD_COLUMNS = MESSAGE_HEAD_COLUMNS.split(", ").length;
const TARGET_COLUMNS = "n, destination, status, parts, tm_update, failure";

function columnsOf(alias: string, columns: string): string {
  return columns.replaceAll(/\w+/g, (column) => `${alias}.${column}`);
}

/** A message with its first two targets: nearly every message has one, and is then read by one statement. */
function wholeSql(table: string): string {
  return `
    SELECT ${columnsOf("m", MESSAGE_HEAD_COLUMNS)}, ${columnsOf("t", TARGET_COLUMNS)}
    FROM ${table} m LEFT JOIN targets t ON t.customer_id = m.customer_id AND t.message_id = m.message_id
    WHERE m.customer_id = ? AND m.message_id = ? ORDER BY t.n LIMIT 2`;
}

function appendHead(wire: Wire, ref: MessageRef, head: Row, from: number): void {
  wire.push(
    ref.customerId,
    ref.messageId,
    integer(head[from]),
    integer(head[from + 1]),
    text(head[from + 2]),
  );
  wire.push(text(head[from + 3]), text(head[from + 4]), integer(head[from + 5]));
  wire.push(integerOrNull(head[from + 6] ?? null), integerOrNull(head[from + 7] ?? null));
}

/** Answers what the target weighs. */
function appendTarget(wire: Wire, row: Row, from: number): number {
  const destination = text(row[from + 1]);
  wire.push(integer(row[from]), destination, integer(row[from + 2]), integer(row[from + 3]));
  wire.push(integerOrNull(row[from + 4] ?? null), textOrNull(row[from + 5] ?? null));
  return weightOnPage(destination);
}

/**
 * The message of a wire. Its `tmUpdate` is that of its latest change: its own column changes when it is deleted only, so
 * that a target which moves costs no second row.
 */
export function decodeMessage(wire: WireReader): Message {
  const customerId = wire.text() as CustomerId; // the bytes of a customer_id column
  const id = wire.text() as MessageId; // the bytes of a message_id column
  const type = wordOf(TYPE_CODES, wire.number());
  const direction = wordOf(DIRECTION_CODES, wire.number());
  const source = columnToAddress(wire.text());
  const text = wire.text();
  const options = JSON.parse(wire.text()) as MessageOptions; // only acceptMessages writes the column
  const tmCreate = micros(wire.number());
  const [tmUpdate, tmDelete] = [timeOrNull(wire.numberOrNull()), timeOrNull(wire.numberOrNull())];
  const targets = wire.list((item) => decodeTarget(item, tmCreate));
  const head = { id, customerId, type, direction, source, text, options, tmCreate, tmDelete };
  return { ...head, tmUpdate: tmDelete === null ? latest(tmCreate, tmUpdate, targets) : tmUpdate, targets };
}

function decodeTarget(wire: WireReader, tmCreate: Micros): Target {
  return {
    n: wire.number(),
    destination: columnToAddress(wire.text()),
    status: wordOf(STATUS_CODES, wire.number()),
    parts: wire.number(),
    tmUpdate: timeOrNull(wire.numberOrNull()) ?? tmCreate,
    failure: columnToFailure(wire.textOrNull()),
  };
}

function columnToFailure(column: string | null): Failure | null {
  if (column === null) return null;
  const [code, carrierCode, message] = JSON.parse(column) as [FailureCode, string, string]; // only failureColumn writes it
  return { code, carrierCode, message };
}

function latest(tmCreate: Micros, tmUpdate: Micros | null, targets: readonly Target[]): Micros | null {
  let last = tmUpdate;
  for (const target of targets) {
    if (target.tmUpdate > (last ?? tmCreate)) last = target.tmUpdate;
  }
  return last;
}

function timeOrNull(value: number | null): Micros | null {
  return value === null ? null : micros(value);
}
