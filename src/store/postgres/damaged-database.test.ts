import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  execute,
  type OwnServer,
  type PostgresServer,
  startPostgres,
} from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { createClock } from "../../domain/clock.ts";
import type { EventId } from "../../domain/ids.ts";
import { DAY_MS, World } from "../contract/world.ts";
import { openPostgresStore } from "./postgres-store.ts";

const PAGE_BYTES = 8_192;
const DAMAGED = { name: "StoreUnavailable", reason: "damaged" } as const;

/**
 * How the file of a table or index is damaged, what PostgreSQL says of it (SQLSTATE), and how a request beside it fares that
 * needs another month: plans look at the files of all.
 */
const DAMAGES: readonly (readonly [string, string, (file: string) => void, "fulfilled" | "rejected"])[] = [
  ["a page of a table (XX001)", "messages_default", (file) => overwrite(file, 0, 0xff), "fulfilled"],
  ["a page of an index (XX002)", "messages_default_pkey", (file) => overwrite(file, 1, 0), "fulfilled"],
  ["a file (58P01)", "messages_default", (file) => renameSync(file, `${file}.gone`), "rejected"],
];

function overwrite(file: string, page: number, value: number): void {
  const opened = openSync(file, "r+");
  writeSync(opened, Buffer.alloc(PAGE_BYTES, value), 0, PAGE_BYTES, page * PAGE_BYTES);
  closeSync(opened);
}

describe("a damaged database", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it("holds up nothing that runs out of time beside what is damaged", async () => {
    if (server.own === null) return console.log("did not run: the server at hand is not ours to damage");
    const { url, store, world } = await open();
    const now = world.now();
    const idempotency = { key: "k", fingerprint: "f", answer: "{}", expiresAt: now };
    await store.acceptMessages([world.acceptance({ expiresAt: now }), world.acceptance({ idempotency })]);
    await damaging(server.own, url, "queue", (file) => overwrite(file, 0, 0xff));
    await expect(store.expire({ now: world.in(1_000), limit: 10 })).rejects.toMatchObject(DAMAGED);
    expect((await execute(url, "SELECT 1 FROM idempotency")).rowCount).toBe(0);
    await store.close();
  });

  async function open() {
    const url = await server.createDatabase();
    const clock = createClock(() => Date.now());
    const options = { url, directUrl: url, clock, logger: quietLogger, metrics: quietMetrics };
    const store = await openPostgresStore(options);
    return { url, store, world: new World({ store, reopen: async () => {}, dispose: async () => {} }) };
  }

  it.each(DAMAGES)("fails those alone who need what is lost: %s", async (_, relation, damage, beside) => {
    if (server.own === null) return console.log("did not run: the server at hand is not ours to damage");
    const { url, store, world } = await open();
    const old = world.acceptance({ at: world.in(-400 * DAY_MS) }); // in a partition of its own
    const young = world.acceptance();
    await store.acceptMessages([old, young]);

    await damaging(server.own, url, relation, damage);

    const customerId = world.customerId;
    const keyOf = ({ message }: typeof old) => ({ customerId, messageId: message.id });
    await expect(store.getMessage(keyOf(old))).rejects.toMatchObject(DAMAGED);
    await store.probe(); // writing goes on
    expect(await store.acceptMessages([world.acceptance()])).toEqual([{ kind: "accepted" }]);

    const change = () => ({ at: world.now(), eventId: world.id<EventId>() });
    const both = [old, young].map((entry) => store.deleteMessages([{ ...keyOf(entry), ...change() }]));
    const [ofOld, ofYoung] = await Promise.allSettled(both);
    expect(ofOld).toMatchObject({ status: "rejected", reason: DAMAGED });
    expect(ofYoung?.status).toBe(beside);
    await expect(store.probe()).rejects.toMatchObject(DAMAGED);
    expect(await store.acceptMessages([world.acceptance()])).toEqual([{ kind: "accepted" }]);
    await store.close();
  });
});

/** Damages the file of a table or index while the server is down. */
async function damaging(
  server: OwnServer,
  url: string,
  relation: string,
  damage: (file: string) => void,
): Promise<void> {
  const place = await execute(url, `CHECKPOINT; SELECT pg_relation_filepath('${relation}') AS file`);
  const [{ file }] = (place as unknown as readonly [unknown, { rows: readonly [{ file: string }] }])[1].rows;
  await server.shutDown();
  damage(path.join(server.place.data, file));
  await server.start();
}
