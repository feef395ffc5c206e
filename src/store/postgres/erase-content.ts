import { ERASED, isNumberSql } from "./address-sql.ts";
import type { Session } from "./connection.ts";
import type { MessageRef } from "./message-rows.ts";
import { ERASED_BODY } from "./settle-deliveries.ts";

const MESSAGE_TABLES = ["messages", "deleted_messages"] as const;
const THE_MESSAGE = "customer_id = $1 AND message_id = $2";
const EMPTIED_OPTIONS = "(options::jsonb - 'data' - 'udh' - 'medias')";

export const ERASE_CONTENT_SQL = {
  /** Nothing, when nothing is left to take out. */
  emptyMessage: (table: string) => ({
    name: `erase_empty_${table}`,
    text: `
    UPDATE ${table} SET text = '', options = ${EMPTIED_OPTIONS}::text,
      source = CASE WHEN ${isNumberSql("source", "$3::text")} THEN '${ERASED}' ELSE source END
    WHERE ${THE_MESSAGE}
      AND (text <> '' OR options::jsonb <> ${EMPTIED_OPTIONS} OR ${isNumberSql("source", "$3::text")})`,
  }),
  attempts: {
    name: "erase_attempts",
    text: `UPDATE attempts SET error = '', answer = '' WHERE ${THE_MESSAGE}`,
  },
  undelivered: { name: "erase_undelivered", text: `DELETE FROM undelivered WHERE ${THE_MESSAGE}` },
  /** Each later attempt renders the message anew, as it is then; what one under way was made with does not come back. */
  bodies: {
    name: "erase_bodies",
    text: `
    UPDATE deliveries SET body = '${ERASED_BODY}'
    WHERE endpoint_id IN (SELECT endpoint_id FROM endpoints WHERE customer_id = $1) AND message_id = $2`,
  },
} as const;

/**
 * Takes out of a message what it says, with whatever was told of it; answers how many said something.
 * @param digits the number that is taken out of its source as well; null for none
 */
export async function eraseContent(
  session: Session,
  message: MessageRef,
  digits: string | null,
): Promise<number> {
  let changed = 0;
  for (const table of MESSAGE_TABLES) {
    const values = [message.customerId, message.messageId, digits];
    changed += await session.run(ERASE_CONTENT_SQL.emptyMessage(table), values);
  }
  await eraseTellings(session, message);
  return changed;
}

/** Takes out what was told of a message, and answered. */
export async function eraseTellings(session: Session, { customerId, messageId }: MessageRef): Promise<void> {
  const { attempts, undelivered, bodies } = ERASE_CONTENT_SQL;
  for (const statement of [attempts, undelivered, bodies])
    await session.run(statement, [customerId, messageId]);
}
