import { type Connection, type Row, textOrNull } from "./connection.ts";
import {
  ACCESS_KEY_COLUMNS,
  CARRIER_COLUMNS,
  CUSTOMER_COLUMNS,
  ENDPOINT_COLUMNS,
  readAccessKey,
  readCarrier,
  readCustomer,
  readEndpoint,
} from "./directory-rows.ts";
import { idToBytesOrNull } from "./id-bytes.ts";
import { beforeBytes } from "./page-start.ts";
import type { Wire } from "./wire.ts";
import type { Operation } from "./writer-context.ts";

/** Carriers and endpoints of a customer that one read answers at most: more than anyone has. */
const ROWS_AT_MOST = 10_000;

/** Reads of the directory, by operation. Each answers records as JSON. */
export function directoryReads(connection: Connection): Readonly<Record<string, Operation>> {
  return {
    ...customerReads(connection),
    ...accessKeyReads(connection),
    ...endpointReads(connection),
    ...otherReads(connection),
  };
}

function customerReads(connection: Connection): Record<string, Operation> {
  const byId = connection.prepare(`SELECT ${CUSTOMER_COLUMNS} FROM customers WHERE customer_id = ?`);
  const byName = connection.prepare(
    `SELECT ${CUSTOMER_COLUMNS} FROM customers WHERE username = ? AND tm_delete IS NULL`,
  );
  const page = connection.prepare(`
    SELECT ${CUSTOMER_COLUMNS} FROM customers INDEXED BY customers_live
    WHERE customer_id < ? AND tm_delete IS NULL ORDER BY customer_id DESC LIMIT ?`);
  return {
    getCustomer: (request) => {
      const id = idToBytesOrNull(request.text());
      return one(id === null ? undefined : byId.get(id), readCustomer);
    },
    findCustomer: (request) => one(byName.get(request.text()), readCustomer),
    listCustomers: (request) => {
      const before = beforeBytes(request.textOrNull());
      return before === null
        ? many([], readCustomer)
        : many(page.all(before, request.number()), readCustomer);
    },
  };
}

function accessKeyReads(connection: Connection): Record<string, Operation> {
  const byId = connection.prepare(
    `SELECT ${ACCESS_KEY_COLUMNS} FROM access_keys WHERE customer_id = ? AND access_key_id = ?`,
  );
  const byHash = connection.prepare(`SELECT ${ACCESS_KEY_COLUMNS} FROM access_keys WHERE token_hash = ?`);
  const page = connection.prepare(`
    SELECT ${ACCESS_KEY_COLUMNS} FROM access_keys INDEXED BY access_keys_live
    WHERE customer_id = ? AND access_key_id < ? AND tm_delete IS NULL ORDER BY access_key_id DESC LIMIT ?`);
  return {
    getAccessKey: (request) => {
      const [customer, id] = [idToBytesOrNull(request.text()), idToBytesOrNull(request.text())];
      return one(customer === null || id === null ? undefined : byId.get(customer, id), readAccessKey);
    },
    findAccessKey: (request) => one(byHash.get(request.text()), readAccessKey),
    listAccessKeys: (request) => {
      const [customer, before] = [idToBytesOrNull(request.text()), beforeBytes(request.textOrNull())];
      if (customer === null || before === null) return many([], readAccessKey);
      return many(page.all(customer, before, request.number()), readAccessKey);
    },
  };
}

function endpointReads(connection: Connection): Record<string, Operation> {
  const byId = connection.prepare(`SELECT ${ENDPOINT_COLUMNS} FROM endpoints WHERE endpoint_id = ?`);
  const ofCustomer = connection.prepare(`
    SELECT ${ENDPOINT_COLUMNS} FROM endpoints WHERE customer_id = ? ORDER BY is_primary DESC, endpoint_id
    LIMIT ${ROWS_AT_MOST}`);
  return {
    getEndpoint: (request) => {
      const id = idToBytesOrNull(request.text());
      return one(id === null ? undefined : byId.get(id), readEndpoint);
    },
    listEndpoints: (request) => {
      const customer = idToBytesOrNull(request.text());
      return many(customer === null ? [] : ofCustomer.all(customer), readEndpoint);
    },
  };
}

function otherReads(connection: Connection): Record<string, Operation> {
  const carriers = connection.prepare(
    `SELECT ${CARRIER_COLUMNS} FROM carriers ORDER BY carrier_id LIMIT ${ROWS_AT_MOST}`,
  );
  const setting = connection.prepare("SELECT value FROM settings WHERE name = ?");
  return {
    listCarriers: () => many(carriers.all(), readCarrier),
    getSetting: (request) => [textOrNull(setting.get(request.text())?.[0] ?? null)],
  };
}

function one(row: Row | undefined, read: (row: Row) => unknown): Wire {
  return [row === undefined ? null : JSON.stringify(read(row))];
}

function many(rows: readonly Row[], read: (row: Row) => unknown): Wire {
  return [JSON.stringify(rows.map((row) => read(row)))];
}
