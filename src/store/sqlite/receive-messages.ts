import { UNOWNED } from "../../domain/inbound.ts";
import type { Reception, ReceptionOutcome } from "../gathering.ts";
import { addressToColumn } from "./address-column.ts";
import { DIRECTION_CODES, STATUS_CODES, TYPE_CODES } from "./column-codes.ts";
import { REPEATS_KNOWN_FOR } from "./gathering-rows.ts";
import { idToBytes } from "./id-bytes.ts";
import { failureColumn } from "./target-rows.ts";
import { readJson, type Wire, type WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Old repeats that are forgotten for each new message: more than come, so that they never pile up. */
const FORGOTTEN_EACH = 4;

export const RECEIVE_SQL = {
  knows: "SELECT 1 FROM transport_ids WHERE carrier_id = ? AND transport_id = ? AND at > ?",
  forget: `
    DELETE FROM transport_ids WHERE (carrier_id, transport_id) IN (
      SELECT carrier_id, transport_id FROM transport_ids INDEXED BY transport_ids_age
      WHERE at <= ? ORDER BY at LIMIT ?)`,
} as const;

export function encodeReceptions(entries: readonly Reception[]): Wire {
  return ["receiveMessages", JSON.stringify(entries)];
}

export function decodeReceptionOutcomes(answer: WireReader): ReceptionOutcome[] {
  return answer.list((item): ReceptionOutcome => ({ kind: item.number() === 1 ? "received" : "repeated" }));
}

/** Writes inbound messages with their targets and `message_created`, and takes the gatherings that they came from. */
export function receiveMessages(context: WriterContext): Operation {
  const { connection, events, gatherings, queue } = context;
  const knows = connection.prepare(RECEIVE_SQL.knows);
  const know = connection.prepare("INSERT OR REPLACE INTO transport_ids VALUES (?, ?, ?)");
  const forget = connection.prepare(RECEIVE_SQL.forget);
  const insertMessage = connection.prepare("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const insertTarget = connection.prepare(
    "INSERT INTO targets VALUES (?, ?, ?, ?, ?, '', ?, ?, NULL, ?, '')",
  );

  function isRepeated({ message, transportId, gathering }: Reception): boolean {
    const { tmCreate } = message;
    if (transportId !== null) {
      const key = [queue.carrierBytes(transportId.carrierId), transportId.id] as const;
      if (knows.get(...key, tmCreate - REPEATS_KNOWN_FOR) !== undefined) return true;
      know.run(...key, tmCreate);
    }
    return gathering !== null && !gatherings.take(gathering, tmCreate);
  }

  function write({ message, eventId }: Reception): void {
    const { customerId, tmCreate } = message;
    const [customer, id] = [idToBytes(customerId), idToBytes(message.id)];
    insertMessage.run(
      customer,
      id,
      TYPE_CODES[message.type],
      DIRECTION_CODES[message.direction],
      addressToColumn(message.source),
      message.text,
      JSON.stringify(message.options),
      tmCreate,
      message.tmUpdate,
      message.tmDelete,
    );
    for (const { n, destination, status, parts, tmUpdate, failure } of message.targets) {
      const updated = tmUpdate === tmCreate ? null : tmUpdate;
      const address = addressToColumn(destination);
      insertTarget.run(
        customer,
        id,
        n,
        STATUS_CODES[status],
        parts,
        address,
        updated,
        failureColumn(failure),
      );
    }
    if (customerId !== UNOWNED)
      events.created({ customer, message: id, customerId, messageId: message.id }, eventId, tmCreate);
  }

  return (request) => {
    const entries = readJson(request) as Reception[];
    const answer: Wire = [entries.length];
    let latest = 0;
    for (const entry of entries) {
      latest = Math.max(latest, entry.message.tmCreate);
      const isNew = !isRepeated(entry);
      if (isNew) write(entry);
      answer.push(isNew ? 1 : 0);
    }
    const limit = entries.length * FORGOTTEN_EACH;
    forget.run(latest - REPEATS_KNOWN_FOR, limit);
    gatherings.forgetTaken(latest, limit);
    return answer;
  };
}
