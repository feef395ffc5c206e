import type { CustomerId, NumberId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { OptOutSettings, OwnedNumber } from "../../domain/owned-number.ts";
import { bytes, type Connection, integer, integerOrNull, type Row, text, textOrNull } from "./connection.ts";
import { bytesToId, idToBytesOrNull } from "./id-bytes.ts";
import { beforeBytes } from "./page-start.ts";
import type { Wire } from "./wire.ts";
import type { Operation } from "./writer-context.ts";

/** The columns of a number in the order that its reader takes them. */
export const NUMBER_COLUMNS =
  "number_id, customer_id, number, type, name, detail, opt_out, tm_create, tm_update, tm_delete";

export const READ_NUMBERS_SQL = {
  get: `SELECT ${NUMBER_COLUMNS} FROM numbers WHERE number_id = ? AND customer_id = ? AND tm_delete IS NULL`,
  find: `SELECT ${NUMBER_COLUMNS} FROM numbers INDEXED BY numbers_by_digits WHERE digits = ? AND tm_delete IS NULL`,
  all: `
    SELECT ${NUMBER_COLUMNS} FROM numbers INDEXED BY numbers_live
    WHERE number_id < ? AND tm_delete IS NULL ORDER BY number_id DESC LIMIT ?`,
  ofCustomer: `
    SELECT ${NUMBER_COLUMNS} FROM numbers INDEXED BY numbers_of_customer
    WHERE customer_id = ? AND number_id < ? AND tm_delete IS NULL ORDER BY number_id DESC LIMIT ?`,
} as const;

/** Reads of numbers, by operation. Each answers records as JSON. */
export function numberReads(connection: Connection): Readonly<Record<string, Operation>> {
  const get = connection.prepare(READ_NUMBERS_SQL.get);
  const find = connection.prepare(READ_NUMBERS_SQL.find);
  const all = connection.prepare(READ_NUMBERS_SQL.all);
  const ofCustomer = connection.prepare(READ_NUMBERS_SQL.ofCustomer);
  return {
    getNumber: (request) => {
      const [customer, id] = [idToBytesOrNull(request.text()), idToBytesOrNull(request.text())];
      return one(customer === null || id === null ? undefined : get.get(id, customer));
    },
    findNumber: (request) => one(find.get(request.text())),
    listNumbers: (request) => {
      const customerId = request.textOrNull();
      const [before, limit] = [beforeBytes(request.textOrNull()), request.number()];
      if (before === null) return many([]);
      if (customerId === null) return many(all.all(before, limit));
      const customer = idToBytesOrNull(customerId);
      return many(customer === null ? [] : ofCustomer.all(customer, before, limit));
    },
  };
}

function readNumber(row: Row): OwnedNumber {
  const optOut = textOrNull(row[6]);
  const [tmUpdate, tmDelete] = [integerOrNull(row[8]), integerOrNull(row[9])];
  return {
    id: bytesToId(bytes(row[0])) as NumberId, // a number_id column
    customerId: bytesToId(bytes(row[1])) as CustomerId, // a customer_id column
    number: text(row[2]),
    type: text(row[3]) as OwnedNumber["type"], // only putNumber writes it
    name: text(row[4]),
    detail: text(row[5]),
    optOut: optOut === null ? null : (JSON.parse(optOut) as OptOutSettings), // the same
    tmCreate: micros(integer(row[7])),
    tmUpdate: tmUpdate === null ? null : micros(tmUpdate),
    tmDelete: tmDelete === null ? null : micros(tmDelete),
  };
}

function one(row: Row | undefined): Wire {
  return [row === undefined ? null : JSON.stringify(readNumber(row))];
}

function many(rows: readonly Row[]): Wire {
  return [JSON.stringify(rows.map((row) => readNumber(row)))];
}
