import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { quietLogger, quietMetrics } from "../../test/support/store-of.ts";
import { alterStore } from "../api/fixtures/altered-store.ts";
import type { Carrier } from "../carriers/carrier.ts";
import { removedNameSetting } from "../domain/carrier-account.ts";
import { createIds } from "../domain/ids.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { type CarrierRoster, createCarrierRoster } from "./carrier-roster.ts";
import { createSystemClock } from "./system-clock.ts";

const HEALTH = { state: "connecting", detail: "", lanes: 0, windowUsed: 0, windowSize: 10 } as const;
const QUERY = { destination: "+31616818985", source: "Shop", type: "sms" } as const;
const AT_NORTH = "smpp://id:secret@127.0.0.1:2775";

/** Seals a text differently each time, as a real one does. */
let sealed = 0;
const secretBox: SecretBox = {
  seal: (text) => `${++sealed} ${text}`,
  open: (text) => text.slice(text.indexOf(" ") + 1),
};

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

interface Rig {
  readonly roster: CarrierRoster;
  /** What the dispatcher was told, in order. */
  readonly told: string[];
  /** What a replacement waits for. */
  draining: Promise<unknown>;
}

/** A roster on the store, or on what is made of it. */
function rosterOn(ofStore: Store = store): Rig {
  const told: string[] = [];
  const rig = { told, draining: Promise.resolve() as Promise<unknown> };
  const roster = createCarrierRoster({
    store: ofStore,
    host: {
      add: ({ name }) => void told.push(`add ${name}`),
      async replace({ name }) {
        told.push(`replace ${name}`);
        await rig.draining;
      },
      remove: async () => void told.push("remove"),
    },
    createCarrier: ({ id, name }) => ({ id, name, health: () => HEALTH }) as Carrier, // the roster asks for no more
    secretBox,
    clock: createSystemClock(),
    ids: createIds((bytes) => crypto.getRandomValues(bytes)),
    logger: quietLogger,
    hasSimulator: true,
  });
  return Object.assign(rig, { roster });
}

async function addedTo({ roster }: Pick<Rig, "roster">, name: string, url = AT_NORTH) {
  const added = await roster.add(name, url);
  if (added.kind !== "added") throw new Error(added.kind);
  return added.report.account;
}

async function storedUrl(name: string): Promise<string | undefined> {
  const account = (await store.listCarriers()).find((each) => each.name === name);
  return account && secretBox.open(account.sealedUrl);
}

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
    putCarrier: async (...account) => written(await store.putCarrier(...account)),
    removeCarrier: async (id, force) => written(await store.removeCarrier(id, force)),
  });
  const { roster, told } = rosterOn(failing);
  const added = await roster.add("north", AT_NORTH);
  expect(added).toMatchObject({ kind: "added", report: { account: { name: "north" }, health: HEALTH } });
  canBeRead = true;
  const changed = await roster.change("north", { url: `${AT_NORTH}?window=5` });
  expect(changed).toMatchObject({ kind: "changed", report: { account: { name: "north" }, health: HEALTH } });
  canBeRead = true;
  const removed = await roster.remove("north", false);
  expect(removed).toMatchObject({ kind: "removed", report: { account: { name: "north" } } });
  expect(told).toEqual(["add north", "replace north", "remove"]);
  expect(roster.route(QUERY)).toEqual([]);
});

