import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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

  it("is one alone when two nodes start on a new database at once, and the other keeps none", async () => {
    const dataDirs = ["one", "two"].map((name) => join(dataDir, name));
    for (const folder of dataDirs) mkdirSync(folder);
    const settled = await Promise.allSettled(
      dataDirs.map((folder) => settleSecretBox({ ...configOf(null), dataDir: folder }, store)),
    );
    const refused = settled.flatMap((start) => (start.status === "rejected" ? [start.reason as Error] : []));
    expect(refused).toEqual([expect.any(StartRefused)]);
    expect(refused[0]?.message).toMatch(/another node .*secret\.key.*MSGBIN_SECRET_KEY/);
    const files = dataDirs.map((folder) => readdirSync(folder));
    expect(files.toSorted((a, b) => a.length - b.length)).toEqual([[], ["secret.key"]]);
    const [winner = "", loser = ""] = settled[0]?.status === "fulfilled" ? dataDirs : dataDirs.toReversed();
    copyFileSync(join(winner, "secret.key"), join(loser, "secret.key"));
    await settleSecretBox({ ...configOf(null), dataDir: loser }, store);
  });

  it("is found again where a process ended just after the database was sealed with it", async () => {
    const sealed = (await settleSecretBox(configOf(null), store)).seal("text");
    renameSync(join(dataDir, "secret.key"), join(dataDir, "secret.key.unfinished"));
    expect((await settleSecretBox(configOf(null), store)).open(sealed)).toBe("text");
    expect(readdirSync(dataDir)).toContain("secret.key");
  });

  it("is none that a process made and did not come to seal anything with, once another did", async () => {
    writeFileSync(join(dataDir, "secret.key.unfinished"), `${"0".repeat(64)}\n`);
    await settleSecretBox(configOf(GIVEN), store);
    await expect(settleSecretBox(configOf(null), store)).rejects.toThrow("there is no secret.key");
    expect(readdirSync(dataDir).filter((name) => name.startsWith("secret.key"))).toEqual([]);
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
