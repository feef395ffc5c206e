import { describe, expect, it } from "vitest";
import { TEST_CERTIFICATE } from "../smpp/net/certificate.fixture.ts";
import { redactCarrierUrl } from "./carrier-url.ts";
import { keepPassword } from "./kept-password.ts";

const STORED = "smpp://id:s%40cr%3Aet@smsc.example?window=5";

function kept(text: string, stored: string | null = STORED) {
  const read = keepPassword(text, stored);
  if (!read.ok) throw new Error(read.reason);
  return read;
}

describe("a URL with its password struck out", () => {
  it("keeps the stored password, as it was written there, whatever else changes at the same account", () => {
    for (const text of [
      redactCarrierUrl(STORED),
      "smpp://id:***@smsc.example:2775?window=9&tps=3",
      "smpp://id:***@SMSC.example",
      "  smpp://id:***@smsc.example/?window=5 ",
    ]) {
      const { url, config } = kept(text);
      expect(config.password).toBe("s@cr:et");
      expect(url).toContain("id:s%40cr%3Aet@");
      expect(kept(url).config).toEqual(config);
    }
    expect(kept("smpp://id:***@smsc.example?window=9").config.windowSize).toBe(9);
  });

  it.each([
    "smpp://id:***@other.example",
    "smpp://id:***@smsc.example:2776",
    "smpp://other:***@smsc.example",
    "smpps://id:***@smsc.example:2775",
  ])("is refused where the password would go elsewhere: %s", (text) => {
    expect(keepPassword(text, STORED)).toEqual({
      ok: false,
      reason:
        "*** stands for a password that is not shown, which is kept only where scheme, host, port and system id stay: write the password itself (%2A%2A%2A if three asterisks are it)",
    });
  });

  it("is refused where it would be too long once its password stands in it", () => {
    const longest = `smpp://id:${"x".repeat(63)}@smsc.example`;
    const padded = `smpp://id:***@smsc.example${" ".repeat(32_768)}`.slice(0, 32_768);
    expect(kept(padded, longest).config.password).toHaveLength(63); // blanks around it are no part of it
    const encoded = `smpps://id:***@smsc.example?ca=${encodeURIComponent(TEST_CERTIFICATE)}`;
    const room = encoded + "\u00e9".repeat(32_768 - encoded.length);
    expect(keepPassword(room, "smpps://id:secret@smsc.example")).toEqual({
      ok: false,
      reason: "it has more than 32,768 characters",
    });
  });

  it("is refused where nothing is stored to keep", () => {
    const reason = expect.stringMatching(/^\*\*\* stands for a password that is not shown/);
    expect(keepPassword("smpp://id:***@smsc.example", null)).toEqual({ ok: false, reason });
    expect(keepPassword("smpp://id:***@smsc.example", "smpp://id@smsc.example")).toEqual({
      ok: false,
      reason,
    });
    expect(keepPassword("smpp://id:***@smsc.example", "no URL")).toEqual({ ok: false, reason });
  });
});

describe("a URL with a password of its own, or none", () => {
  it.each(["smpp://id:new@other.example", "smpp://id@smsc.example", "smpp://id:%2A%2A%2A@smsc.example"])(
    "is taken as it is: %s",
    (text) => {
      expect(kept(text).url).toBe(text);
      expect(kept(text, null).url).toBe(text);
    },
  );

  it("may have three asterisks for one, which are kept like any other", () => {
    const stored = "smpp://id:%2A%2A%2A@smsc.example";
    expect(kept(stored).config.password).toBe("***");
    expect(kept(redactCarrierUrl(stored), stored).config.password).toBe("***");
  });

  it("is refused with the reason when it cannot be right", () => {
    expect(keepPassword("smpp://id:***@smsc.example?widow=5", STORED)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("unknown key widow"),
    });
  });
});
