import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { Database, type Session } from "./connection.ts";

const PUT = { name: "put", text: "INSERT INTO noted VALUES ($1::integer)" };
const COUNT = { name: "count_noted", text: "SELECT count(*) AS count FROM noted" };
const BROKEN = { name: "broken", text: "SELECT 1 / $1::integer" };

describe("a session that sends together what is asked together", () => {
  let server: PostgresServer;
  let url: string;
  let database: Database;
  beforeAll(async () => {
    server = await sharedPostgres();
    url = await server.createDatabase();
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query("CREATE TABLE noted (n integer PRIMARY KEY)");
    await client.end();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    database = new Database({ url, writers: 1, readers: 1, onIdleError: () => {} });
  });
  afterEach(async () => {
    await database.transaction((session) => session.run({ name: "", text: "DELETE FROM noted" }, []));
    await database.close();
  });

  const counted = async (): Promise<number | undefined> =>
    (await database.read<{ count: number }>(COUNT, []))[0]?.count;

  it("answers each statement with its own rows, in the order in which they were asked", async () => {
    const answers = await database.transaction((session) =>
      Promise.all([
        session.rows(COUNT, []),
        session.run(PUT, [1]),
        session.rows(COUNT, []),
        session.run(PUT, [2]),
        session.rows(COUNT, []),
      ]),
    );
    expect(answers).toEqual([[{ count: 0 }], 1, [{ count: 1 }], 1, [{ count: 2 }]]);
    expect(await counted()).toBe(2);
  });

  it("sends with the COMMIT what nobody waits for, and fails with it", async () => {
    const seen: unknown[] = [];
    await database.transaction((session) => {
      session.withNext(PUT, [1]);
      session.withNext(COUNT, [], (rows) => seen.push(...rows));
      return Promise.resolve();
    });
    expect(seen).toEqual([{ count: 1 }]);
    const failed = database.transaction((session) => {
      session.withNext(PUT, [2]);
      session.withNext(PUT, [1]);
      return Promise.resolve();
    });
    await expect(failed).rejects.toThrow("duplicate key");
    expect(await counted()).toBe(1);
  });

  it("undoes all when one of several fails, and goes on with the same connection", async () => {
    const failed = database.transaction((session) =>
      Promise.all([session.run(PUT, [1]), session.rows(BROKEN, [0]), session.run(PUT, [2])]),
    );
    await expect(failed).rejects.toThrow("division by zero");
    expect(await counted()).toBe(0);
    expect(await database.transaction((session) => session.run(PUT, [3]))).toBe(1);
    expect(await database.write<{ "?column?": number }>(BROKEN, [1])).toEqual([{ "?column?": 1 }]);
  });

  it("refuses what is asked after the end: the connection is somebody else's", async () => {
    let kept: Session | null = null;
    await database.transaction((session) => {
      kept = session;
      return session.run(PUT, [1]);
    });
    await expect((kept as Session | null)?.run(PUT, [2])).rejects.toThrow("after its transaction was over");
    expect(await counted()).toBe(1);
  });
});
