import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../config/config.ts";
import { secretBoxOf, secretKeyOf } from "./secret-box-of.ts";
import { StartRefused } from "./start-refused.ts";

describe("the key that secrets are sealed with", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "msgbin-key-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  function configOf(secretKey: string | null) {
    return { dataDir, secrets: { secretKey } } as Config; // all that is read of one
  }

  it("is the operator's, and nothing is kept of it", () => {
    const key = "0123456789abcdef";
    expect(secretKeyOf(configOf(key))).toBe(key);
    const sealed = secretBoxOf(configOf(key)).seal("text");
    expect(secretBoxOf(configOf(key)).open(sealed)).toBe("text");
    expect(existsSync(join(dataDir, "secret.key"))).toBe(false);
  });

  it("is made and kept where there is none", () => {
    expect(secretKeyOf(configOf(null))).toBeNull();
    const sealed = secretBoxOf(configOf(null)).seal("text");
    expect(secretBoxOf(configOf(null)).open(sealed)).toBe("text");
    expect(secretKeyOf(configOf(null))).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(["", "\n", "0123456789abcde\n"])("is refused when the file holds %j", (content) => {
    writeFileSync(join(dataDir, "secret.key"), content);
    expect(() => secretKeyOf(configOf(null))).toThrow(StartRefused);
    expect(() => secretBoxOf(configOf(null))).toThrow("is empty or too short to be a key");
  });
});
