import { isUuid } from "../../domain/ids.ts";
import type { Cancellation, MessageChange } from "../accepting.ts";
import { VOUCH_SQL } from "./connection.ts";
import { readMessages } from "./message-rows.ts";
import { stopTargets, unsentTargets } from "./stop-targets.ts";
import { moveTargets } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** Stops what is not in flight of messages, and answers them as they are then. */
export function cancelMessages(
  context: WriterContext,
  changes: readonly MessageChange[],
): Promise<readonly (Cancellation | null)[]> {
  const named = changes.filter(({ customerId, messageId }) => isUuid(customerId) && isUuid(messageId));
  return moveTargets(context, async (unit) => {
    const known = await readMessages(unit.session, named, false);
    const times = new Map(named.map(({ messageId, at }) => [messageId.toLowerCase(), at]));
    const unsent = await unsentTargets(
      unit,
      named.filter(({ messageId }) => known.has(messageId.toLowerCase())),
    );
    const stopped = await stopTargets(unit, unsent, ({ messageId }) => times.get(messageId) ?? 0);
    // A commit that nobody heard of may have stopped them.
    if (stopped.length === 0) unit.session.withNext(VOUCH_SQL, []);
    unit.targets.flush();
    const messages = await readMessages(unit.session, named, false);
    return changes.map(({ messageId }) => {
      const message = messages.get(messageId.toLowerCase());
      if (message === undefined) return null;
      const canceled = stopped.filter((target) => target.messageId === message.id).map(({ n }) => n);
      return { message, canceled };
    });
  });
}
