import type { Customer } from "../../domain/customer.ts";
import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import { isUuid } from "../../domain/ids.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import type { DirectoryStore } from "../directory.ts";
import type { Statement, Value } from "./connection.ts";
import {
  ACCESS_KEY_COLUMNS,
  accessKeyValues,
  CARRIER_COLUMNS,
  carrierValues,
  CUSTOMER_COLUMNS,
  customerValues,
  ENDPOINT_COLUMNS,
  endpointValues,
} from "./directory-rows.ts";
import { isTaken } from "./postgres-failure.ts";
import { putOf, putStatement, recordStatements } from "./put-record.ts";
import { READ_DIRECTORY_SQL } from "./read-directory.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

/** Deliveries that go with a removed endpoint, slice by slice. */
const DELIVERIES_AT_ONCE = 5_000;

export const WRITE_DIRECTORY_SQL = {
  customer: recordStatements("customers", CUSTOMER_COLUMNS, ["customer_id"]),
  accessKey: recordStatements("access_keys", ACCESS_KEY_COLUMNS, ["customer_id", "access_key_id"]),
  endpoint: recordStatements("endpoints", ENDPOINT_COLUMNS, ["endpoint_id"]),
  carrier: recordStatements("carriers", CARRIER_COLUMNS, ["carrier_id"]),
  putSetting: putStatement("settings", "name, value", ["name"]),
  settingOnce: {
    name: "setting_once",
    text: "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
  },
  removeEndpoint: {
    name: "endpoint_remove",
    text: "DELETE FROM endpoints WHERE endpoint_id = $1 RETURNING 1",
  },
  removeDeliveries: {
    name: "endpoint_remove_deliveries",
    text: `
    WITH slice AS (
      SELECT ctid AS place FROM deliveries WHERE endpoint_id = $1
      ORDER BY message_id, event_id LIMIT ${DELIVERIES_AT_ONCE} FOR UPDATE)
    DELETE FROM deliveries d USING slice s WHERE d.ctid = s.place`,
  },
  isBusy: {
    name: "carrier_is_busy",
    text: `
    SELECT EXISTS (SELECT 1 FROM queue WHERE carrier_id = $1) OR EXISTS (SELECT 1 FROM leased WHERE carrier_id = $1)
      OR EXISTS (SELECT 1 FROM receipt_keys WHERE carrier_id = $1 AND NOT overdue) AS busy`,
  },
  removeCarrier: { name: "carrier_remove", text: "DELETE FROM carriers WHERE carrier_id = $1" },
} as const;

type DirectoryWrites = Omit<DirectoryStore, `get${string}` | `find${string}` | `list${string}`>;

/** Writes of the directory, each a transaction of its own: they are rare. Whatever changes is told to every process. */
export function directoryWrites({ database, tell }: WriterContext): DirectoryWrites {
  const sql = WRITE_DIRECTORY_SQL;

  async function put(statement: Statement, values: readonly Value[]): Promise<void> {
    await database.transaction((session) => session.run(statement, values));
    tellDirectory();
  }

  /** False when there was nothing to change. */
  async function isWritten(
    [statement, values]: readonly [Statement, readonly Value[]],
    endpointId?: string,
  ): Promise<boolean> {
    const rows = await database.transaction((session) => session.run(statement, values));
    if (rows > 0) tellDirectory(endpointId);
    return rows > 0;
  }

  async function addCustomer(customer: Customer, endpoint: WebhookEndpoint): Promise<true> {
    await database.transaction(async (session) => {
      await session.run(sql.customer.put, customerValues(customer));
      await session.run(sql.endpoint.put, endpointValues(endpoint));
    });
    tellDirectory(endpoint.id);
    return true;
  }

  function tellDirectory(endpointId?: string): void {
    const wakes = new Wakes();
    wakes.directory();
    if (endpointId !== undefined) wakes.deliveries(endpointId);
    tell(wakes);
  }

  return {
    addCustomer: (customer, endpoint) => unlessTaken(addCustomer(customer, endpoint)),
    putCustomer: (customer, before) =>
      unlessTaken(isWritten(putOf(sql.customer, customerValues(customer), before))),
    putAccessKey: (key, before) => isWritten(putOf(sql.accessKey, accessKeyValues(key), before)),
    putEndpoint: (endpoint, before) =>
      isWritten(putOf(sql.endpoint, endpointValues(endpoint), before), endpoint.id),
    async removeEndpoint(id) {
      if (!isUuid(id)) return;
      await put(sql.removeEndpoint, [id]);
      try {
        let removed = DELIVERIES_AT_ONCE;
        while (removed === DELIVERIES_AT_ONCE)
          removed = await database.transaction((session) => session.run(sql.removeDeliveries, [id]));
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error; // the endpoint is gone, and claims drop what is left of it
      }
    },
    putCarrier: (carrier, before) =>
      unlessTaken(isWritten(putOf(sql.carrier, carrierValues(carrier), before))),
    async removeCarrier(id, force) {
      if (!isUuid(id)) return true;
      const isRemoved = await database.transaction(async (session) => {
        const [row] = await session.rows<{ busy: boolean }>(sql.isBusy, [id]);
        if (!force && row?.busy === true) return false;
        await session.run(sql.removeCarrier, [id]);
        return true;
      });
      if (isRemoved) tellDirectory();
      return isRemoved;
    },
    settingOnce: (name, value) =>
      database.transaction(async (session) => {
        await session.run(sql.settingOnce, [name, value]);
        const rows = await session.rows<{ value: string }>(READ_DIRECTORY_SQL.setting, [name]);
        return rows[0]?.value ?? value;
      }),
    putSetting: (name, value) => put(sql.putSetting, [name, value]),
  };
}

/** False when a unique index stands against it: somebody else has the name. */
async function unlessTaken(writing: Promise<boolean>): Promise<boolean> {
  try {
    return await writing;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}
