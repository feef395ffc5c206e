import { isUuid } from "../../domain/ids.ts";
import type { MessageChange, Resending } from "../accepting.ts";
import { readMessages } from "./message-rows.ts";
import { resendTargets } from "./resend-targets.ts";
import { unsentTargets } from "./stop-targets.ts";
import { placeOf } from "./target-rows.ts";
import { moveTargets } from "./unit-of-work.ts";
import type { WriterContext } from "./writer-context.ts";

/** Makes what is held of messages due at once, and answers them. */
export function resendMessages(
  context: WriterContext,
  changes: readonly MessageChange[],
): Promise<readonly (Resending | null)[]> {
  const named = changes.filter(({ customerId, messageId }) => isUuid(customerId) && isUuid(messageId));
  return moveTargets(context, async (unit) => {
    const { session, targets } = unit;
    const messages = await readMessages(session, named, false);
    const times = new Map(named.map(({ messageId, at }) => [messageId.toLowerCase(), at]));
    const unsent = await unsentTargets(
      unit,
      named.filter(({ messageId }) => messages.has(messageId.toLowerCase())),
    );
    await targets.hold(unsent);
    const queued = unsent.flatMap((target) => {
      const carrierId = targets.read(target)?.carrierId ?? null;
      return carrierId === null ? [] : [{ carrierId, target, at: times.get(target.messageId) ?? 0 }];
    });
    const ended = await resendTargets(unit, queued);
    const resent = queued.filter(({ target }) => ended.has(placeOf(target)));
    return changes.map(({ messageId }) => {
      const message = messages.get(messageId.toLowerCase());
      if (message === undefined) return null;
      const ofIt = resent.filter(({ target }) => target.messageId === message.id);
      return { message, resent: ofIt.map(({ target }) => target.n) };
    });
  });
}
