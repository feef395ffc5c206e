import { type Reason, REASONS, renderEnvelope } from "./errors.ts";
import { FIXED_HEADERS } from "./fixed-headers.ts";
import { HEADERS_MAX_BYTES } from "./limits.ts";
import type { NameRequest } from "./request-id.ts";

interface ClientError {
  readonly code?: string;
}

/** The part of a socket that is needed to say goodbye. */
interface ClosingSocket {
  readonly writable: boolean;
  end(bytes: string): unknown;
  destroy(): unknown;
}

const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

/** Answers what Node's HTTP parser gave up on, in the envelope like everything else, and closes the connection. */
export function createClientErrorAnswer(
  nameRequest: NameRequest,
): (error: ClientError, socket: ClosingSocket) => void {
  return (error, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const [reason, message] = meaningOf(error.code);
    const requestId = nameRequest(undefined); // whatever id the client sent was not read
    const body = renderEnvelope(reason, message, requestId, null);
    const { http } = REASONS[reason];
    const head = Object.entries({
      ...FIXED_HEADERS,
      "x-request-id": requestId,
      "content-type": "application/json; charset=utf-8",
      "content-length": String(Buffer.byteLength(body)),
      connection: "close",
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${http} ${PHRASES[http] ?? ""}\r\n${head.join("")}\r\n${body}`);
  };
}

function meaningOf(code: string | undefined): readonly [Reason, string] {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return [
        "HEADERS_TOO_LARGE",
        `the request line and headers are over ${HEADERS_MAX_BYTES.toLocaleString("en")} bytes`,
      ];
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return ["REQUEST_TIMEOUT", "the request did not arrive whole in time"];
    case undefined:
    default:
      return ["INVALID_ARGUMENT", "the request is not well-formed HTTP"];
  }
}
