import { describe, expect, it } from "vitest";
import { Refusal } from "./errors.ts";
import { readIdempotency } from "./idempotency.ts";

const REQUEST = { method: "POST", url: "/v1.0/messages", body: Buffer.from("{}") };

describe("an idempotency key", () => {
  it.each(["a", "A-1_b:c.d", "x".repeat(255)])("is %j, quoted or bare", (key) => {
    expect(readIdempotency(key, REQUEST).key).toBe(key);
    expect(readIdempotency(`"${key}"`, REQUEST).key).toBe(key);
  });

  it.each(["", '""', "x".repeat(256), "a b", '"a', "a, b", "é", "a/b"])(
    "is refused in the form %j",
    (text) => {
      expect(() => readIdempotency(text, REQUEST)).toThrow(Refusal);
    },
  );
});

describe("the fingerprint of a request", () => {
  const plain = readIdempotency("k", REQUEST).fingerprint;
  const of = (change: Partial<typeof REQUEST>) => readIdempotency("k", { ...REQUEST, ...change }).fingerprint;

  it("changes with method, path, query and each byte of the body", () => {
    const all = [
      plain,
      of({ method: "PUT" }),
      of({ url: "/v1.0/other" }),
      of({ url: "/v1.0/messages?a=1" }),
      of({ body: Buffer.from("{ }") }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("does not change with the credential", () => {
    expect(of({ url: "/v1.0/messages?token=abc" })).toBe(plain);
    expect(of({ url: "/v1.0/messages?accesskey=vb_x" })).toBe(plain);
    expect(of({ url: "/v1.0/messages?token=abc&a=1" })).toBe(of({ url: "/v1.0/messages?a=1&token=def" }));
  });
});
