import type { GuardedRequest } from "../../outbound-http/guarded-client.ts";
import type { AnswerHeaders, FailureReason, Outcome } from "../../outbound-http/outcome.ts";

const NOTHING = Buffer.alloc(0);

/** What the client's thread is told, many to a message. An array that holds only values is copied at the least cost. */
export type Call = readonly ["request", ...fields: RequestFields] | readonly ["close"];

/** What it says, many to a message too. */
export type Reply =
  | readonly ["answered", ...fields: AnswerFields]
  | readonly [
      "failed",
      id: number,
      reason: FailureReason,
      message: string,
      status: number | null,
      isSent: boolean,
    ]
  /** The client threw, which it does only when it was asked for what cannot be. */
  | readonly ["threw", id: number, message: string];

type RequestFields = [
  id: number,
  origin: string,
  hostname: string,
  path: string,
  method: GuardedRequest["method"],
  headers: string[] | undefined,
  body: string | Uint8Array | undefined,
  lane: string | undefined,
  timeoutMs: number | undefined,
  maxBytes: number | undefined,
  redirects: number | undefined,
  isRepeatable: boolean | undefined,
];

type AnswerFields = [id: number, status: number, headers: AnswerHeaders, body: Uint8Array | null];

export function encodeRequest(id: number, request: GuardedRequest): Call {
  const { url, method, headers, body, lane, timeoutMs, maxBytes, redirects, isRepeatable } = request;
  return [
    "request",
    id,
    url.origin,
    url.hostname,
    url.path,
    method,
    headers,
    typeof body === "object" ? copyOf(body) : body,
    lane,
    timeoutMs,
    maxBytes,
    redirects,
    isRepeatable,
  ];
}

/** Reads a request. */
export function decodeRequest(call: Call & { readonly 0: "request" }): GuardedRequest {
  const [, , origin, hostname, path, method, headers, sent] = call;
  const [, , , , , , , , lane, timeoutMs, maxBytes, redirects, isRepeatable] = call;
  const url = { origin, hostname, path };
  const body = typeof sent === "object" ? bufferOf(sent) : sent;
  return { url, method, headers, body, lane, timeoutMs, maxBytes, redirects, isRepeatable };
}

export function encodeOutcome(id: number, outcome: Outcome): Reply {
  if (outcome.kind === "failed")
    return ["failed", id, outcome.reason, outcome.message, outcome.status, outcome.isSent];
  const { status, headers, body } = outcome;
  return ["answered", id, status, headers, body.length === 0 ? null : copyOf(body)];
}

/** Reads how a request ended. */
export function decodeOutcome(reply: Reply): Outcome {
  if (reply[0] === "answered") {
    const [, , status, headers, body] = reply;
    return { kind: "answered", status, headers, body: body === null ? NOTHING : bufferOf(body) };
  }
  if (reply[0] !== "failed") throw new Error(`${reply[0]} answers no request`);
  const [, , reason, message, status, isSent] = reply;
  return { kind: "failed", reason, message, status, isSent };
}

/** A view crosses with all that it is a view of, which for a Buffer is kilobytes of others: only a copy is by itself. */
function copyOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
