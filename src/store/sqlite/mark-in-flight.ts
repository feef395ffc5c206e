import type { InFlightMark } from "../queueing.ts";
import { idToBytes } from "./id-bytes.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeMarks(marks: readonly InFlightMark[]): Wire {
  const wire: Wire = ["markInFlight", marks.length];
  for (const { carrierId, messageId, n, node, bind, epoch, at } of marks) {
    wire.push(carrierId, messageId, n, node, bind, epoch, at);
  }
  return wire;
}

export function decodeMarked(answer: WireReader): boolean[] {
  return answer.list((item) => item.number() === 1);
}

/** Marks leased targets in flight: one update in place each, for no index covers what it changes. */
export function markInFlight({ queue }: WriterContext): Operation {
  return (request) => {
    const marks = request.number();
    const answer: Wire = [marks];
    for (let index = 0; index < marks; index++) {
      const [carrierId, message, n] = [request.text(), idToBytes(request.text()), request.number()];
      const [node, bind, epoch, at] = [request.text(), request.number(), request.number(), request.number()];
      answer.push(queue.mark(carrierId, message, n, node, { bind, epoch, at }) ? 1 : 0);
    }
    return answer;
  };
}
