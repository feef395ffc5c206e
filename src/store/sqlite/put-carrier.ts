import type { CarrierAccount } from "../../domain/carrier-account.ts";
import { bytes } from "./connection.ts";
import { CARRIER_COLUMNS } from "./directory-rows.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Inserts or replaces a carrier, unless another one has the name. Answers whether it was written. */
export function putCarrier({ connection, wakes }: WriterContext): Operation {
  const holder = connection.prepare("SELECT carrier_id FROM carriers WHERE name = ?");
  const put = connection.prepare(
    `INSERT OR REPLACE INTO carriers (${CARRIER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  return (request) => {
    const { id, name, kind, sealedUrl, tmCreate, tmUpdate } = readJson(request) as CarrierAccount;
    const row = holder.get(name);
    if (row !== undefined && bytesToId(bytes(row[0])) !== id.toLowerCase()) return [0];
    put.run(idToBytes(id), name, kind, sealedUrl, tmCreate, tmUpdate);
    wakes.directory();
    return [1];
  };
}
