import { digitsOf, type OwnedNumber } from "../../domain/owned-number.ts";
import { bytes } from "./connection.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import { NUMBER_COLUMNS } from "./read-numbers.ts";
import { createStillAsRead } from "./still-as-read.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/**
 * Inserts or replaces a number, unless another living record has its digits or it is no longer as it was read. Answers
 * whether it was written.
 */
export function putNumber({ connection, wakes }: WriterContext): Operation {
  const holder = connection.prepare("SELECT number_id FROM numbers WHERE digits = ? AND tm_delete IS NULL");
  const isStillAsRead = createStillAsRead(connection, "numbers", ["number_id"]);
  const put = connection.prepare(
    `INSERT OR REPLACE INTO numbers (${NUMBER_COLUMNS}, digits) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (request) => {
    const number = readJson(request) as OwnedNumber;
    const digits = digitsOf(number.number);
    const row = number.tmDelete === null ? holder.get(digits) : undefined;
    if (row !== undefined && bytesToId(bytes(row[0])) !== number.id.toLowerCase()) return [0];
    const id = idToBytes(number.id);
    if (!isStillAsRead(request, id)) return [0];
    put.run(
      id,
      idToBytes(number.customerId),
      number.number,
      number.type,
      number.name,
      number.detail,
      number.optOut === null ? null : JSON.stringify(number.optOut),
      number.tmCreate,
      number.tmUpdate,
      number.tmDelete,
      digits,
    );
    wakes.directory();
    return [1];
  };
}