describe("a carrier that is changed", () => {
  it("keeps its id and its place among the others, and is counted for as it is now", async () => {
    const { roster, told } = rosterOn();
    const north = await addedTo({ roster }, "north");
    const south = await addedTo({ roster }, "south");
    const url = "smpps://id:new@127.0.0.1?alphabet=ascii";
    const changed = await roster.change(north.id, { name: "nord", url });
    expect(changed).toMatchObject({
      kind: "changed",
      report: { account: { id: north.id, name: "nord", kind: "smpps", tmCreate: north.tmCreate } },
    });
    expect(JSON.stringify(changed)).not.toContain("new@");
    expect(told).toEqual(["add north", "add south", "replace nord"]);
    expect(roster.route(QUERY)).toEqual([north.id, south.id]);
    expect([roster.nameOf(north.id), roster.profileOf(north.id).alphabet]).toEqual(["nord", "ascii"]);
    const [first] = await roster.list();
    expect(first).toMatchObject({ account: { id: north.id, tmUpdate: expect.any(Number) } });
    expect(await storedUrl("nord")).toBe(url);
  });

  it("is routed to while what is in flight is waited for", async () => {
    const rig = rosterOn();
    const { id } = await addedTo(rig, "north");
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.draining = promise;
    const changing = rig.roster.change("north", { url: `${AT_NORTH}?window=5` });
    await expect.poll(() => rig.told).toContain("replace north");
    expect(rig.roster.route(QUERY)).toEqual([id]);
    expect(rig.roster.countParts({ text: "hello", options: {} }, id)).toBe(1);
    resolve();
    await changing;
  });

  it("keeps its password where that is struck out, for the same account alone", async () => {
    const { roster, told } = rosterOn();
    await addedTo({ roster }, "north");
    await roster.change("north", { url: "smpp://id:***@127.0.0.1:2775?window=5" });
    expect(await storedUrl("north")).toBe("smpp://id:secret@127.0.0.1:2775?window=5");
    const elsewhere = await roster.change("north", { url: "smpp://id:***@127.0.0.2:2775" });
    expect(elsewhere).toMatchObject({
      kind: "bad_url",
      message: expect.stringContaining("scheme, host, port and system id"),
    });
    expect(await roster.add("south", "smpp://id:***@127.0.0.1")).toMatchObject({ kind: "bad_url" });
    expect(await storedUrl("north")).toBe("smpp://id:secret@127.0.0.1:2775?window=5");
    expect(told).toEqual(["add north", "replace north"]);
  });

  it("stays bound where nothing has changed", async () => {
    const { roster, told } = rosterOn();
    await addedTo({ roster }, "north");
    const other = rosterOn();
    await other.roster.refresh();
    expect(await roster.change("north", { url: "smpp://id:***@127.0.0.1:2775" })).toMatchObject({
      kind: "changed",
    });
    expect(await roster.change("north", {})).toMatchObject({ kind: "changed" });
    await other.roster.refresh();
    expect([told, other.told]).toEqual([["add north"], ["add north"]]);
  });

  it("stays as it is when it is told what cannot be", async () => {
    const { roster, told } = rosterOn();
    await roster.putSimulator(AT_NORTH);
    await roster.refresh();
    await addedTo({ roster }, "north");
    await addedTo({ roster }, "south");
    const before = await store.listCarriers();
    expect(await roster.change("west", { url: AT_NORTH })).toEqual({ kind: "unknown" });
    expect(await roster.change("simulator", { url: AT_NORTH })).toEqual({ kind: "built_in" });
    expect(await roster.change("north", { name: "south" })).toEqual({ kind: "name_taken" });
    expect(await roster.change("north", { name: "simulator" })).toEqual({ kind: "name_taken" });
    expect(await roster.change("north", { name: "nord", url: "smpp://id@host?widow=5" })).toMatchObject({
      kind: "bad_url",
      message: expect.stringContaining("unknown key widow"),
    });
    expect(await store.listCarriers()).toEqual(before);
    expect(told).toEqual(["add simulator", "add north", "add south"]);
  });

  it("stays as it is, and bound, when the store cannot be written", async () => {
    let isGone = false;
    const failing = alterStore(store, {
      async putCarrier(...account) {
        if (isGone) throw new StoreUnavailable("connection_lost", "the database is away");
        return store.putCarrier(...account);
      },
    });
    const { roster, told } = rosterOn(failing);
    await addedTo({ roster }, "north");
    isGone = true;
    await expect(roster.change("north", { url: `${AT_NORTH}?alphabet=ascii` })).rejects.toThrow(
      StoreUnavailable,
    );
    expect(await storedUrl("north")).toBe(AT_NORTH);
    const [id] = roster.route(QUERY);
    expect(id && roster.profileOf(id).alphabet).toBe("gsm7");
    isGone = false;
    expect(await roster.change("north", { url: `${AT_NORTH}?alphabet=ascii` })).toMatchObject({
      kind: "changed",
    });
    expect(told).toEqual(["add north", "replace north"]);
  });

  it("takes two changes that come at once one after the other, and a removal", async () => {
    const { roster, told } = rosterOn();
    await addedTo({ roster }, "north");
    const outcomes = await Promise.all([
      roster.change("north", { url: `${AT_NORTH}?window=5` }),
      roster.change("north", { name: "nord" }),
      roster.remove("nord", false),
      roster.change("nord", { url: `${AT_NORTH}?window=9` }),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["changed", "changed", "removed", "unknown"]);
    expect(told).toEqual(["add north", "replace north", "replace nord", "remove"]);
    expect(await store.listCarriers()).toEqual([]);
  });

  it("leaves the name that it had to those who read what happened", async () => {
    const { roster } = rosterOn();
    const { id } = await addedTo({ roster }, "north");
    await roster.change("north", { name: "nord" });
    await roster.remove("nord", false);
    expect(await store.getSetting(removedNameSetting(id))).toBe("nord");
  });

  it("is followed by another node, which goes on with the same place and a new name", async () => {
    const { roster } = rosterOn();
    const other = rosterOn();
    const north = await addedTo({ roster }, "north");
    const south = await addedTo({ roster }, "south");
    await other.roster.refresh();
    await roster.change("north", { url: `${AT_NORTH}?alphabet=ascii` });
    await other.roster.refresh();
    await roster.change("north", { name: "nord" });
    await other.roster.refresh();
    expect(other.told).toEqual(["add north", "add south", "replace north", "replace nord"]);
    expect(other.roster.profileOf(north.id).alphabet).toBe("ascii");
    expect(other.roster.nameOf(north.id)).toBe("nord");
    expect(other.roster.route(QUERY)).toEqual([north.id, south.id]);
  });

  it.each([
    ["changes it", { kind: "changed" }, ["nord smpp://id:secret@127.0.0.1:2775?window=5"]],
    ["removes it", { kind: "unknown" }, []],
    ["gives the name away", { kind: "name_taken" }, [`north ${AT_NORTH}`, `nord ${AT_NORTH}`]],
  ] as const)("is read anew when another node %s meanwhile", async (what, then, stored) => {
    const other = rosterOn();
    await addedTo(other, "north");
    let meanwhile: (() => Promise<unknown>) | null = {
      "changes it": () => other.roster.change("north", { url: `${AT_NORTH}?window=5` }),
      "removes it": () => other.roster.remove("north", false),
      "gives the name away": () => other.roster.add("nord", AT_NORTH),
    }[what];
    const late = alterStore(store, {
      async listCarriers() {
        const accounts = await store.listCarriers();
        const doing = meanwhile;
        meanwhile = null;
        await doing?.();
        return accounts;
      },
    });
    const { roster, told } = rosterOn(late);
    const wish = { name: "nord" };
    expect(await roster.change("north", wish)).toEqual({ kind: "changed_meanwhile" });
    expect(told).toEqual([]);
    expect(await roster.change("north", wish)).toMatchObject(then);
    const accounts = await store.listCarriers();
    expect(accounts.map(({ name, sealedUrl }) => `${name} ${secretBox.open(sealedUrl)}`)).toEqual(stored);
  });
});
