import type { AccessKey } from "../../domain/customer.ts";
import { ACCESS_KEY_COLUMNS } from "./directory-rows.ts";
import { idToBytes } from "./id-bytes.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Inserts or replaces an access key. */
export function putAccessKey({ connection, wakes }: WriterContext): Operation {
  const put = connection.prepare(
    `INSERT OR REPLACE INTO access_keys (${ACCESS_KEY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (request) => {
    const key = readJson(request) as AccessKey;
    const { name, detail, tokenPrefix, tokenHash, tmExpire, tmCreate, tmUpdate, tmDelete } = key;
    const times = [tmExpire, tmCreate, tmUpdate, tmDelete] as const;
    put.run(idToBytes(key.id), idToBytes(key.customerId), name, detail, tokenPrefix, tokenHash, ...times);
    wakes.directory();
    return [];
  };
}
