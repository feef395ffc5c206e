import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../config/config.ts";
import type { Store } from "../store/store.ts";
import { openStoreOf } from "../../test/support/store-of.ts";
import { isKeyOf, secretKeyOf, settleSecretBox } from "./secret-box-of.ts";
import { StartRefused } from "./start-refused.ts";

describe("the key that secrets are sealed with", () => {
  const GIVEN = "0123456789abcdef";
  let dataDir: string;
  let store: Store;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "msgbin-key-"));
    store = await openStoreOf(join(dataDir, "msgbin.db"));
  });
  afterEach(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true });
  });

  function configOf(secretKey: string | null) {
    return { dataDir, secrets: { secretKey } } as Config; // all that is read of one
  }

  it("is the operator's, and nothing is kept of it", async () => {
    expect(secretKeyOf(configOf(GIVEN))).toBe(GIVEN);
    const sealed = (await settleSecretBox(configOf(GIVEN), store)).seal("text");
    expect((await settleSecretBox(configOf(GIVEN), store)).open(sealed)).toBe("text");
    expect(existsSync(join(dataDir, "secret.key"))).toBe(false);
  });

  it("is made and kept where there is none", async () => {
    expect(secretKeyOf(configOf(null))).toBeNull();
    const sealed = (await settleSecretBox(configOf(null), store)).seal("text");
    expect((await settleSecretBox(configOf(null), store)).open(sealed)).toBe("text");
    expect(secretKeyOf(configOf(null))).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is not made beside a database that was sealed with one", async () => {
    await settleSecretBox(configOf(GIVEN), store);
    await expect(settleSecretBox(configOf(null), store)).rejects.toThrow(
      /no secret\.key in .*MSGBIN_SECRET_KEY/,
    );
    expect(existsSync(join(dataDir, "secret.key"))).toBe(false);
  });

  it("is refused, and told to be wrong, when it is another than the first", async () => {
    expect(await isKeyOf(store, configOf(GIVEN))).toBeNull();
    await settleSecretBox(configOf(GIVEN), store);
    expect(await isKeyOf(store, configOf(GIVEN))).toBe(true);
    expect(await isKeyOf(store, configOf(null))).toBeNull();
    const other = configOf("another key of the tests");
    expect(await isKeyOf(store, other)).toBe(false);
    await expect(settleSecretBox(other, store)).rejects.toThrow(
      "sealed with another key: set MSGBIN_SECRET_KEY",
    );
  });

  it.each(["", "\n", "0123456789abcde\n"])("is refused when the file holds %j", async (content) => {
    writeFileSync(join(dataDir, "secret.key"), content);
    expect(() => secretKeyOf(configOf(null))).toThrow(StartRefused);
    await expect(settleSecretBox(configOf(null), store)).rejects.toThrow("is empty or too short to be a key");
  });
});
