import type { CarrierAccount } from "../../domain/carrier-account.ts";
import { bytes } from "./connection.ts";
import { CARRIER_COLUMNS } from "./directory-rows.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import { createStillAsRead } from "./still-as-read.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/**
 * Inserts or replaces a carrier, unless another one has the name or it is no longer as it was read. Answers whether it was
 * written.
 */
export function putCarrier({ connection, wakes }: WriterContext): Operation {
  const holder = connection.prepare("SELECT carrier_id FROM carriers WHERE name = ?");
  const isStillAsRead = createStillAsRead(connection, "carriers", ["carrier_id"]);
  const put = connection.prepare(
    `INSERT OR REPLACE INTO carriers (${CARRIER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  return (request) => {
    const { id: carrierId, name, kind, sealedUrl, tmCreate, tmUpdate } = readJson(request) as CarrierAccount;
    const row = holder.get(name);
    if (row !== undefined && bytesToId(bytes(row[0])) !== carrierId.toLowerCase()) return [0];
    const id = idToBytes(carrierId);
    if (!isStillAsRead(request, id)) return [0];
    put.run(id, name, kind, sealedUrl, tmCreate, tmUpdate);
    wakes.directory();
    return [1];
  };
}
