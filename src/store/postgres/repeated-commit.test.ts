import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Forwarder, startForwarder } from "../../../test/support/forwarder.ts";
import { execute, type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { eventually } from "../../../test/support/service.ts";
import { createClock } from "../../domain/clock.ts";
import type { EventId, MessageId } from "../../domain/ids.ts";
import { tel, World } from "../contract/world.ts";
import type { Reception } from "../gathering.ts";
import { openPostgresStore } from "./postgres-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};
const WITHIN_MS = 60_000;

/** A store whose connections lead through an address where they can be cut, beside the database itself. */
describe("a commit whose connection broke", () => {
  let server: PostgresServer;
  let forwarder: Forwarder;
  let url: string;
  let port: number;
  let world: World;
  beforeAll(async () => {
    server = await sharedPostgres();
    url = await server.createDatabase();
    port = Number(new URL(url).port);
    forwarder = await startForwarder(port);
    const led = forwarder.through(url);
    const clock = createClock(() => Date.now());
    const store = await openPostgresStore({ url: led, directUrl: url, clock, ...quiet });
    world = new World({ store, reopen: () => Promise.resolve(), dispose: () => store.close() });
  });
  beforeEach(() => {
    world = new World(world.engine);
  });
  afterAll(async () => {
    await world.engine.dispose();
    await forwarder.close();
    await server.stop();
  });

  const cut = () => forwarder.leadTo(port);

  async function count(table: string, id: MessageId): Promise<number> {
    const { rowCount } = await execute(url, `SELECT 1 FROM ${table} WHERE message_id = '${id}'`);
    return rowCount ?? 0;
  }

  /** Sessions of the store that wait for another transaction. */
  async function waiting(): Promise<readonly number[]> {
    const { rows } = await execute(
      url,
      `SELECT pid FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'msgbin' AND wait_event_type = 'Lock'`,
    );
    return rows.map(({ pid }: { pid: number }) => pid);
  }

  function reception(text: string, wishes: Partial<Reception> = {}): Reception {
    const at = world.now();
    const target = { n: 0, destination: tel("+3197"), status: "received", parts: 1 } as const;
    const message = {
      id: world.id<MessageId>(at),
      customerId: world.customerId,
      type: "sms",
      direction: "inbound",
      source: tel("+31616"),
      text,
      options: {},
      targets: [{ ...target, tmUpdate: at, failure: null }],
      tmCreate: at,
      tmUpdate: null,
      tmDelete: null,
    } as const;
    return { message, eventId: world.id<EventId>(), transportId: null, gathering: null, ...wishes };
  }

  it("leaves what handsets wrote stored once, and received", async () => {
    const { carrierId } = world;
    const key = { carrierId, source: "+31616", destination: "3197", reference: 7, total: 1 };
    const content = { encoding: "gsm7", text: "in parts", data: "", udh: "" } as const;
    const [gathering = null] = await world.store.keepParts([
      { ...key, sequence: 1, content, at: world.now() },
    ]);
    const text = `lost ${world.id()}`;
    const entries = [
      reception(text),
      reception("in parts", { gathering }),
      reception("known by its id", { transportId: { carrierId, id: "t-1" } }),
    ];
    const lost = forwarder.loseCommitOf(text);
    const outcomes = world.store.receiveMessages(entries);
    await lost;
    const [first] = entries;
    if (first === undefined) throw new Error("no entries");
    await eventually(
      () => count("messages", first.message.id),
      (found) => found === 1,
      WITHIN_MS,
    );
    cut();
    expect(await outcomes).toEqual(entries.map(() => ({ kind: "received" })));
    for (const { message } of entries) {
      expect(await count("messages", message.id)).toBe(1);
      expect(await count("events", message.id)).toBe(1);
    }
  });

  it("leaves a message deleted that somebody deleted meanwhile", async () => {
    const text = `deleted ${world.id()}`;
    const entry = reception(text);
    const { id, customerId } = entry.message;
    const lost = forwarder.loseCommitOf(text);
    const outcomes = world.store.receiveMessages([entry]);
    await lost;
    await eventually(
      () => count("messages", id),
      (found) => found === 1,
      WITHIN_MS,
    );
    const other = await openPostgresStore({ url, directUrl: url, clock: world.clock, ...quiet });
    const at = world.now();
    await other.deleteMessages([{ customerId, messageId: id, at, eventId: world.id<EventId>() }]);
    await other.close();
    cut();
    expect(await outcomes).toEqual([{ kind: "received" }]);
    expect(await count("messages", id)).toBe(0);
  });

  it.each([1, 2])("is looked for again when it ends only after the first look (pile of %i)", async (many) => {
    const entries = Array.from({ length: many }, () => world.acceptance());
    const [held] = entries;
    if (held === undefined) throw new Error("no entries");
    const holder = new Client({ connectionString: url });
    await holder.connect();
    await holder.query("BEGIN");
    // The key of a message, taken by somebody who will let it go: the commit waits for that, whatever becomes of its connection.
    await holder.query(
      `INSERT INTO messages (customer_id, message_id, type, direction, source, text, options, tm_create)
       VALUES ($1, $2, 0, 0, '', '', '{}', 0)`,
      [held.message.customerId, held.message.id],
    );
    const answers = Promise.all(entries.map((entry) => world.store.acceptMessages([entry])));
    const [first] = await eventually(waiting, ({ length }) => length === 1, WITHIN_MS);
    cut();
    // The repeat waits for the first, unless that has waited for longer than a lock is waited for.
    await eventually(waiting, (pids) => pids.length === 2 || !pids.includes(first ?? 0), WITHIN_MS);
    await holder.query("ROLLBACK");
    await holder.end();
    expect(await answers).toEqual(entries.map(() => [{ kind: "accepted" }]));
    for (const { message } of entries) expect(await count("messages", message.id)).toBe(1);
  });
});
