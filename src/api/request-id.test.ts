import { describe, expect, it } from "vitest";
import { createRequestIds } from "./request-id.ts";

describe("the id of a request", () => {
  const nameRequest = createRequestIds((bytes) => bytes.fill(0xab));

  it.each(["a", "req_1", "A-b_9".repeat(12), "x".repeat(64)])(
    "is the client's own when it is %j",
    (given) => {
      expect(nameRequest(given)).toBe(given);
    },
  );

  it.each([undefined, "", "x".repeat(65), "a b", "a\r\nb", "é", ["a", "b"]])(
    "is made when the client's is %j",
    (given) => {
      expect(nameRequest(given)).toMatch(/^req_[A-Z0-9]{16,}$/);
    },
  );

  it("is never made twice", () => {
    const made = Array.from({ length: 1_000 }, () => nameRequest(undefined));
    expect(new Set(made).size).toBe(1_000);
  });
});
