import type { Customer } from "../../domain/customer.ts";
import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import type { CustomerId } from "../../domain/ids.ts";
import type { DirectoryStore } from "../directory.ts";
import { integer } from "./connection.ts";
import { DatabaseRefused } from "./database-refused.ts";
import { SCHEMA_VERSION } from "./migrate.ts";
import { openForReading } from "./open-database.ts";
import { directoryReads } from "./read-directory.ts";
import { readJson, type Wire, WireReader } from "./wire.ts";

/** The few reads of the directory that the command line needs. */
export interface SqliteDirectory extends Pick<
  DirectoryStore,
  "findCustomer" | "getCustomer" | "listEndpoints" | "getSetting"
> {
  close(): void;
}

/**
 * Opens a database to read its directory and nothing else, beside a service that may be running on it: it makes no file,
 * brings no schema up to date and forgets no leases.
 * @throws {DatabaseRefused} when another version of the program wrote the file.
 */
export function openSqliteDirectory(file: string): SqliteDirectory {
  const connection = openForReading(file);
  const version = integer(connection.prepare("PRAGMA user_version").get()?.[0]);
  if (version !== SCHEMA_VERSION) {
    connection.close();
    throw new DatabaseRefused(
      version > SCHEMA_VERSION ? "newer_version" : "not_ours",
      `the database has schema ${version} and this version of msgbin works with ${SCHEMA_VERSION}: use one and the same version, or run \`msgbin migrate\``,
    );
  }
  const reads = directoryReads(connection);
  const read = (...wire: Wire): WireReader => {
    const request = new WireReader(wire);
    const answer = reads[request.text()]?.(request);
    if (answer === undefined) throw new Error(`no read ${String(wire[0])}`);
    return new WireReader(answer);
  };
  const customer = (...wire: Wire): Customer | null => {
    const json = read(...wire).textOrNull();
    return json === null ? null : (JSON.parse(json) as Customer); // readCustomer made it
  };
  return {
    findCustomer: async (username) => customer("findCustomer", username),
    getCustomer: async (id) => customer("getCustomer", id),
    listEndpoints: async (customerId: CustomerId) =>
      readJson(read("listEndpoints", customerId)) as WebhookEndpoint[],
    getSetting: async (name) => read("getSetting", name).textOrNull(),
    close: () => connection.close(),
  };
}
