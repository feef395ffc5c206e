import type { MessageChange, Resending } from "../accepting.ts";
import { createMessageReader, decodeMessage, messageRef } from "./message-wire.ts";
import { createTargetStop } from "./stop-target.ts";
import { resendTarget } from "./resend-target.ts";
import type { TargetRef } from "./target-rows.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeResendings(changes: readonly MessageChange[]): Wire {
  const wire: Wire = ["resendMessages", changes.length];
  for (const { customerId, messageId, at } of changes) wire.push(customerId, messageId, at);
  return wire;
}

export function decodeResendings(answer: WireReader): (Resending | null)[] {
  return answer.list((item) => {
    if (item.number() === 0) return null;
    const resent = item.list((n) => n.number());
    return { resent, message: decodeMessage(item) };
  });
}

/** Makes what is held of messages due at once, and answers them. */
export function resendMessages(context: WriterContext): Operation {
  const { connection, targets } = context;
  const messages = createMessageReader(connection);
  const stops = createTargetStop(context);

  function resend(target: TargetRef, at: number): boolean {
    const carrierId = targets.read(target)?.carrierId ?? null;
    return carrierId !== null && resendTarget(context, carrierId, target, at);
  }

  function resendOne(request: WireReader): Wire {
    const message = messageRef(request.text(), request.text());
    const at = request.number();
    if (message === null || messages.append([], message) === null) return [0];
    const unsent = stops.unsent(message);
    const resent = unsent.filter((target) => resend(target, at)).map(({ n }) => n);
    const answer: Wire = [1, resent.length, ...resent];
    messages.append(answer, message);
    return answer;
  }

  return (request) => {
    const changes = request.number();
    const answer: Wire = [changes];
    for (let index = 0; index < changes; index++) answer.push(...resendOne(request));
    return answer;
  };
}
