import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import type { EndpointId } from "../../domain/ids.ts";
import { keysOf, World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import {
  CLAIM_DELIVERIES_SQL,
  CLAIM_MAX_BODY_BYTES,
  CLAIM_MAX_TARGETS,
  claimDeliveries,
} from "./claim-deliveries.ts";
import { Database, type Session, type Statement, type Value } from "./connection.ts";
import { openPostgresStore } from "./postgres-store.ts";

describe("claiming deliveries", () => {
  let server: PostgresServer;
  let client: Client;
  let store: Store;
  let database: Database;
  let world: World;
  beforeAll(async () => {
    server = await sharedPostgres();
    const url = await server.createDatabase();
    const clock = createClock(() => Date.now());
    const quiet = { logger: quietLogger, metrics: quietMetrics };
    store = await openPostgresStore({ url, directUrl: url, clock, ...quiet });
    database = new Database({ url, writers: 1, readers: 1, onIdleError: () => {} });
    client = new Client({ connectionString: url });
    await client.connect();
  });
  beforeEach(() => {
    world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  });
  afterAll(async () => {
    await client.end();
    await database.close();
    await store.close();
    await server.stop();
  });

  /** Two messages to tell one endpoint of, the first of them twice. */
  async function toldOf() {
    const { id } = await world.endpoint();
    const [first, second] = [world.acceptance({ leased: true }), world.acceptance()];
    const [key] = keysOf(first);
    await store.acceptMessages([first, second]);
    await store.markInFlight([world.mark(key)]);
    await store.settleTargets([world.sent(key, ["k"])]); // its event waits for that of the acceptance
    const idsOf = (entry: typeof first) => ({ message: entry.message.id, event: entry.eventId });
    return { id, first: idsOf(first), second: idsOf(second) };
  }

  /** Claims all that is due and fits; answers it, and how much came out of the database for it. */
  async function claimCounting(endpointId: EndpointId) {
    let [rows, characters] = [0, 0];
    const counting = (session: Session): Session => ({
      async rows<Row>(statement: Statement, values: readonly Value[]) {
        const read = await session.rows<Row>(statement, values);
        rows += statement === CLAIM_DELIVERIES_SQL.claim ? 0 : read.length;
        characters += JSON.stringify(read).length;
        return read;
      },
      run: (...statement) => session.run(...statement),
      withNext: (...statement) => session.withNext(...statement),
    });
    const transaction: Database["transaction"] = (work) =>
      database.transaction((session) => work(counting(session)));
    const claim = {
      endpointId,
      node: world.node,
      now: world.now(),
      leaseUntil: world.in(60_000),
      limit: 1_000,
    };
    const [deliveries = []] = await claimDeliveries({ database: { transaction }, tell: () => {} }, [claim]);
    return { deliveries, rows, characters };
  }

  it("reads no more targets than a claim holds, however many wait", async () => {
    const { id } = await world.endpoint();
    const large = () => ({ ...world.acceptance({ targets: 1_000 }), queue: [] });
    const entries = [world.acceptance(), ...Array.from({ length: 12 }, large), world.acceptance()];
    await store.acceptMessages(entries);
    const claimed: string[] = [];
    for (let count = entries.length; claimed.length < entries.length; count -= claimed.length) {
      const { deliveries, rows } = await claimCounting(id);
      expect(deliveries.length).toBeGreaterThan(0);
      expect(rows).toBeLessThanOrEqual(CLAIM_MAX_TARGETS + 1 + entries.length); // with the heads of all
      claimed.push(...deliveries.map(({ messageId }) => messageId));
      for (const { message } of deliveries) expect([1, 1_000]).toContain(message?.targets.length);
    }
    expect(claimed).toEqual(entries.map(({ message }) => message.id));
  });

  it("hands out a message with more targets than a claim holds", async () => {
    const { id } = await world.endpoint();
    const targets = CLAIM_MAX_TARGETS + 1;
    await store.acceptMessages([{ ...world.acceptance({ targets }), queue: [] }, world.acceptance()]);
    expect((await claimCounting(id)).deliveries.map(({ message }) => message?.targets.length)).toEqual([
      targets,
    ]);
    expect((await claimCounting(id)).deliveries.map(({ message }) => message?.targets.length)).toEqual([1]);
  });

  it("reads no more kept bodies than a claim holds", async () => {
    const { id } = await world.endpoint();
    const entries = Array.from({ length: 10 }, () => world.acceptance());
    await store.acceptMessages(entries);
    const body = "x".repeat(1_500_000);
    const dueAt = world.now();
    const first = await claimCounting(id);
    await store.settleDeliveries(
      first.deliveries.map((delivery) => ({
        ...world.attempted(delivery),
        outcome: "retry",
        attempts: 0,
        dueAt,
        body,
      })),
    );
    const sizes: number[] = [];
    while (sizes.length < entries.length) {
      const { deliveries, characters } = await claimCounting(id);
      expect(deliveries.length).toBeGreaterThan(0);
      expect(characters).toBeLessThan(CLAIM_MAX_BODY_BYTES + body.length);
      sizes.push(...deliveries.map((delivery) => delivery.body?.length ?? 0));
    }
    expect(sizes).toEqual(entries.map(() => body.length));
  });

  const told = async (id: EndpointId) =>
    (await world.deliveries(id)).map(({ messageId, event }) => [messageId, event.type]);

  it("drops the deliveries of a message that is gone, and hands out the others", async () => {
    const { id, first, second } = await toldOf();
    await client.query("DELETE FROM messages WHERE message_id = $1", [first.message]);
    const { promise: woken, resolve } = Promise.withResolvers<void>();
    const deafen = store.onWake((wake) => {
      if (wake.kind === "deliveries" && wake.endpointId === id) resolve();
    });
    expect(await told(id)).toEqual([[second.message, "message_created"]]);
    await woken; // there may be more
    deafen();
    expect(await told(id)).toEqual([]);
    const left = await client.query("SELECT message_id FROM deliveries WHERE endpoint_id = $1", [id]);
    expect(left.rows).toEqual([{ message_id: second.message }]);
  });

  it("drops what the removal of its endpoint could not: that is no failure of the removal", async () => {
    const { id } = await toldOf();
    await client.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'no resources' USING ERRCODE = '53000'; END$$;
      CREATE TRIGGER refuse BEFORE DELETE ON deliveries EXECUTE FUNCTION refuse()`);
    await store.removeEndpoint(id);
    await client.query("DROP TRIGGER refuse ON deliveries");
    expect(await store.getEndpoint(id)).toBeNull();
    expect(await told(id)).toEqual([]);
    expect((await client.query("SELECT 1 FROM deliveries WHERE endpoint_id = $1", [id])).rows).toEqual([]);
  });

  it("drops the delivery of an event that is gone, and lets the one go that waited for it", async () => {
    const { id, first, second } = await toldOf();
    await client.query("DELETE FROM events WHERE event_id = $1", [first.event]);
    expect(await told(id)).toEqual([[second.message, "message_created"]]);
    expect(await told(id)).toEqual([[first.message, "message_updated"]]);
  });
});
