import type { AccessKey } from "../../domain/customer.ts";
import { ACCESS_KEY_COLUMNS } from "./directory-rows.ts";
import { idToBytes } from "./id-bytes.ts";
import { createStillAsRead } from "./still-as-read.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Inserts or replaces an access key, unless it is no longer as it was read. Answers whether it was written. */
export function putAccessKey({ connection, wakes }: WriterContext): Operation {
  const isStillAsRead = createStillAsRead(connection, "access_keys", ["customer_id", "access_key_id"]);
  const put = connection.prepare(
    `INSERT OR REPLACE INTO access_keys (${ACCESS_KEY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (request) => {
    const key = readJson(request) as AccessKey;
    const [id, customerId] = [idToBytes(key.id), idToBytes(key.customerId)];
    if (!isStillAsRead(request, customerId, id)) return [0];
    const { name, detail, tokenPrefix, tokenHash, tmExpire, tmCreate, tmUpdate, tmDelete } = key;
    const times = [tmExpire, tmCreate, tmUpdate, tmDelete] as const;
    put.run(id, customerId, name, detail, tokenPrefix, tokenHash, ...times);
    wakes.directory();
    return [1];
  };
}
