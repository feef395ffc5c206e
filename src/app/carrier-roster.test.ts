import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { quietLogger, quietMetrics } from "../../test/support/store-of.ts";
import { alterStore } from "../api/fixtures/altered-store.ts";
import type { Carrier } from "../carriers/carrier.ts";
import { createIds } from "../domain/ids.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { createCarrierRoster } from "./carrier-roster.ts";
import { createSystemClock } from "./system-clock.ts";

const secretBox: SecretBox = { seal: (text) => text, open: (sealed) => sealed };

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "msgbin-roster-"));
  const file = join(folder, "msgbin.sqlite");
  const clock = createSystemClock();
  store = await openSqliteStore({ file, clock, logger: quietLogger, metrics: quietMetrics });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

it("answers what it did though the store cannot be read after it was written", async () => {
  let canBeRead = true;
  const read = async <Answer>(reading: () => Promise<Answer>): Promise<Answer> => {
    if (!canBeRead) throw new StoreUnavailable("busy", "the database is busy");
    return reading();
  };
  const written = <Answer>(answer: Answer): Answer => {
    canBeRead = false;
    return answer;
  };
  const failing = alterStore(store, {
    listCarriers: () => read(() => store.listCarriers()),
    queueDepths: () => read(() => store.queueDepths()),
    putCarrier: async (account) => written(await store.putCarrier(account)),
    removeCarrier: async (id, force) => written(await store.removeCarrier(id, force)),
  });
  const started: string[] = [];
  const roster = createCarrierRoster({
    store: failing,
    host: { add: ({ name }) => started.push(name), remove: async () => void started.pop() },
    createCarrier: ({ id, name }) => ({ id, name, health: () => HEALTH }) as Carrier, // the roster asks for no more
    secretBox,
    clock: createSystemClock(),
    ids: createIds((bytes) => crypto.getRandomValues(bytes)),
    logger: quietLogger,
    hasSimulator: false,
  });
  const added = await roster.add("north", "smpp://id:secret@127.0.0.1:2775");
  expect(added).toMatchObject({ kind: "added", report: { account: { name: "north" }, health: HEALTH } });
  expect(started).toEqual(["north"]);
  canBeRead = true;
  const removed = await roster.remove("north", false);
  expect(removed).toMatchObject({ kind: "removed", report: { account: { name: "north" } } });
  expect(started).toEqual([]);
  expect(roster.route({ destination: "+31616818985", source: "Shop", type: "sms" })).toEqual([]);
});

const HEALTH = { state: "connecting", detail: "", lanes: 0, windowUsed: 0, windowSize: 10 } as const;
