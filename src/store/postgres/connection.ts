import { type CustomTypesConfig, Pool, type PoolClient, types } from "pg";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { breaksConnection, failureOf, isWorthRepeating, OutcomeUnknown } from "./postgres-failure.ts";

/** One statement, prepared under its name on each connection that uses it. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Value = string | number | boolean | null;

/** Runs statements on one connection. Throws StoreUnavailable, or the error of a defect. */
export interface Session {
  /** The rows of a statement, by column name. */
  rows<Row>(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** How many rows a statement changed. */
  run(statement: Statement, values: readonly Value[]): Promise<number>;
}

export interface ConnectionOptions {
  readonly url: string;
  /** Connections held at most. */
  readonly writers: number;
  readonly readers: number;
  readonly onIdleError: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_MS = 60_000;

/** How long the server works on a statement of a writer, of a reader, and of what keeps leases. */
const STATEMENT_MS = { writers: 15_000, readers: 5_000, keepers: 5_000 } as const;

/** The client gives up a little after the server would have: a connection that says nothing at all is dead. */
const ANSWER_MARGIN_MS = 1_500;

/** Leases are renewed also while every writer waits for a lock: a node that fails to is taken for dead. */
const KEEPERS = 2;

/** A deadlock, or a row that two transactions changed: the loser is run again. */
const REPEATS = 5;

/**
 * Plans are made once for each prepared statement and without statistics: a queue's statistics are always stale, and every
 * statement is written for one index, in its order (a bitmap gathers all entries before the first row, whatever the limit).
 */
export const PLANNING = `
  SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off; SET enable_hashjoin = off;
  SET enable_mergejoin = off; SET enable_bitmapscan = off`;

/** A transaction that its process does not go on with lets its locks go after 10 s. */
const SESSION = `${PLANNING}; SET synchronous_commit = on; SET client_min_messages = warning;
  SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '5s'`;

const INT8 = 20;

/** Times and counts are exact in a JavaScript number (micros.ts). */
const TYPES: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === INT8 ? Number : (types.getTypeParser(oid, format) as (value: string) => unknown),
};

/** The pools of connections: one writes, one reads, one keeps leases; each has a deadline of its own. */
export class Database {
  readonly #writers: Pool;
  readonly #readers: Pool;
  readonly #keepers: Pool;

  constructor(options: ConnectionOptions) {
    this.#writers = openPool(options, options.writers, STATEMENT_MS.writers);
    this.#readers = openPool(options, options.readers, STATEMENT_MS.readers);
    this.#keepers = openPool(options, KEEPERS, STATEMENT_MS.keepers);
  }

  /**
   * Runs work in one transaction; again, when other transactions stood in its way.
   * @throws {OutcomeUnknown} when the connection broke while it was being committed.
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#transaction(this.#writers, work);
  }

  /** As `transaction`, past everything that may wait for rows or tables: for leases and heartbeats alone. */
  keep<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#transaction(this.#keepers, work);
  }

  async #transaction<T>(pool: Pool, work: (session: Session) => Promise<T>): Promise<T> {
    for (let repeat = 0; ; repeat++) {
      try {
        return await withClient(pool, (client) => transact(client, work));
      } catch (error) {
        if (repeat >= REPEATS || !isWorthRepeating(error)) throw error;
      }
    }
  }

  /**
   * Runs a single statement that is a transaction of its own.
   * @throws {OutcomeUnknown} when the connection broke before its answer came.
   */
  async write<Row>(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    for (let repeat = 0; ; repeat++) {
      try {
        return await withClient(this.#writers, (client) => writeAlone<Row>(client, statement, values));
      } catch (error) {
        if (repeat >= REPEATS || !isWorthRepeating(error)) throw error;
      }
    }
  }

  /** Reads, each statement by itself. */
  read<Row>(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return withClient(this.#readers, (client) => sessionOf(client).rows<Row>(statement, values));
  }

  async close(): Promise<void> {
    await Promise.all([this.#writers.end(), this.#readers.end(), this.#keepers.end()]);
  }
}

function openPool({ url, onIdleError }: ConnectionOptions, max: number, statementMs: number): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_MS,
    query_timeout: statementMs + ANSWER_MARGIN_MS,
    keepAlive: true,
    application_name: "msgbin",
    types: TYPES,
  });
  pool.on("error", onIdleError);
  // A failure shows with the query that follows on the same connection.
  const session = `${SESSION}; SET statement_timeout = ${statementMs}`;
  pool.on("connect", (client) => void client.query(session).catch(onIdleError));
  return pool;
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw failureOf(error);
  });
  let isBroken = false;
  const noteBreak = () => {
    isBroken = true;
  };
  client.on("error", noteBreak); // a connection that breaks while nothing is asked tells nobody else
  try {
    return await work(client);
  } catch (error) {
    isBroken ||= hasBroken(error);
    throw error;
  } finally {
    client.off("error", noteBreak);
    client.release(isBroken);
  }
}

/** Whether an error of work on a connection says that the connection is of no more use. */
function hasBroken(error: unknown): boolean {
  if (error instanceof OutcomeUnknown) return true;
  return error instanceof StoreUnavailable && error.cause !== undefined && breaksConnection(error.cause);
}

async function transact<T>(client: PoolClient, work: (session: Session) => Promise<T>): Promise<T> {
  await ask(client, "BEGIN");
  let answer: T;
  try {
    answer = await work(sessionOf(client));
  } catch (error) {
    // A broken connection has rolled back by itself, and might be waited for in vain.
    if (!hasBroken(error)) await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
  await commit(client);
  return answer;
}

async function commit(client: PoolClient): Promise<void> {
  try {
    await client.query("COMMIT");
  } catch (error) {
    if (breaksConnection(error))
      throw new OutcomeUnknown("the connection broke during a commit", { cause: error });
    throw failureOf(error);
  }
}

async function writeAlone<Row>(
  client: PoolClient,
  statement: Statement,
  values: readonly Value[],
): Promise<Row[]> {
  try {
    const result = await client.query({ ...statement, values: [...values] });
    return result.rows as Row[]; // the statement's own columns
  } catch (error) {
    const failure = failureOf(error);
    if (breaksConnection(error) && !isReadOnly(error))
      throw new OutcomeUnknown("the connection broke before the answer came", { cause: error });
    throw failure;
  }
}

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "25006";
}

async function ask(client: PoolClient, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    throw failureOf(error);
  }
}

function sessionOf(client: PoolClient): Session {
  const query = async (statement: Statement, values: readonly Value[]) => {
    try {
      return await client.query({ ...statement, values: [...values] });
    } catch (error) {
      throw failureOf(error);
    }
  };
  return {
    async rows<Row>(statement: Statement, values: readonly Value[]) {
      return (await query(statement, values)).rows as Row[]; // the statement's own columns
    },
    run: async (statement, values) => (await query(statement, values)).rowCount ?? 0,
  };
}
