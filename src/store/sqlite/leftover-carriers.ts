import type { CarrierId } from "../../domain/ids.ts";
import { bytes, type Connection } from "./connection.ts";
import { bytesToId } from "./id-bytes.ts";
import type { WireReader } from "./wire.ts";
import type { Operation } from "./writer-context.ts";

/** By the counters, of which there is a row for each carrier that ever was. */
export const LEFTOVER_CARRIERS_SQL = `
  SELECT d.carrier_id FROM queue_depths d
  WHERE d.waiting + d.in_flight > 0 AND NOT EXISTS (SELECT 1 FROM carriers c WHERE c.carrier_id = d.carrier_id)`;

/** Carriers that are gone, and have targets queued or leased to nodes. */
export function leftoverCarriers(connection: Connection): Operation {
  const select = connection.prepare(LEFTOVER_CARRIERS_SQL);
  return () => {
    const rows = select.all();
    return [rows.length, ...rows.map((row) => bytesToId(bytes(row[0])))];
  };
}

export function decodeCarrierIds(answer: WireReader): CarrierId[] {
  return answer.list((item) => item.text() as CarrierId); // the bytes of a carrier_id column
}
