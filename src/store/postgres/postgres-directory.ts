import { Database } from "./connection.ts";
import { directoryReads } from "./read-directory.ts";

/** The few reads of the directory that the command line needs, beside a service that may be running on the database. */
export function openPostgresDirectory(url: string) {
  const database = new Database({ url, writers: 1, readers: 1, onIdleError: () => undefined });
  const { findCustomer, getCustomer, listEndpoints, getSetting } = directoryReads({
    rows: (statement, values) => database.read(statement, values),
  });
  return { findCustomer, getCustomer, listEndpoints, getSetting, close: () => database.close() };
}
