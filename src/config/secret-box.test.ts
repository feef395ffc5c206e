import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSecretBox } from "./secret-box.ts";
import { keepProposedKey, proposeSecretKey, readSecretKey } from "./secret-key-file.ts";

const KEY = "0123456789abcdef0123456789abcdef";

describe("a secret box", () => {
  const box = createSecretBox(KEY);

  it("opens what it sealed, and so does another with the same key", () => {
    for (const text of ["", "smpp://id:pässword@host:2775", "x".repeat(10_000)]) {
      expect(createSecretBox(KEY).open(box.seal(text))).toBe(text);
    }
  });

  it("seals the same text differently each time, and shows nothing of it", () => {
    expect(box.seal("open sesame")).not.toBe(box.seal("open sesame"));
    expect(Buffer.from(box.seal("open sesame").slice(3), "base64url").toString("latin1")).not.toContain(
      "sesame",
    );
  });

  it("refuses what was sealed with another key", () => {
    expect(() => createSecretBox(KEY.replace("0", "1")).open(box.seal("secret"))).toThrow(
      "sealed with another key",
    );
  });

  it("refuses a sealed text with any character changed, or cut at any place", () => {
    const sealed = box.seal("secret");
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === "A" ? "Q" : "A";
      expect(() => box.open(sealed.slice(0, at) + other + sealed.slice(at + 1))).toThrow(Error);
      expect(() => box.open(sealed.slice(0, at))).toThrow(Error);
    }
  });
});

describe("the key of a data directory", () => {
  it("is made once, for its owner alone, and read again", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "msgbin-key-"));
    expect(readSecretKey(dataDir)).toBeNull();
    const key = proposeSecretKey(dataDir);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(readSecretKey(dataDir)).toBeNull();
    expect(proposeSecretKey(dataDir)).toBe(key);
    keepProposedKey(dataDir);
    expect(readSecretKey(dataDir)).toBe(key);
    expect(statSync(join(dataDir, "secret.key")).mode & 0o777).toBe(0o600);
    expect(() => proposeSecretKey(dataDir)).toThrow("is there already");
    rmSync(dataDir, { recursive: true });
  });

  it.each(["", "0".repeat(64), `${"0".repeat(63)}\n`])("is made whole where half of one is: %j", (half) => {
    const dataDir = mkdtempSync(join(tmpdir(), "msgbin-key-"));
    writeFileSync(join(dataDir, "secret.key.unfinished"), half);
    expect(readSecretKey(dataDir)).toBeNull();
    expect(proposeSecretKey(dataDir)).toMatch(/^(?!0{64})[0-9a-f]{64}$/);
    keepProposedKey(dataDir);
    expect(readdirSync(dataDir)).toEqual(["secret.key"]);
    rmSync(dataDir, { recursive: true });
  });
});
