import type { CustomerId, EventId, Ids, MessageId } from "../domain/ids.ts";
import { type Message, type MessageType, PRIORITIES, type Target } from "../domain/message.ts";
import { addMs, type Micros } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { CheckedRequest } from "./accept-request.ts";
import type { TargetPlan } from "./plan-targets.ts";

/** Everything that is to be stored of a message, save what depends on the door and on the hand-over. */
export interface BuiltMessage {
  readonly message: Message;
  readonly queue: readonly OutboundTarget[];
  readonly eventId: EventId;
}

/** Makes the message with its targets, and the queue rows of those targets that are to be sent. */
export function buildMessage(
  customerId: CustomerId,
  request: CheckedRequest,
  type: MessageType,
  plans: readonly TargetPlan[],
  now: Micros,
  ids: Ids,
  validityMs: number,
): BuiltMessage {
  const { source, destinations, text, options } = request;
  const { tmSchedule, tmExpire } = options;
  const id = ids.at(now) as MessageId; // ids are branded where they are made
  const dueAt = tmSchedule ?? now;
  const shared = {
    customerId,
    messageId: id,
    type,
    source,
    text,
    options,
    priority: options.priority ?? PRIORITIES.normal,
    dueAt,
    expiresAt: tmExpire ?? addMs(dueAt, validityMs),
    attempts: 0,
    partStates: "",
  };
  const waiting = tmSchedule === undefined ? "queued" : "scheduled";
  const targets: Target[] = [];
  const queue: OutboundTarget[] = [];
  for (const [n, destination] of destinations.entries()) {
    const plan = plans[n];
    if (plan === undefined) throw new Error(`destination ${n} has no plan`);
    const { parts } = plan;
    if (plan.kind === "failed") {
      targets.push({ n, destination, status: "failed", parts, tmUpdate: now, failure: plan.failure });
      continue;
    }
    const { carrierId, fallbacks } = plan;
    targets.push({ n, destination, status: waiting, parts, tmUpdate: now, failure: null });
    queue.push({ ...shared, n, destination, parts, carrierId, fallbacks });
  }
  const message: Message = {
    id,
    customerId,
    type,
    direction: "outbound",
    source,
    text,
    options,
    tmCreate: now,
    tmUpdate: null,
    tmDelete: null,
    targets,
  };
  return { message, queue, eventId: ids.at(now) as EventId };
}
