import { digitsOf, type OwnedNumber } from "../../domain/owned-number.ts";
import type { NumberOutcome } from "../numbering.ts";
import { bytes } from "./connection.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import { NUMBER_COLUMNS } from "./read-numbers.ts";
import { createStillAsRead } from "./still-as-read.ts";
import { readJson, type Wire } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/**
 * Inserts or replaces a number, unless its customer does not live, another living record has its digits or it is no longer as it
 * was read. Answers its outcome.
 */
export function putNumber({ connection, wakes }: WriterContext): Operation {
  const holder = connection.prepare("SELECT number_id FROM numbers WHERE digits = ? AND tm_delete IS NULL");
  const owner = connection.prepare("SELECT 1 FROM customers WHERE customer_id = ? AND tm_delete IS NULL");
  const isStillAsRead = createStillAsRead(connection, "numbers", ["number_id"]);
  const put = connection.prepare(
    `INSERT OR REPLACE INTO numbers (${NUMBER_COLUMNS}, digits) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (request) => {
    const number = readJson(request) as OwnedNumber;
    const digits = digitsOf(number.number);
    const customer = idToBytes(number.customerId);
    if (number.tmDelete === null && owner.get(customer) === undefined) return answer("no_owner");
    const row = number.tmDelete === null ? holder.get(digits) : undefined;
    if (row !== undefined && bytesToId(bytes(row[0])) !== number.id.toLowerCase()) return answer("refused");
    const id = idToBytes(number.id);
    if (!isStillAsRead(request, id)) return answer("refused");
    put.run(
      id,
      customer,
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
    return answer("written");
  };
}

function answer(outcome: NumberOutcome): Wire {
  return [outcome];
}
