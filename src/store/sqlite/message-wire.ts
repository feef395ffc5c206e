import type { Failure, FailureCode } from "../../domain/failure.ts";
import type { CustomerId, MessageId } from "../../domain/ids.ts";
import type { Message, MessageOptions, Target } from "../../domain/message.ts";
import { type Micros, micros } from "../../domain/micros.ts";
import { columnToAddress } from "./address-column.ts";
import { DIRECTION_CODES, STATUS_CODES, TYPE_CODES, wordOf } from "./column-codes.ts";
import { bytes, type Connection, integer, integerOrNull, type Row, text, textOrNull } from "./connection.ts";
import { bytesToId } from "./id-bytes.ts";
import type { Wire, WireReader } from "./wire.ts";

const HEAD =
  "customer_id, message_id, type, direction, source, text, options, tm_create, tm_update, tm_delete";

/** A message whole, in wire form, and how many targets it has. */
export interface WiredMessage {
  readonly wire: Wire;
  readonly targets: number;
}

/** Reads whole messages on a connection, deleted ones too where that is asked for. */
export interface MessageReader {
  /** Null when there is none. */
  read(customer: Uint8Array, message: Uint8Array): WiredMessage | null;
  readDeletedToo(customer: Uint8Array, message: Uint8Array): WiredMessage | null;
  /** A row of {@link MESSAGE_HEAD_COLUMNS} with its targets. */
  withTargets(head: Row): WiredMessage;
}

/** The columns of a message's head, in the order that {@link MessageReader.withTargets} takes them. */
export const MESSAGE_HEAD_COLUMNS = HEAD;

export function createMessageReader(connection: Connection): MessageReader {
  const live = connection.prepare(`SELECT ${HEAD} FROM messages WHERE customer_id = ? AND message_id = ?`);
  const deleted = connection.prepare(
    `SELECT ${HEAD} FROM deleted_messages WHERE customer_id = ? AND message_id = ?`,
  );
  const targets = connection.prepare(`
    SELECT n, destination, status, parts, tm_update, failure FROM targets
    WHERE customer_id = ? AND message_id = ? ORDER BY n`);

  function withTargets(head: Row): WiredMessage {
    const rows = targets.all(bytes(head[0]), bytes(head[1]));
    const wire: Wire = [bytesToId(bytes(head[0])), bytesToId(bytes(head[1]))];
    wire.push(integer(head[2]), integer(head[3]), text(head[4]), text(head[5]), text(head[6]));
    wire.push(integer(head[7]), integerOrNull(head[8] ?? null), integerOrNull(head[9] ?? null), rows.length);
    for (const row of rows) {
      wire.push(integer(row[0]), text(row[1]), integer(row[2]), integer(row[3]));
      wire.push(integerOrNull(row[4] ?? null), textOrNull(row[5] ?? null));
    }
    return { wire, targets: rows.length };
  }

  return {
    withTargets,
    read(customer, message) {
      const head = live.get(customer, message);
      return head === undefined ? null : withTargets(head);
    },
    readDeletedToo(customer, message) {
      const head = live.get(customer, message) ?? deleted.get(customer, message);
      return head === undefined ? null : withTargets(head);
    },
  };
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
