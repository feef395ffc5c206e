import type { CustomerId } from "../../domain/ids.ts";
import { CUSTOMERS_AT_ONCE, type SweptCustomer } from "../retention-walk.ts";
import { bytes, type Connection, integerOrNull } from "./connection.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import type { Operation } from "./writer-context.ts";

export const RETENTION_CUSTOMERS_SQL = `
  SELECT customer_id, retention_days, retention_content_days,
    EXISTS (SELECT 1 FROM retention_waiting w WHERE w.customer_id = c.customer_id)
  FROM customers c WHERE customer_id >= ?
  ORDER BY customer_id LIMIT ${CUSTOMERS_AT_ONCE}`;

/** What customers from an id on decided of how long they keep their messages, as JSON. */
export function retentionCustomers(connection: Connection): Operation {
  const select = connection.prepare(RETENTION_CUSTOMERS_SQL);
  return (request) => {
    const choices = select
      .all(idToBytes(request.text()))
      .map(([id, days, contentDays, waiting]): SweptCustomer => ({
        id: bytesToId(bytes(id)) as CustomerId, // a customer_id column
        retentionDays: integerOrNull(days),
        retentionContentDays: integerOrNull(contentDays),
        hasWaiting: waiting === 1,
      }));
    return [JSON.stringify(choices)];
  };
}
