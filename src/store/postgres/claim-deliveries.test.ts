import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import type { EndpointId } from "../../domain/ids.ts";
import { keysOf, World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

describe("claiming deliveries", () => {
  let server: PostgresServer;
  let client: Client;
  let store: Store;
  let world: World;
  beforeAll(async () => {
    server = await startPostgres();
    const url = await server.createDatabase();
    const clock = createClock(() => Date.now());
    const quiet = { logger: quietLogger, metrics: quietMetrics };
    store = await openPostgresStore({ url, directUrl: url, clock, ...quiet });
    client = new Client({ connectionString: url });
    await client.connect();
  });
  beforeEach(() => {
    world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  });
  afterAll(async () => {
    await client.end();
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
