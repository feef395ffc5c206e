import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "pg";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import type { Store } from "../store.ts";
import { PLANNING } from "./connection.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { COUNTED_MAX, QUEUE_DEPTHS_SQL } from "./queue-depths.ts";

const MANY = 150_000;
const FEW = 7;
const HELD = 3;
const LONG = "0190a000-0000-7000-8000-00000000000a";
const SHORT = "0190a000-0000-7000-8000-00000000000b";
const EDGE = "0190a000-0000-7000-8000-00000000000c";
/** Puts rows into the queue as acceptances leave them there. */
function fill(carrier: string, count: number, isHeld: boolean): string {
  return `
    INSERT INTO queue (carrier_id, message_id, n, customer_id, priority, due_at, expires_at, attempts, held, fallbacks)
    SELECT '${carrier}', gen_random_uuid(), 0, '0190a000-0000-7000-8000-000000000001', i % 3, i, i + 1, 0, ${isHeld}, ''
    FROM generate_series(1, ${count}) AS i`;
}

describe("the depths of long queues", () => {
  let server: PostgresServer;
  let client: Client;
  let store: Store;
  beforeAll(async () => {
    server = await sharedPostgres();
    const url = await server.createDatabase();
    const clock = createClock(() => Date.now());
    store = await openPostgresStore({
      url,
      directUrl: url,
      clock,
      logger: quietLogger,
      metrics: quietMetrics,
    });
    client = new Client({ connectionString: url });
    await client.connect();
    await client.query(fill(LONG, MANY / 2, false));
    await client.query(fill(SHORT, FEW, false));
    await client.query(fill(LONG, MANY / 2, false));
    await client.query(fill(LONG, HELD, true));
    await client.query(fill(EDGE, COUNTED_MAX, false));
  });
  afterAll(async () => {
    await client.end();
    await store.close();
    await server.stop();
  });

  const depthOf = async (carrier: string) =>
    (await store.queueDepths()).find(({ carrierId }) => carrierId === carrier);

  it("are exact for what is short, however long the others are", async () => {
    expect(await depthOf(SHORT)).toMatchObject({ waiting: FEW, oldestDueAt: 1, inFlight: 0, held: 0 });
    expect(await depthOf(EDGE)).toMatchObject({ waiting: COUNTED_MAX });
  });

  it("are estimated within a tenth for what is long, and what is held is counted", async () => {
    const depth = await depthOf(LONG);
    expect(depth).toMatchObject({ held: HELD, inFlight: 0, oldestDueAt: 1 });
    expect(Math.abs((depth?.waiting ?? 0) - MANY)).toBeLessThan(MANY / 10);
    expect(await depthOf(LONG)).toEqual(depth);
  });

  it("follow the queue up and down, and are exact again at the limit", async () => {
    await client.query("DELETE FROM queue WHERE carrier_id = $1 AND NOT held AND due_at > $2", [
      LONG,
      MANY / 4,
    ]);
    expect(Math.abs(((await depthOf(LONG))?.waiting ?? 0) - MANY / 2)).toBeLessThan(MANY / 20);
    await client.query("DELETE FROM queue WHERE carrier_id = $1 AND NOT held AND due_at > $2", [
      LONG,
      COUNTED_MAX / 2,
    ]);
    expect(await depthOf(LONG)).toMatchObject({ waiting: COUNTED_MAX, held: HELD });
  });

  it("cost the same however much waits", async () => {
    await client.query(PLANNING);
    const before = await buffersOfALook();
    await client.query(fill(LONG, 2 * MANY, false));
    expect(await buffersOfALook()).toBeLessThan(1.2 * before);
  });

  /** How many pages a look goes to, each time it goes there. */
  async function buffersOfALook(): Promise<number> {
    await client.query("VACUUM queue");
    let buffers = 0;
    for (const { text } of Object.values(QUEUE_DEPTHS_SQL)) {
      const { rows } = await client.query<{ "QUERY PLAN": readonly Explained[] }>(
        `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${text}`,
      );
      const plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
      buffers += (plan?.["Shared Hit Blocks"] ?? NaN) + (plan?.["Shared Read Blocks"] ?? NaN);
    }
    return buffers;
  }
});

interface Explained {
  readonly Plan: { readonly "Shared Hit Blocks": number; readonly "Shared Read Blocks": number };
}
