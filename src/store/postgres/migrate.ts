import { Client } from "pg";
import { DatabaseRefused } from "./database-refused.ts";
import { FIRST_SCHEMA } from "./migrations/0001-first-schema.ts";
import { HELD_INDEX } from "./migrations/0002-held-index.ts";
import { RETENTION_SCHEMA } from "./migrations/0002-retention.ts";
import { LANES_UP } from "./migrations/0003-lanes-up.ts";
import { partitionStatements } from "./archive-partitions.ts";
import { sqlStateOf } from "./postgres-failure.ts";

interface Migration {
  readonly text: string;
  /** The oldest schema version whose program still works on the schema that this makes: it runs beside the new one. */
  readonly worksFrom: number;
}

/** Each brings the schema one version up; the position is the version it comes from. Never changed once released. */
const MIGRATIONS: readonly Migration[] = [
  { text: FIRST_SCHEMA, worksFrom: 1 },
  { text: `${RETENTION_SCHEMA}\n${HELD_INDEX}`, worksFrom: 1 },
  { text: LANES_UP, worksFrom: 2 },
];

/** The schema that this version of the program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** "msgb": whoever migrates holds this lock, so that nodes which start at once do it one after the other. */
const MIGRATION_LOCK = 0x6d736762;

/**
 * A migration and those who work on the database meanwhile want the same tables. Whoever waits for a table makes all wait
 * who come after, so a migration waits briefly, gives way and tries again.
 */
const LOCK_TIMEOUT = "500ms";
const GIVE_WAY_MS = 500;
const TRIES = 120;

const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Brings the schema to {@link SCHEMA_VERSION}, all steps in one transaction, and makes the archive's partitions ahead.
 * @param url of a direct connection: behind a pooler a session's lock would be anybody's.
 * @throws {DatabaseRefused} when the database cannot be reached, is too new or belongs to another program.
 */
export async function migrate(url: string, nowMs: number): Promise<void> {
  const client = await connect(url);
  try {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await migrateGivingWay(client, nowMs);
  } catch (error) {
    if (error instanceof DatabaseRefused) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new DatabaseRefused("unreachable", `cannot prepare the database: ${detail}`, { cause: error });
  } finally {
    await client.end();
  }
}

async function migrateGivingWay(client: Client, nowMs: number): Promise<void> {
  for (let left = TRIES - 1; ; left--) {
    try {
      await client.query(
        `BEGIN; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'; SET LOCAL client_min_messages = warning`,
      );
      await migrateOnce(client, nowMs);
      await client.query("COMMIT");
      return;
    } catch (error) {
      if (left === 0 || sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      await client.query("ROLLBACK");
      await new Promise((resolve) => setTimeout(resolve, GIVE_WAY_MS));
    }
  }
}

async function migrateOnce(client: Client, nowMs: number): Promise<void> {
  const version = await versionOf(client);
  for (const { text } of MIGRATIONS.slice(version)) await client.query(text);
  if (version < SCHEMA_VERSION) {
    const worksFrom = MIGRATIONS.at(-1)?.worksFrom;
    await client.query("UPDATE msgbin_schema SET version = $1, works_from = $2", [SCHEMA_VERSION, worksFrom]);
  }
  for (const statement of partitionStatements(nowMs)) await client.query(statement);
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined); // the query under way fails with it
  try {
    await client.connect();
    return client;
  } catch (error) {
    const detail = error instanceof Error ? error.message || String(sqlStateOf(error)) : String(error);
    throw new DatabaseRefused("unreachable", `cannot reach the database: ${detail}`, { cause: error });
  }
}

async function versionOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ known: string | null; foreign: string | null }>(
    "SELECT to_regclass('msgbin_schema') AS known, to_regclass('messages') AS foreign",
  );
  if (rows[0]?.known === null && rows[0].foreign !== null) {
    const message = "the database belongs to another program: choose another database or schema";
    throw new DatabaseRefused("not_ours", message);
  }
  if (rows[0]?.known === null) {
    await client.query(`
      CREATE TABLE msgbin_schema (version integer NOT NULL, works_from integer NOT NULL);
      INSERT INTO msgbin_schema VALUES (0, 0)`);
    return 0;
  }
  const schema = await client.query<{ version: number; works_from: number }>(
    "SELECT version, works_from FROM msgbin_schema",
  );
  const { version = 0, works_from: worksFrom = 0 } = schema.rows[0] ?? {};
  if (worksFrom > SCHEMA_VERSION) {
    throw new DatabaseRefused(
      "newer_version",
      `the database has schema ${version} and this version of msgbin knows ${SCHEMA_VERSION}: start a newer msgbin`,
    );
  }
  return version;
}
