import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPasswords } from "../api/auth/password.ts";
import { alterStore } from "../api/fixtures/altered-store.ts";
import { createSecretBox } from "../config/secret-box.ts";
import { ADMIN_PERMISSION } from "../domain/customer.ts";
import { createIds, type CustomerId } from "../domain/ids.ts";
import { createLogger } from "../observe/log.ts";
import { SILENT_METRICS } from "../observe/metrics.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { noteFirstRunShown, settleAdministrator } from "./first-run.ts";
import { readJwtKey, settleJwtKey } from "./jwt-key.ts";
import { createSystemClock } from "./system-clock.ts";

const clock = createSystemClock();
const fillRandom = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);
const passwords = createPasswords(fillRandom);
const secretBox = createSecretBox("a key of the tests, long enough for one");

describe("on a new database", () => {
  let home: string;
  let store: Store;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "msgbin-first-run-"));
    const logger = createLogger({ level: "silent", form: "json", sink: { write: () => true } });
    store = await openSqliteStore({ file: join(home, "msgbin.db"), clock, logger, metrics: SILENT_METRICS });
  });
  afterEach(async () => {
    await store.close();
    rmSync(home, { recursive: true });
  });

  function settle(wantedPassword: string | null, seen = store) {
    return settleAdministrator({
      store: seen,
      passwords,
      secretBox,
      clock,
      ids: createIds(fillRandom),
      fillRandom,
      wantedPassword,
    });
  }

  it("the first start makes the administrator with a password that is easy to type", async () => {
    const { customer, generatedPassword, isFirstRun } = await settle(null);
    expect(isFirstRun).toBe(true);
    expect(generatedPassword).toMatch(/^([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}$/);
    expect(customer?.permissionIds).toEqual([ADMIN_PERMISSION]);
    const stored = await store.findCustomer("admin");
    expect(await passwords.matches(generatedPassword ?? "", stored?.passwordHash ?? null)).toBe(true);
    expect(await store.listEndpoints(stored?.id ?? ("" as CustomerId))).toHaveLength(1);
  });

  it("a password that nobody was shown is replaced by the next start, one that was shown stays", async () => {
    const first = await settle(null);
    const second = await settle(null);
    expect(second.generatedPassword).not.toBe(first.generatedPassword);
    expect(second.customer?.id).toBe(first.customer?.id);
    await noteFirstRunShown(store);
    const third = await settle(null);
    expect(third).toMatchObject({ generatedPassword: null, isFirstRun: false });
    expect(third.customer?.passwordHash).toBe(second.customer?.passwordHash);
  });

  it("the operator's password counts, and another one later changes it and ends earlier tokens", async () => {
    const first = await settle("the first password");
    expect(first.generatedPassword).toBeNull();
    await noteFirstRunShown(store);
    const same = await settle("the first password");
    expect(same.customer).toEqual(first.customer);
    const changed = await settle("the second password");
    expect(await passwords.matches("the second password", changed.customer?.passwordHash ?? null)).toBe(true);
    expect(changed.customer?.tmCredentials).toBeGreaterThan(first.customer?.tmCredentials ?? Infinity);
  });

  it("the operator's password leaves what another process changes at that moment", async () => {
    const { customer } = await settle("the first password");
    if (customer === null) throw new Error("no administrator");
    const elsewhere = { ...customer, name: "renamed", tmUpdate: clock.now() };
    const seen = alterStore(store, {
      async findCustomer(username) {
        const found = await store.findCustomer(username);
        await store.putCustomer(elsewhere, customer);
        return found;
      },
    });
    await settle("the second password", seen);
    const stored = await store.findCustomer("admin");
    expect(stored?.name).toBe("renamed");
    expect(await passwords.matches("the second password", stored?.passwordHash ?? null)).toBe(true);
  });

  it("an administrator who was deleted stays away until the operator sets a password", async () => {
    const { customer } = await settle(null);
    await noteFirstRunShown(store);
    if (customer !== null) await store.putCustomer({ ...customer, tmDelete: clock.now() });
    expect((await settle(null)).customer).toBeNull();
    expect((await settle("a way back in")).customer?.id).not.toBe(customer?.id);
  });

  it("the key of tokens is made once and sealed, unless the operator has one", async () => {
    expect(await readJwtKey(store, secretBox)).toBeNull();
    expect(await settleJwtKey("an operator's key", store, secretBox, fillRandom)).toBe("an operator's key");
    expect(await readJwtKey(store, secretBox)).toBeNull();
    const key = await settleJwtKey(null, store, secretBox, fillRandom);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(await settleJwtKey(null, store, secretBox, fillRandom)).toBe(key);
    expect(await readJwtKey(store, secretBox)).toBe(key);
    expect(await store.getSetting("jwt_key")).not.toContain(key);
  });
});
