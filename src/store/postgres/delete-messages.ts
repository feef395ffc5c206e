import { isUuid } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import type { MessageChange } from "../accepting.ts";
import { ids, numbers } from "./array-literals.ts";
import { HEAD_COLUMNS, readMessages } from "./message-rows.ts";
import { moveTargets } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

export const DELETE_SQL = {
  name: "messages_delete",
  text: `
  WITH gone AS (
    DELETE FROM messages m USING unnest($1::uuid[], $2::uuid[]) AS u (c, m)
    WHERE m.customer_id = u.c AND m.message_id = u.m RETURNING m.*
  )
  INSERT INTO deleted_messages (${HEAD_COLUMNS})
  SELECT g.customer_id, g.message_id, g.type, g.direction, g.source, g.text, g.options, g.tm_create, u.at, u.at
  FROM gone g JOIN unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS u (c, m, at)
    ON u.c = g.customer_id AND u.m = g.message_id
  RETURNING message_id`,
} as const;

/** Moves messages to the deleted ones, once, and answers them whole. */
export async function deleteMessages(
  context: WriterContext,
  pile: readonly (readonly MessageChange[])[],
): Promise<readonly (readonly (Message | null)[])[]> {
  const named = pile.flat().filter(({ customerId, messageId }) => isUuid(customerId) && isUuid(messageId));
  const first = new Map<string, MessageChange>();
  for (const change of named) {
    const place = `${change.customerId} ${change.messageId}`;
    if (!first.has(place)) first.set(place, change);
  }
  const changes = [...first.values()];
  const messages = await moveTargets(context, async ({ session, targets, events }) => {
    await targets.hold(changes.map(({ customerId, messageId }) => ({ customerId, messageId, n: 0 })));
    const rows = await session.rows<{ message_id: string }>(DELETE_SQL, [
      ids(changes.map(({ customerId }) => customerId)),
      ids(changes.map(({ messageId }) => messageId)),
      numbers(changes.map(({ at }) => at)),
    ]);
    const gone = new Set(rows.map(({ message_id }) => message_id));
    const deleted = changes.filter(({ messageId }) => gone.has(messageId.toLowerCase()));
    if (deleted.length > 0) await events.deleted(deleted);
    return readMessages(session, changes, true);
  });
  return pile.map((wanted) =>
    wanted.map(({ customerId, messageId }) => {
      const message = messages.get(messageId.toLowerCase());
      return message?.customerId === customerId.toLowerCase() ? message : null;
    }),
  );
}
