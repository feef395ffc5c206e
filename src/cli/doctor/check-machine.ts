import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { versions } from "node:process";
import { StartRefused, systemCode } from "../../app/start-refused.ts";
import type { Config } from "../../config/config.ts";
import { doubtful, type Finding, good, wrong } from "./finding.ts";

const NEEDED_NODE = 24;
const OTHERS = 0o077;
const GIB = 1_024 ** 3;
const DISK_LOW_BYTES = GIB;
const DISK_FULL_BYTES = 64 * 1_024 ** 2;
const PERCENT = 100;
const FIRST = "see to that first";
const KEY = "secret key";
const KEY_TODO =
  "put back the right one, or set MSGBIN_SECRET_KEY: carrier passwords and webhook secrets cannot be read without it";
/** Ids hold their time: what was made before msgbin existed, or a century after, has a wrong clock. */
const CLOCK_FROM = Date.UTC(2026, 0, 1);
const CLOCK_UNTIL = Date.UTC(2126, 0, 1);

/** What can be seen on this machine; of the data directory only where it is the one that is served from. */
export async function* checkMachine(config: Config): AsyncGenerator<Finding> {
  const { dataDir, remote, secrets, database } = config;
  yield checkNode(versions.node);
  yield checkClock(Date.now());
  if (remote.url !== null) return;
  const directory = checkDirectory(dataDir);
  yield directory;
  if (directory.state === "wrong") return;
  const { bavail, blocks, bsize } = statfsSync(dataDir);
  yield checkDisk(bavail * bsize, blocks * bsize);
  const key = checkKeyFile(dataDir, secrets.secretKey !== null);
  yield key.state === "wrong" ? key : await checkKey(key, config);
  yield* checkFirstRun(dataDir);
  if (database === null) yield await checkDatabase(dataDir);
}

export function checkNode(version: string): Finding {
  if (Number.parseInt(version, 10) >= NEEDED_NODE) return good("Node", version);
  return wrong("Node", version, `use Node ${NEEDED_NODE} or newer; \`npm ci\` brings one along`);
}

export function checkClock(nowMs: number): Finding {
  const shown = `${new Date(nowMs).toISOString().slice(0, "2026-01-01T00:00:00".length)}Z`;
  if (nowMs >= CLOCK_FROM && nowMs < CLOCK_UNTIL) return good("clock", shown);
  return wrong(
    "clock",
    shown,
    "set this machine's clock: tokens, receipts and the order of messages go by it",
  );
}

export function checkDirectory(dataDir: string): Finding {
  const what = "data directory";
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (systemCode(error) === "ENOENT")
      return wrong(
        what,
        `there is no ${dataDir}`,
        "start `msgbin serve` once, or name the place with MSGBIN_DATA_DIR",
      );
    return wrong(
      what,
      `this user may not read and write ${dataDir}`,
      "run this as its owner, the user that runs msgbin: only that one needs access",
    );
  }
  if ((statSync(dataDir).mode & OTHERS) === 0) return good(what, dataDir);
  return doubtful(what, `${dataDir} can be entered by others`, `chmod 700 ${dataDir}`);
}

export function checkDisk(freeBytes: number, allBytes: number): Finding {
  const found = `${(freeBytes / GIB).toFixed(1)} GiB free (${Math.round((freeBytes / allBytes) * PERCENT)} %)`;
  const todo = "make room: on a full disk requests to send are answered 503";
  if (freeBytes < DISK_FULL_BYTES) return wrong("disk", found, todo);
  return freeBytes < DISK_LOW_BYTES ? doubtful("disk", found, todo) : good("disk", found);
}

export function checkKeyFile(dataDir: string, isKeyGiven: boolean): Finding {
  const key = join(dataDir, "secret.key");
  if (isKeyGiven) return good(KEY, "given by MSGBIN_SECRET_KEY");
  if (!existsSync(key)) return wrong(KEY, `there is no ${key}`, KEY_TODO);
  if ((statSync(key).mode & OTHERS) !== 0)
    return wrong(KEY, `${key} can be read by others`, `chmod 600 ${key}`);
  return good(KEY, key);
}

/** Another key than that of the database opens nothing, however well it is kept. */
async function checkKey(file: Finding, config: Config): Promise<Finding> {
  const { examineSecretKey } = await import("../../app/examine-secret-key.ts"); // it brings the store along
  try {
    if ((await examineSecretKey(config)) !== false) return file;
    return wrong(KEY, `${file.found}: not the one that the database was sealed with`, KEY_TODO);
  } catch (error) {
    return wrong(KEY, `${file.found}: cannot be tried: ${reasonOf(error)}`, FIRST);
  }
}

export function* checkFirstRun(dataDir: string): Generator<Finding> {
  const firstRun = join(dataDir, "first-run.txt");
  if (!existsSync(firstRun)) return;
  yield doubtful(
    "first-run.txt",
    `${firstRun} still holds what the first start showed: the password, unless you set one, and a token for its first day`,
    `note it, then rm ${firstRun}`,
  );
}

async function checkDatabase(dataDir: string): Promise<Finding> {
  const { examineDatabase } = await import("../../app/examine-database.ts"); // it brings the store along
  const restore = "stop the service and restore a backup";
  try {
    const { file, schema, integrity } = examineDatabase(dataDir);
    if (integrity !== "ok") return wrong("database", `${file}: ${integrity}`, restore);
    if (schema.found > schema.known)
      return wrong(
        "database",
        `schema ${schema.found}, this msgbin knows ${schema.known}`,
        "use a newer msgbin",
      );
    if (schema.found < schema.known)
      return doubtful(
        "database",
        `schema ${schema.found} of ${schema.known}`,
        "run `msgbin migrate`, or serve",
      );
    return good("database", `whole, schema ${schema.found}`);
  } catch (error) {
    const isForbidden = error instanceof StartRefused;
    return wrong("database", `cannot be read: ${reasonOf(error)}`, isForbidden ? FIRST : restore);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
