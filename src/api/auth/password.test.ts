import { getRandomValues } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createPasswords, PASSWORD_WAITING_MAX, PasswordsBusy } from "./password.ts";

describe("passwords", () => {
  const passwords = createPasswords(getRandomValues);

  it("match their hash and no other", async () => {
    const hash = await passwords.hash("correct horse");
    expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$/);
    expect(await passwords.matches("correct horse", hash)).toBe(true);
    expect(await passwords.matches("correct horsE", hash)).toBe(false);
    expect(await passwords.matches("", hash)).toBe(false);
  });

  it("are salted: the same one never has the same hash", async () => {
    expect(await passwords.hash("a")).not.toBe(await passwords.hash("a"));
  });

  it("are the same however a keyboard composed their letters", async () => {
    expect(await passwords.matches("cafe\u0301", await passwords.hash("caf\u00e9"))).toBe(true);
  });

  it("of nobody match nothing", async () => {
    expect(await passwords.matches("a", null)).toBe(false);
  });

  it("are checked at the cost they were hashed with (RFC 7914 §12)", async () => {
    const key = Buffer.from("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162", "hex");
    const salt = Buffer.from("NaCl").toString("base64");
    const stored = `$scrypt$ln=10,r=8,p=16$${salt}$${key.toString("base64")}`;
    expect(await passwords.matches("password", stored)).toBe(true);
    await expect(passwords.matches("a", "$scrypt$ln=10,r=8,p=1$AAAA$")).rejects.toThrow("no known form");
  });

  it("wait their turn up to a number, and the one past it is told so", async () => {
    const crowded = createPasswords(getRandomValues);
    const cheap = `$scrypt$ln=1,r=1,p=1$${Buffer.alloc(16).toString("base64")}$${Buffer.alloc(32).toString("base64")}`;
    const atOnce = 2;
    const checks = Array.from({ length: atOnce + PASSWORD_WAITING_MAX }, () => crowded.matches("a", cheap));
    await expect(crowded.matches("a", cheap)).rejects.toThrow(PasswordsBusy);
    expect(await Promise.all(checks)).toEqual(checks.map(() => false));
    expect(await crowded.matches("a", cheap)).toBe(false);
  });
});
