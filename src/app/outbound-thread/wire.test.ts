import { describe, expect, it } from "vitest";
import type { GuardedRequest } from "../../outbound-http/guarded-client.ts";
import type { Outcome } from "../../outbound-http/outcome.ts";
import { type Call, decodeOutcome, decodeRequest, encodeOutcome, encodeRequest } from "./wire.ts";

const REQUEST: GuardedRequest = {
  url: { origin: "https://example.com:8443", hostname: "example.com", path: "/a?b" },
  method: "PUT",
  headers: ["x-name", "value"],
  body: "text",
  lane: "lane",
  timeoutMs: 1,
  maxBytes: 2,
  redirects: 3,
  isRepeatable: true,
};

describe("the wire to the thread", () => {
  it("carries every field of a request", () => {
    expect(crossing(REQUEST)).toEqual(REQUEST);
    const bare = { url: REQUEST.url, method: "GET" } as const;
    expect(crossing(bare)).toEqual(bare);
    const bytes = { ...REQUEST, body: Buffer.from([0, 255]) };
    expect(crossing(bytes)).toEqual(bytes);
  });

  it.each<Outcome>([
    {
      kind: "answered",
      status: 201,
      headers: { "x-one": "1", "set-cookie": ["a", "b"] },
      body: Buffer.from("body"),
    },
    { kind: "answered", status: 204, headers: {}, body: Buffer.alloc(0) },
    { kind: "failed", reason: "too_large", message: "words", status: 200, isSent: true },
    { kind: "failed", reason: "dns", message: "words", status: null, isSent: false },
  ])("carries outcome %j", (outcome) => {
    const reply = encodeOutcome(9, outcome);
    expect(reply[1]).toBe(9);
    expect(decodeOutcome(structuredClone(reply))).toEqual(outcome);
  });

  it("takes nothing along of what else a buffer's memory holds", () => {
    const part = Buffer.alloc(65_536).subarray(10, 14);
    expect(memoryIn(encodeRequest(1, { ...REQUEST, body: part }))).toEqual([4]);
    expect(memoryIn(encodeOutcome(1, { kind: "answered", status: 200, headers: {}, body: part }))).toEqual([
      4,
    ]);
  });
});

function memoryIn(values: readonly unknown[]): number[] {
  return values.filter((value) => value instanceof Uint8Array).map(({ buffer }) => buffer.byteLength);
}

function crossing(request: GuardedRequest): GuardedRequest {
  const call: Call = structuredClone(encodeRequest(1, request));
  if (call[0] !== "request") throw new Error(`became ${call[0]}`);
  return decodeRequest(call);
}
