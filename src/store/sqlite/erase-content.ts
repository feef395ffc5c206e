import { ERASED, isNumberSql } from "./address-sql.ts";
import { type Connection, text } from "./connection.ts";
import { type DeliveryRows, ERASED_BODY } from "./delivery-rows.ts";
import { hexToId } from "./id-bytes.ts";
import type { TargetRef } from "./target-rows.ts";

const MESSAGE_TABLES = ["messages", "deleted_messages"] as const;
const THE_MESSAGE = "customer_id = ?1 AND message_id = ?2";
const EMPTIED_OPTIONS = "json_remove(options, '$.data', '$.udh', '$.medias')";

export const ERASE_CONTENT_SQL = {
  /** Nothing, when nothing is left to take out. */
  emptyMessage: (table: string) => `
    UPDATE ${table} SET text = '', options = ${EMPTIED_OPTIONS},
      source = CASE WHEN ${isNumberSql("source", "?3")} THEN '${ERASED}' ELSE source END
    WHERE ${THE_MESSAGE} AND (text <> '' OR options <> ${EMPTIED_OPTIONS} OR ${isNumberSql("source", "?3")})`,
  attempts: `UPDATE attempts SET error = '', answer = '' WHERE ${THE_MESSAGE}`,
  undelivered: `DELETE FROM undelivered WHERE ${THE_MESSAGE}`,
  /** Each later attempt renders the message anew, as it is then; what one under way was made with does not come back. */
  bodies: `
    UPDATE deliveries SET body = '${ERASED_BODY}'
    WHERE endpoint_id IN (SELECT endpoint_id FROM endpoints WHERE customer_id = ?1) AND message_id = ?2
    RETURNING hex(endpoint_id), hex(event_id)`,
} as const;

type MessageRef = Pick<TargetRef, "customer" | "message">;

export interface ContentErasure {
  /**
   * Takes out of a message what it says, with whatever was told of it; answers how many said something.
   * @param digits the number that is taken out of its source as well; null for none
   */
  eraseContent(message: MessageRef, digits: string | null): number;
  /** Takes out what was told of a message, and answered. */
  eraseTellings(message: MessageRef): void;
}

export function createContentErasure(connection: Connection, deliveries: DeliveryRows): ContentErasure {
  const empties = MESSAGE_TABLES.map((table) => connection.prepare(ERASE_CONTENT_SQL.emptyMessage(table)));
  const attempts = connection.prepare(ERASE_CONTENT_SQL.attempts);
  const undelivered = connection.prepare(ERASE_CONTENT_SQL.undelivered);
  const bodies = connection.prepare(ERASE_CONTENT_SQL.bodies);

  function eraseTellings({ customer, message }: MessageRef): void {
    attempts.run(customer, message);
    undelivered.run(customer, message);
    for (const [endpoint, event] of bodies.all(customer, message))
      deliveries.erased(hexToId(text(endpoint)), hexToId(text(event)));
  }

  return {
    eraseTellings,
    eraseContent(message, digits) {
      let changed = 0;
      for (const empty of empties)
        changed += Number(empty.run(message.customer, message.message, digits).changes);
      eraseTellings(message);
      return changed;
    },
  };
}
