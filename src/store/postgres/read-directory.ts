import { isUuid } from "../../domain/ids.ts";
import type { DirectoryStore, PageQuery } from "../directory.ts";
import {
  ACCESS_KEY_COLUMNS,
  type AccessKeyRow,
  accessKeyOf,
  CARRIER_COLUMNS,
  type CarrierRow,
  carrierOf,
  CUSTOMER_COLUMNS,
  type CustomerRow,
  customerOf,
  ENDPOINT_COLUMNS,
  type EndpointRow,
  endpointOf,
} from "./directory-rows.ts";
import type { Reads } from "./message-rows.ts";

/** Carriers and endpoints of a customer that one read answers at most: more than anyone has. */
const ROWS_AT_MOST = 10_000;

/** Greater than every id. */
const AFTER_ALL = "ffffffff-ffff-ffff-ffff-ffffffffffff";

export const READ_DIRECTORY_SQL = {
  customer: { name: "customer", text: `SELECT ${CUSTOMER_COLUMNS} FROM customers WHERE customer_id = $1` },
  customerByName: {
    name: "customer_by_name",
    text: `SELECT ${CUSTOMER_COLUMNS} FROM customers WHERE username = $1 AND tm_delete IS NULL`,
  },
  customers: {
    name: "customers",
    text: `
    SELECT ${CUSTOMER_COLUMNS} FROM customers WHERE customer_id < $1 AND tm_delete IS NULL
    ORDER BY customer_id DESC LIMIT $2`,
  },
  accessKey: {
    name: "access_key",
    text: `SELECT ${ACCESS_KEY_COLUMNS} FROM access_keys WHERE customer_id = $1 AND access_key_id = $2`,
  },
  accessKeyByHash: {
    name: "access_key_by_hash",
    text: `SELECT ${ACCESS_KEY_COLUMNS} FROM access_keys WHERE token_hash = $1`,
  },
  accessKeys: {
    name: "access_keys",
    text: `
    SELECT ${ACCESS_KEY_COLUMNS} FROM access_keys WHERE customer_id = $1 AND access_key_id < $2 AND tm_delete IS NULL
    ORDER BY access_key_id DESC LIMIT $3`,
  },
  endpoint: { name: "endpoint", text: `SELECT ${ENDPOINT_COLUMNS} FROM endpoints WHERE endpoint_id = $1` },
  endpoints: {
    name: "endpoints",
    text: `
    SELECT ${ENDPOINT_COLUMNS} FROM endpoints WHERE customer_id = $1 ORDER BY is_primary DESC, endpoint_id
    LIMIT ${ROWS_AT_MOST}`,
  },
  carriers: {
    name: "carriers",
    text: `SELECT ${CARRIER_COLUMNS} FROM carriers ORDER BY carrier_id LIMIT ${ROWS_AT_MOST}`,
  },
  setting: { name: "setting", text: "SELECT value FROM settings WHERE name = $1" },
} as const;

type DirectoryReads = Pick<
  DirectoryStore,
  | "getCustomer"
  | "findCustomer"
  | "listCustomers"
  | "getAccessKey"
  | "findAccessKey"
  | "listAccessKeys"
  | "getEndpoint"
  | "listEndpoints"
  | "listCarriers"
  | "getSetting"
>;

/** Reads of the directory. A text that is no id names nobody. */
export function directoryReads(session: Reads): DirectoryReads {
  const sql = READ_DIRECTORY_SQL;
  return {
    async getCustomer(id) {
      if (!isUuid(id)) return null;
      return one(await session.rows<CustomerRow>(sql.customer, [id]), customerOf);
    },
    async findCustomer(username) {
      return one(await session.rows<CustomerRow>(sql.customerByName, [username]), customerOf);
    },
    async listCustomers(page) {
      const before = beforeOf(page);
      if (before === null) return [];
      return (await session.rows<CustomerRow>(sql.customers, [before, page.limit])).map(customerOf);
    },
    async getAccessKey(customerId, id) {
      if (!isUuid(customerId) || !isUuid(id)) return null;
      return one(await session.rows<AccessKeyRow>(sql.accessKey, [customerId, id]), accessKeyOf);
    },
    async findAccessKey(tokenHash) {
      return one(await session.rows<AccessKeyRow>(sql.accessKeyByHash, [tokenHash]), accessKeyOf);
    },
    async listAccessKeys(customerId, page) {
      const before = beforeOf(page);
      if (before === null || !isUuid(customerId)) return [];
      const rows = await session.rows<AccessKeyRow>(sql.accessKeys, [customerId, before, page.limit]);
      return rows.map(accessKeyOf);
    },
    async getEndpoint(id) {
      if (!isUuid(id)) return null;
      return one(await session.rows<EndpointRow>(sql.endpoint, [id]), endpointOf);
    },
    async listEndpoints(customerId) {
      if (!isUuid(customerId)) return [];
      return (await session.rows<EndpointRow>(sql.endpoints, [customerId])).map(endpointOf);
    },
    async listCarriers() {
      return (await session.rows<CarrierRow>(sql.carriers, [])).map(carrierOf);
    },
    async getSetting(name) {
      return (await session.rows<{ value: string }>(sql.setting, [name]))[0]?.value ?? null;
    },
  };
}

/** Where a page begins: after every id when at the newest, null when the text is no id. */
export function beforeOf({ before }: Pick<PageQuery, "before">): string | null {
  if (before === null) return AFTER_ALL;
  return isUuid(before) ? before : null;
}

function one<Row, Item>(rows: readonly Row[], read: (row: Row) => Item): Item | null {
  const [row] = rows;
  return row === undefined ? null : read(row);
}
