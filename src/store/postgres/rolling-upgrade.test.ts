import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  LEVEL_BEFORE,
  loadEngineBefore,
  openToday,
  type OpenStore,
} from "../../../test/support/engine-before.ts";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import type { Customer } from "../../domain/customer.ts";
import type { CarrierId, EventId, NodeId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import { DAY_MS, HOUR_MS, World } from "../contract/world.ts";
import type { LeaseRequest } from "../leasing.ts";
import type { Store } from "../store.ts";
import { SCHEMA_VERSION } from "./migrate.ts";

let server: PostgresServer;
let openBefore: OpenStore;
beforeAll(async () => {
  server = await sharedPostgres();
  openBefore = await loadEngineBefore();
});
afterAll(() => server.stop());

describe("two versions side by side", () => {
  let url: string;
  let before: World;
  let after: World;
  beforeAll(async () => {
    url = await server.createDatabase();
    before = worldOf(await openBefore(url));
  });
  afterAll(async () => {
    await before.store.close();
    await after.store.close();
  });

  it("go on while one that is newer migrates under them", async () => {
    expect(await versionOf(url)).toBe(LEVEL_BEFORE); // the engine that was kept makes that one
    let isMigrating = true;
    const working = keepWorking(before, () => isMigrating);
    const opened = await Promise.all([1, 2, 3].map(() => openToday(url))); // three nodes start at once
    isMigrating = false;
    const delivered = await working;
    expect(delivered).toBeGreaterThan(0);
    expect(await versionOf(url)).toBe(SCHEMA_VERSION);
    const [first, ...others] = opened;
    if (first === undefined) throw new Error("three were opened");
    after = worldOf(first, before);
    for (const other of others) await other.close();
  });

  it("make nobody wait for long while a migration waits for a table", async () => {
    const other = await server.createDatabase();
    const old = worldOf(await openBefore(other));
    const reading = new Client({ connectionString: other });
    await reading.connect();
    await reading.query("BEGIN; SELECT count(*) FROM bind_leases"); // what the migration changes
    let isMigrating = true;
    const opening = openToday(other).finally(() => (isMigrating = false));
    const isWaiting = `SELECT count(*)::integer AS waiting FROM pg_locks WHERE relation = 'bind_leases'::regclass AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await expect
      .poll(async () => (await reading.query<{ waiting: number }>(isWaiting)).rows[0]?.waiting, {
        timeout: 30_000,
      })
      .toBe(1);
    // Without giving way this would wait until its statement is given up.
    expect(await lease(old, old.node)).toMatchObject({ leases: [{ bind: 0 }, { bind: 1 }] });
    expect(isMigrating).toBe(true);
    await reading.query("COMMIT");
    await (await opening).close();
    expect(await versionOf(other)).toBe(SCHEMA_VERSION);
    await reading.end();
    await old.store.close();
  });

  it("take over from each other what the other accepted, marked, sent and announced", async () => {
    for (const [one, other] of [
      [before, after],
      [after, before],
    ] as const) {
      const endpoint = await one.endpoint();
      const [key] = await one.accept();
      expect(await other.statuses(key)).toEqual(["queued"]);
      const claimed = await other.claim();
      expect(claimed.map(({ messageId }) => messageId)).toEqual([key.messageId]);
      expect(await other.store.markInFlight([other.mark(key)])).toEqual([true]);
      const receiptKey = one.id<EventId>();
      await other.store.settleTargets([other.sent(key, [receiptKey])]);
      const [received] = await one.store.applyReceipts([one.receipt(receiptKey)]);
      expect(received).toMatchObject({ kind: "applied", status: "delivered" });
      const deliveries = await other.deliveries(endpoint.id);
      expect(deliveries.map(({ event }) => event.type)).toEqual(["message_created"]);
      await one.store.settleDeliveries(deliveries.map((delivery) => one.delivered(delivery)));
      const [updated] = await one.deliveries(endpoint.id);
      expect(updated?.message?.targets[0]?.status).toBe("delivered");
      const recount = await other.store.recount(key);
      expect(recount?.attempts).toHaveLength(1);
      await other.store.removeEndpoint(endpoint.id);
    }
  });

  it("recover what a node of the other version had in flight when it died", async () => {
    for (const [one, other] of [
      [before, after],
      [after, before],
    ] as const) {
      const [key] = await one.inFlight();
      const { carrierId } = one;
      const now = other.now();
      const recovered = await other.store.recoverTargets({
        carrierId,
        liveNodes: [],
        policy: "resend",
        now,
        limit: 10,
      });
      expect(recovered).toMatchObject({ unknown: 1 });
      expect(await one.trailOf(key)).toContain("in_flight_at_crash");
      await settleAll(other);
    }
  });

  it("go on with each other's long trails: the newer with one that the older has filled, and the older after that", async () => {
    const [key] = await before.inFlight();
    const receiptKey = before.id<EventId>();
    const facts = Array.from({ length: 140 }, (_, n) => ({
      at: before.now(),
      what: "retried",
      words: `${n}`,
    }));
    const retry = { outcome: "retry", partStates: "", receiptKeys: [null], receiptDueAt: null } as const;
    for (const trail of [facts, facts]) {
      await before.store.settleTargets([{ ...before.base(key), ...retry, dueAt: before.now(), trail }]);
      await before.claim();
      await before.store.markInFlight([before.mark(key)]);
    }
    const full = await before.trailOf(key);
    expect([full.length, full.at(-1)]).toEqual([facts.length + 1, "trail_full"]);
    const { markedAt } = before.base(key);
    const sent = { ...after.sent(key, [receiptKey]), markedAt };
    await after.store.settleTargets([{ ...sent, trail: [{ at: after.now(), what: "sent" }] }]);
    await before.store.applyReceipts([before.receipt(receiptKey)]);
    const whats = await after.trailOf(key);
    expect(whats.slice(-3)).toEqual(["trail_full", "sent", "receipt"]);
  });

  it("share bind slots", async () => {
    await before.store.heartbeat(before.node, before.now(), before.in(DAY_MS));
    await after.store.heartbeat(after.otherNode, before.now(), before.in(DAY_MS));
    expect((await lease(before, before.node)).leases).toHaveLength(2);
    expect((await lease(after, after.otherNode)).leases).toEqual([]);
    await before.store.releaseBinds(before.node, null);
    expect((await lease(after, after.otherNode)).leases).toHaveLength(2);
    await after.store.releaseBinds(after.otherNode, null);
  });

  it("take the older one to have a lane up while its lease lasts, whatever was said of its slot before", async () => {
    const ofCarrier = { carrierId: after.id<CarrierId>(), slots: 1 };
    const upAt = after.in(-HOUR_MS);
    await lease(after, after.node, { ...ofCarrier, upAt });
    await after.store.releaseBinds(after.node, null);
    for (let renewal = 0; renewal < 2; renewal++) {
      await lease(before, before.otherNode, ofCarrier);
      const now = after.now();
      expect((await lease(after, after.node, { ...ofCarrier, now })).upElsewhereAt).toBe(now);
    }
    const now = after.in(DAY_MS + HOUR_MS);
    expect((await lease(after, after.node, { ...ofCarrier, now, want: 0 })).upElsewhereAt).toBe(upAt);
  });

  it("hear of the newer one's lanes, though the older renews its own slots", async () => {
    const ofCarrier = { carrierId: after.id<CarrierId>(), want: 1 };
    const upAt = after.in(-HOUR_MS);
    await lease(before, before.node, ofCarrier);
    await lease(after, after.otherNode, { ...ofCarrier, upAt });
    await lease(before, before.node, ofCarrier);
    await before.store.releaseBinds(before.node, null);
    const heard = await lease(after, after.node, { ...ofCarrier, want: 0 });
    expect(heard).toEqual({ leases: [], upElsewhereAt: upAt });
  });

  it("read of each other's messages what they understand, those without their content too", async () => {
    const { customerId } = after;
    await after.store.putCustomer({ ...customerOf(after, { retentionContentDays: 1 }), id: customerId });
    const entry = after.acceptance({ at: after.in(-3 * DAY_MS), status: "failed" });
    await before.store.acceptMessages([{ ...entry, queue: [] }]);
    const now = after.now();
    const fallback = { days: null, contentDays: null, wholeMonths: false };
    const request = { node: after.node, now, leaseUntil: now, fallback, from: null, limit: 1_000 };
    expect(await after.store.sweepRetention(request)).toMatchObject({ emptied: 1 });
    const read = await before.store.getMessage({ customerId, messageId: entry.message.id });
    expect(read).toMatchObject({ text: "", targets: [{ status: "failed" }] });
  });

  it("are refused where the older one would not understand the newer schema", async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query("UPDATE msgbin_schema SET works_from = version");
    await expect(openBefore(url)).rejects.toThrow(/start a newer msgbin/);
    await client.query("UPDATE msgbin_schema SET works_from = version - 1");
    await client.end();
    await (await openBefore(url)).close();
  });
});

/** Takes both slots of a carrier, for a day. */
function lease(world: World, node: NodeId, wishes: Partial<LeaseRequest> = {}) {
  const { carrierId } = world;
  const times = { now: world.now(), expiresAt: world.in(DAY_MS) };
  return world.store.leaseBinds({ carrierId, slots: 2, want: 2, node, ...times, upAt: null, ...wishes });
}

function worldOf(store: Store, like?: World): World {
  const world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  const { customerId, carrierId, node, otherNode } = like ?? world;
  return Object.assign(world, { customerId, carrierId, node, otherNode });
}

/** Accepts, sends and hears of messages, one after the other, and at least one after it was told to end; answers how many. */
async function keepWorking(world: World, isWanted: () => boolean): Promise<number> {
  let delivered = 0;
  for (let isLast = false; !isLast;) {
    isLast = !isWanted();
    const [key]: readonly [TargetKey, ...TargetKey[]] = await world.accept();
    await settleAll(world);
    expect(await world.statuses(key)).toEqual(["delivered"]);
    delivered++;
  }
  return delivered;
}

/** Sends all that waits, to the end. */
async function settleAll(world: World): Promise<void> {
  for (const target of await world.claim()) {
    expect(await world.store.markInFlight([world.mark(target)])).toEqual([true]);
    const receiptKey = world.id<EventId>();
    await world.store.settleTargets([world.sent(target, [receiptKey])]);
    await world.store.applyReceipts([world.receipt(receiptKey)]);
  }
}

function customerOf(world: World, wishes: Partial<Customer>): Customer {
  const id = world.id<Customer["id"]>();
  const profile = { name: "", detail: "", email: "", phoneNumber: "", address: "", permissionIds: [] };
  const times = { tmCredentials: world.now(), tmCreate: world.now(), tmUpdate: null, tmDelete: null };
  const kept = { retentionDays: null, retentionContentDays: null };
  return { id, username: id, passwordHash: "", ...profile, ...times, ...kept, ...wishes };
}

async function versionOf(url: string): Promise<number | undefined> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ version: number }>("SELECT version FROM msgbin_schema");
  await client.end();
  return rows[0]?.version;
}
