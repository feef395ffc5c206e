import type { FastifyRequest } from "fastify";
import type { Door } from "./door.ts";
import { CLOSE_GRACE_MS } from "./limits.ts";

type Socket = FastifyRequest["raw"]["socket"];

/**
 * Ends connections when the door closes: those without a request under way at once, the others after their last answer, and
 * whoever takes longer than the grace is cut off. Node alone would wait a minute for a browser's spare connection, which has
 * not sent a byte.
 */
export function endConnectionsOnClose(door: Door): void {
  const underWay = new Map<Socket, number>();
  let isClosing = false;
  let grace: NodeJS.Timeout | undefined;

  door.server.on("connection", (socket: Socket) => {
    if (isClosing) {
      socket.destroy();
      return;
    }
    underWay.set(socket, 0);
    socket.once("close", () => underWay.delete(socket));
  });
  door.addHook("onRequest", ({ raw: { socket } }, _reply, done) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    done();
  });
  door.addHook("onResponse", ({ raw: { socket } }, _reply, done) => {
    const left = (underWay.get(socket) ?? 1) - 1;
    if (!socket.destroyed) underWay.set(socket, left);
    if (isClosing && left === 0) socket.end();
    done();
  });
  door.addHook("preClose", (done) => {
    isClosing = true;
    for (const [socket, requests] of underWay) if (requests === 0) socket.destroy();
    grace = setTimeout(() => door.server.closeAllConnections(), CLOSE_GRACE_MS);
    done();
  });
  door.addHook("onClose", (_door, done) => {
    clearTimeout(grace);
    done();
  });
}
