import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import type { CustomerId, NodeId } from "../../domain/ids.ts";
import type { TargetKey } from "../../domain/message.ts";
import { addMs, type Micros, micros } from "../../domain/micros.ts";
import type { RetentionDefault } from "../../domain/retention.ts";
import { DAY_MS, keysOf, World } from "../contract/world.ts";
import type { RetentionStep } from "../retaining.ts";
import type { Store } from "../store.ts";
import { ARCHIVE_TABLES } from "./archive-partitions.ts";
import { migrate } from "./migrate.ts";
import { openPostgresStore } from "./postgres-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};
const NODE = "01900000-0000-7000-8000-000000000001" as NodeId;
const OTHER = "01900000-0000-7000-8000-000000000002" as NodeId;
const KEEP: RetentionDefault = { days: null, contentDays: null, wholeMonths: false };
const JUNE = 5;

const dayOf = (month: number, day: number): Micros => micros(Date.UTC(2026, month, day) * 1_000);

describe("months of the archive", () => {
  let server: PostgresServer;
  let client: Client;
  let store: Store;
  let world: World;
  beforeAll(async () => {
    server = await sharedPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const url = await server.createDatabase();
    await migrate(url, Date.UTC(2026, JUNE, 1)); // June, July, August
    const clock = createClock(() => Date.UTC(2026, JUNE, 20));
    store = await openPostgresStore({ url, directUrl: url, clock, ...quiet });
    client = new Client({ connectionString: url });
    await client.connect();
    world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  });
  afterEach(async () => {
    await client.end();
    await store.close();
  });

  const customer = async (retentionDays: number | null): Promise<CustomerId> => {
    const id = world.id<CustomerId>();
    const profile = { name: "", detail: "", email: "", phoneNumber: "", address: "", permissionIds: [] };
    const times = { tmCredentials: world.now(), tmCreate: world.now(), tmUpdate: null, tmDelete: null };
    const kept = { retentionDays, retentionContentDays: null };
    await store.putCustomer({ id, username: id, passwordHash: "", ...profile, ...times, ...kept });
    return id;
  };

  const over = async (customerId: CustomerId, at: Micros): Promise<TargetKey> => {
    const entry = world.acceptance({ at, status: "failed", targets: 2 });
    const message = { ...entry.message, customerId };
    await store.acceptMessages([{ ...entry, queue: [], message }]);
    return keysOf({ ...entry, message })[0];
  };

  const sweep = async (now: Micros, fallback = KEEP): Promise<RetentionStep> => {
    const request = { node: NODE, now, leaseUntil: now, fallback, from: null, limit: 10_000 };
    const outcome = await store.sweepRetention(request);
    if (outcome.kind !== "swept") throw new Error("nobody else is at it");
    expect(outcome.next).toBeNull();
    return outcome;
  };

  const partitions = async (): Promise<string[]> => {
    const found = await client.query<{ name: string }>(
      "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = ANY ($1::text[]::regclass[]) ORDER BY 1",
      [ARCHIVE_TABLES],
    );
    return found.rows.map(({ name }) => name);
  };

  it("go as tables once nobody keeps anything of them, and by rows before", async () => {
    const [shorter, longer] = [await customer(30), await customer(60)];
    const early = await over(shorter, dayOf(JUNE, 10));
    const late = await over(shorter, dayOf(JUNE, 29));
    const kept = await over(longer, dayOf(JUNE, 10));
    const july = await over(shorter, dayOf(JUNE + 1, 31));
    expect(await sweep(dayOf(JUNE + 1, 15))).toMatchObject({ removed: 1, dropped: [] });
    expect(await store.getMessage(early)).toBeNull();
    expect(await store.getMessage(late)).not.toBeNull();
    // A day before the longer rule is past the whole of June, the month still stands for that customer.
    expect(await sweep(dayOf(JUNE + 2, 29))).toMatchObject({ removed: 2, dropped: [] });
    expect(await sweep(dayOf(JUNE + 2, 30))).toMatchObject({ removed: 0, dropped: ["2026_06"] });
    expect(await store.getMessage(kept)).toBeNull();
    expect(await store.getMessage(july)).not.toBeNull();
    const left = await partitions();
    expect(left.filter((name) => name.endsWith("2026_06"))).toEqual([]);
    expect(left).toEqual(expect.arrayContaining(ARCHIVE_TABLES.map((table) => `${table}_2026_07`)));
  });

  it("go with all their rows where whole months are wanted, and the customers of the default with them", async () => {
    const keys = [
      await over(await customer(null), dayOf(JUNE, 2)),
      await over(await customer(14), dayOf(JUNE, 29)),
    ];
    const fallback = { days: 30, contentDays: null, wholeMonths: true };
    expect(await sweep(dayOf(JUNE + 1, 30), fallback)).toMatchObject({ removed: 1, dropped: [] });
    expect(await sweep(dayOf(JUNE + 1, 31), fallback)).toMatchObject({ removed: 0, dropped: ["2026_06"] });
    for (const key of keys) expect(await store.getMessage(key)).toBeNull();
  });

  it("stay while somebody keeps messages for ever", async () => {
    await over(await customer(30), dayOf(JUNE, 2));
    const kept = await over(await customer(0), dayOf(JUNE, 3));
    const { removed, dropped } = await sweep(dayOf(JUNE + 11, 1), { ...KEEP, days: 1 });
    expect(removed).toBe(1);
    expect(dropped).toEqual(["2026_07", "2026_08"]); // where nobody has anything
    expect(await store.getMessage(kept)).not.toBeNull();
  });

  it.each(["queue", "leased", "receipt_keys", "deliveries"])(
    "stay while %s has a row of them",
    async (table) => {
      const { messageId, customerId } = await over(await customer(30), dayOf(JUNE, 2));
      const endpoint = await world.endpoint({ customerId });
      const some = `carrier_id, message_id, n, customer_id, priority, due_at, expires_at, attempts, fallbacks`;
      const values = `gen_random_uuid(), '${messageId}', 1, '${customerId}', 1, 0, 0, 0, ''`;
      const inserts: Readonly<Record<string, string>> = {
        queue: `INSERT INTO queue (${some}, held) VALUES (${values}, true)`,
        leased: `INSERT INTO leased (${some}, node) VALUES (${values}, 'n')`,
        receipt_keys: `INSERT INTO receipt_keys VALUES (gen_random_uuid(), 'k', '${messageId}', 1, 0, '${customerId}', 0, 0, true)`,
        deliveries: `INSERT INTO deliveries VALUES ('${endpoint.id}', '${messageId}', gen_random_uuid(), '${customerId}', 0, 0, false)`,
      };
      await client.query(inserts[table] ?? "");
      expect((await sweep(dayOf(JUNE + 2, 1))).dropped).toEqual([]);
      await client.query(`DELETE FROM ${table}`);
      expect((await sweep(dayOf(JUNE + 2, 1))).dropped).toEqual(["2026_06"]);
    },
  );

  it("go though an endpoint that was removed left a delivery behind, which is then told to nobody", async () => {
    const { messageId, customerId } = await over(await customer(30), dayOf(JUNE, 2));
    const endpoint = await world.endpoint({ customerId });
    const values = `'${endpoint.id}', '${messageId}', gen_random_uuid(), '${customerId}', 0, 0, false`;
    await client.query(`DELETE FROM endpoints; INSERT INTO deliveries VALUES (${values})`);
    expect((await sweep(dayOf(JUNE + 2, 1))).dropped).toEqual(["2026_06"]);
    await store.putEndpoint(endpoint);
    expect(await world.deliveries(endpoint.id)).toEqual([]);
    expect((await client.query("SELECT 1 FROM deliveries")).rows).toEqual([]);
  });

  it("do not make others wait for long, and go when nobody reads in them any more", async () => {
    const customerId = await customer(30);
    await over(customerId, dayOf(JUNE, 2));
    const august = await over(customerId, dayOf(JUNE + 2, 1));
    await client.query("BEGIN; SELECT count(*) FROM messages");
    const progress = { isSweeping: true };
    const sweeping = sweep(dayOf(JUNE + 2, 10)).finally(() => (progress.isSweeping = false));
    let reads = 0;
    for (; progress.isSweeping; reads++) expect(await store.getMessage(august)).not.toBeNull();
    expect((await sweeping).dropped).toEqual([]);
    expect(reads).toBeGreaterThan(3);
    await client.query("COMMIT");
    expect((await sweep(dayOf(JUNE + 2, 10))).dropped).toEqual(["2026_06"]);
  });

  it("are swept by one node at a time, and by another once its lease is over", async () => {
    const now = dayOf(JUNE + 2, 1);
    const leaseUntil = addMs(now, DAY_MS);
    const request = { node: NODE, now, leaseUntil, fallback: KEEP, from: null, limit: 100 };
    expect(await store.sweepRetention(request)).toMatchObject({ kind: "swept" });
    expect(await store.sweepRetention({ ...request, node: OTHER })).toEqual({ kind: "elsewhere" });
    expect(await store.sweepRetention(request)).toMatchObject({ kind: "swept" });
    const later = { ...request, node: OTHER, now: leaseUntil };
    expect(await store.sweepRetention(later)).toMatchObject({ kind: "swept" });
  });

  it("are made though a clock that was ahead left rows in the default partition", async () => {
    const customerId = await customer(null);
    const ahead = await over(customerId, dayOf(JUNE + 4, 3));
    const further = await over(customerId, dayOf(JUNE + 6, 3));
    const { rows } = await client.query("SELECT 1 FROM messages_default");
    expect(rows).toHaveLength(2);
    await store.expire({ now: dayOf(JUNE + 3, 1), limit: 1 });
    await expect.poll(partitions, { timeout: 30_000 }).toContain("undelivered_2026_11");
    const moved = await client.query("SELECT message_id FROM targets_2026_10");
    expect(moved.rows).toHaveLength(2);
    expect(await store.getMessage(ahead)).toMatchObject({ targets: [{}, {}] });
    expect(await store.getMessage(further)).toMatchObject({ targets: [{}, {}] });
  });
});
