import websocket, { type WebSocket } from "@fastify/websocket";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Guard } from "../auth/guard.ts";
import type { Principals } from "../auth/principals.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { SOCKET_MESSAGE_MAX_BYTES } from "../limits.ts";
import { LiveDesk } from "../live/live-desk.ts";
import { LiveSocket, type LiveSocketDeps } from "../live/live-socket.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";
import type { Logger } from "../../domain/logger.ts";
import type { Store } from "../../store/store.ts";

interface LiveEventsDeps extends LiveSocketDeps {
  readonly guard: Guard;
  readonly principals: Principals;
  readonly store: LiveSocketDeps["store"] & Pick<Store, "onWake">;
  readonly logger: Logger;
}

const schema = {
  tags: ["Webhooks"],
  summary: "Hear of events at once",
  description: `A WebSocket. Send \`{"type": "subscribe", "topics": ["customer_id:<your id>:message"]}\`: each topic takes in all that begin with it. What webhooks are called with then comes as text, with \`id\`, the event's. \`"ack": true\` asks for an answer: you hear of every change that is made after it. After a break add \`"last_event_id"\`, the greatest \`id\` that you had, to hear first of what came after it. \`unsubscribe\` ends it. Each message counts as a request. It is closed with 4401 when your credential expires or is withdrawn, with 1013 when you ask too often, have too many open or read too slowly, with 1002, 1007, 1008 or 1009 for what is no text of at most ${SOCKET_MESSAGE_MAX_BYTES} bytes, and with 1001 when the server stops or cannot read events.`,
  response: answers(
    "Never: the answer is 101. Each frame holds this.",
    Type.Object({
      id: Type.String({ format: "uuid" }),
      type: Type.String(),
      data: reference("Message"),
    }),
  ),
};

/** RFC 6455 §7.4.1: policy, and try again later (IANA). */
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

/** `GET /v1.0/ws`: an event stream for whoever cannot be called. */
export async function liveEvents(door: Door, deps: LiveEventsDeps): Promise<void> {
  const desk = new LiveDesk(deps);
  await door.register(websocket, {
    options: { maxPayload: SOCKET_MESSAGE_MAX_BYTES },
    // Who speaks no WebSocket, or says too much at once, ws sends away by itself, with a code that says why.
    errorHandler: (_error, wire) => {
      if (wire.readyState === wire.OPEN) wire.terminate();
    },
    preClose: (done) => {
      desk.stop(() => {
        for (const wire of door.websocketServer.clients) wire.terminate();
      });
      door.websocketServer.close();
      done();
    },
  });
  door.addHook("onClose", () => desk.end());
  door.route({
    method: "GET",
    url: "/v1.0/ws",
    schema,
    onRequest: deps.guard.customer,
    handler: () => {
      throw new Refusal("UPGRADE_REQUIRED", "this path speaks WebSocket", {
        headers: { upgrade: "websocket" },
      });
    },
    wsHandler: (wire, request) => welcome(wire, request, desk, deps),
  });
}

function welcome(wire: WebSocket, request: FastifyRequest, desk: LiveDesk, deps: LiveEventsDeps): void {
  const { customerId, expiresAt } = principalOf(request);
  const refusal = desk.refusal(customerId);
  if (refusal !== null) {
    wire.close(TRY_AGAIN_LATER, refusal);
    return;
  }
  const socket = new LiveSocket(wire, customerId, deps, () => desk.wake());
  const { credential } = request;
  const isStillGood = async (): Promise<boolean> =>
    credential !== null && (await deps.principals.find(credential)) !== null;
  desk.add({ socket, expiresAt, isStillGood });
  wire.on("message", (data, isBinary) => {
    if (!deps.guard.mayAsk(customerId)) socket.leave(TRY_AGAIN_LATER, "too many messages");
    else if (isBinary) socket.leave(POLICY_VIOLATION, "messages are texts");
    else socket.hear(textOf(data));
    desk.wake();
  });
  wire.on("pong", () => socket.answered());
  wire.on("error", () => socket.gone());
  wire.on("close", () => {
    socket.gone();
    desk.remove(socket);
  });
}

/** A text arrives as one Buffer, for that is ws's default. */
function textOf(data: unknown): string {
  return Buffer.isBuffer(data) ? data.toString("utf8") : "";
}
