import { createHmac, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { HmacSha256 } from "./hmac-sha256.ts";

describe("HmacSha256", () => {
  it("agrees with RFC 4231, test cases 1, 2 and 6", () => {
    expect(sign(Buffer.alloc(20, 0x0b), "Hi There")).toBe(
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    );
    expect(sign(Buffer.from("Jefe"), "what do ya want for nothing?")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
    expect(sign(Buffer.alloc(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First")).toBe(
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    );
  });

  it.each([0, 1, 24, 63, 64, 65, 200])(
    "agrees with node:crypto for a key of %i bytes, again and again",
    (bytes) => {
      const key = randomBytes(bytes);
      const hmac = new HmacSha256(key);
      for (const length of [0, 1, 55, 64, 1_000, 200_000]) {
        const body = randomBytes(length);
        const expected = createHmac("sha256", key).update("head.").update(body);
        expect(hmac.sign("head.", body, "base64")).toBe(expected.digest("base64"));
      }
    },
  );
});

function sign(key: Buffer, text: string): string {
  return new HmacSha256(key).sign("", Buffer.from(text), "hex");
}
