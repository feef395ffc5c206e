import { type CustomTypesConfig, Pool, type PoolClient, types } from "pg";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { PipelinedSession } from "./pipelined-session.ts";
import {
  breaksConnection,
  failureOf,
  isWorthRepeating,
  OutcomeUnknown,
  READ_ONLY,
  sqlStateOf,
} from "./postgres-failure.ts";
import { PreparedStatements } from "./statement-batch.ts";

/** One statement, prepared under its name on each connection that uses it. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Value = string | number | boolean | null;

/**
 * Runs statements on one connection, those of one turn of the event loop in one round trip. Throws StoreUnavailable, or the
 * error of a defect.
 */
export interface Session {
  /** The rows of a statement, by column name. */
  rows<Row>(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** How many rows a statement changed. */
  run(statement: Statement, values: readonly Value[]): Promise<number>;
  /** Runs a statement together with the next, at the latest with the COMMIT, which fails if it does. */
  withNext(statement: Statement, values: readonly Value[], onRows?: (rows: readonly unknown[]) => void): void;
}

export interface ConnectionOptions {
  readonly url: string;
  /** Connections held at most. */
  readonly writers: number;
  readonly readers: number;
  readonly onIdleError: (error: Error) => void;
  /** How work failed, and whether it may have been to write. */
  readonly onFailure?: (error: unknown, isWrite: boolean) => void;
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
 * statement is written for one index, in its order. A bitmap gathers all entries before the first row, whatever the limit, and
 * an index that has half the order is sorted after.
 */
export const PLANNING = `
  SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off; SET enable_hashjoin = off;
  SET enable_mergejoin = off; SET enable_bitmapscan = off; SET enable_incremental_sort = off`;

/** A transaction that its process does not go on with lets its locks go after 10 s. */
const SESSION = `${PLANNING}; SET synchronous_commit = on; SET client_min_messages = warning;
  SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '5s'`;

/**
 * Lets a transaction that only read wait at its COMMIT for the synchronous standby, as one that wrote does: it writes to the
 * log, and to no table. A server that is no primary refuses to give the transaction a number, as it refuses any write.
 */
export const VOUCH_SQL: Statement = {
  name: "vouch",
  text: "SELECT pg_logical_emit_message(true, 'msgbin', pg_current_xact_id()::text)",
};

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
  readonly #prepared = new PreparedStatements(TYPES);
  readonly #keepers: Pool;
  readonly #onFailure: (error: unknown, isWrite: boolean) => void;

  constructor(options: ConnectionOptions) {
    this.#writers = openPool(options, options.writers, STATEMENT_MS.writers);
    this.#readers = openPool(options, options.readers, STATEMENT_MS.readers);
    this.#keepers = openPool(options, KEEPERS, STATEMENT_MS.keepers);
    this.#onFailure = options.onFailure ?? (() => {});
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
        return await this.#with(pool, (session) => transact(session, work));
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
        return await this.#with(this.#writers, (session) => writeAlone<Row>(session, statement, values));
      } catch (error) {
        if (repeat >= REPEATS || !isWorthRepeating(error)) throw error;
      }
    }
  }

  /** Reads, each statement by itself. */
  read<Row>(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.#with(this.#readers, (session) => session.rows<Row>(statement, values));
  }

  /**
   * Reads what a commit of unknown outcome may have written. Its session may have been cut off while it waited for the
   * synchronous standby: then the primary shows what a failover would forget. So what is found here is the standby's as well.
   * @throws {OutcomeUnknown} when the connection broke meanwhile.
   */
  look<Row>(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.transaction(async (session) => {
      const rows = await session.rows<Row>(statement, values);
      if (rows.length > 0) session.withNext(VOUCH_SQL, []);
      return rows;
    });
  }

  #with<T>(pool: Pool, work: (session: PipelinedSession) => Promise<T>): Promise<T> {
    return withClient(
      pool,
      (client) => work(new PipelinedSession(client, this.#prepared)),
      (error) => this.#onFailure(error, pool !== this.#readers),
    );
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

async function withClient<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  onFailure: (error: unknown) => void,
): Promise<T> {
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
    onFailure(error);
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

async function transact<T>(session: PipelinedSession, work: (session: Session) => Promise<T>): Promise<T> {
  session.begin();
  let answer: T;
  try {
    answer = await work(session);
  } catch (error) {
    // A broken connection has rolled back by itself, and might be waited for in vain.
    if (!hasBroken(error)) await session.rollBack();
    throw error;
  }
  await session.commit();
  return answer;
}

/** A statement that is a transaction of its own: when the connection breaks, nobody knows whether it happened. */
async function writeAlone<Row>(
  session: PipelinedSession,
  statement: Statement,
  values: readonly Value[],
): Promise<Row[]> {
  try {
    return await session.rows<Row>(statement, values);
  } catch (error) {
    const cause = error instanceof StoreUnavailable ? error.cause : error;
    if (cause !== error && breaksConnection(cause) && sqlStateOf(cause) !== READ_ONLY)
      throw new OutcomeUnknown("the connection broke before the answer came", { cause });
    throw error;
  }
}
