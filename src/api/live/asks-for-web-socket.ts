import type { FastifyRequest } from "fastify";

/** With a slash at its end too, as all our paths. */
const WEB_SOCKET_PATH = /^\/v1\.0\/ws\/?(?:\?|$)/;

/**
 * Whether a request wants a WebSocket where there is one. Any other offer to go on in another protocol is ignored (RFC 9110
 * §7.8): curl and Java's HttpClient offer h2c with every request over plain HTTP, and Node reads no body of a request that
 * it hands on as an upgrade.
 */
export function asksForWebSocket({ method, url, headers }: FastifyRequest["raw"]): boolean {
  return (
    method === "GET" && headers.upgrade?.toLowerCase() === "websocket" && WEB_SOCKET_PATH.test(url ?? "")
  );
}
