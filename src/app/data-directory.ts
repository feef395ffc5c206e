import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { NodeId } from "../domain/ids.ts";
import { NodeRecord } from "./node-record.ts";
import { StartRefused, systemCode } from "./start-refused.ts";

const PID_FILE = "msgbin.pid";
const URL_FILE = "msgbin.url";
const LOCK_FILE = "msgbin.lock";
const NODE_FILE = "msgbin.node";
const FIRST_RUN_FILE = "first-run.txt";
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** The data directory while this process, and no other, works in it. */
export interface DataDirectory {
  /** The path of a file in it. */
  file(name: string): string;
  /** The node that had it before and ended without leaving; null when there was none, or it may live. */
  readonly deadNode: NodeId | null;
  /** Notes which node has it, for the one that comes after it. */
  noteNode(node: NodeId): void;
  /** Says where the service answers, for the command line. */
  announce(url: string): void;
  /** Keeps what only the owner may read, and answers the path. */
  writeFirstRun(text: string): string;
  /** Lets go of it, and takes away what said that a service runs here. */
  release(): void;
}

/** Makes the directory if need be and takes possession of it; refuses one that cannot be written or that another process has. */
export function takeDataDirectory(path: string, pid: number): DataDirectory {
  const file = (name: string): string => join(path, name);
  const lock = explainingRefusals(path, () => {
    makeFolder(path);
    return takeLock(file(LOCK_FILE));
  });
  if (lock === null) throw new StartRefused(inUse(path, readPid(file(PID_FILE))));
  const record = new NodeRecord(file(NODE_FILE), file(LOCK_FILE));
  explainingRefusals(path, () => writeFileSync(file(PID_FILE), `${pid}\n`));
  return {
    file,
    deadNode: record.read(),
    noteNode: (node) => explainingRefusals(path, () => record.write(node)),
    announce: (url) => writeFileSync(file(URL_FILE), `${url}\n`),
    writeFirstRun(text) {
      rmSync(file(FIRST_RUN_FILE), { force: true }); // one that is there may be readable by others
      writeFileSync(file(FIRST_RUN_FILE), text, { mode: OWNER_ONLY, flag: "wx" });
      return file(FIRST_RUN_FILE);
    },
    release() {
      rmSync(file(URL_FILE), { force: true });
      rmSync(file(PID_FILE), { force: true });
      record.remove();
      lock.close();
    },
  };
}

/** Not `recursive: true`: where the kernel denies that a folder can be made at all (/proc), Node 24 then tries for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return accessSync(`${path}/.`, constants.W_OK); // with the dot a file fails as ENOTDIR
  const parent = dirname(path);
  if (!existsSync(parent)) makeFolder(parent);
  mkdirSync(path, { mode: OWNER_ONLY_FOLDER });
}

/**
 * An exclusive lock that the system lets go of when the process ends in whatever way; a pid alone may by then be another
 * process's. Node has no flock of its own, but SQLite locks files on every platform. Null when another process has it.
 */
function takeLock(file: string): DatabaseSync | null {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

/** SQLITE_BUSY. */
const BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === BUSY;
}

function explainingRefusals<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new StartRefused(
      `the data directory ${path} cannot be used: ${reasonOf(cause)}; choose another with MSGBIN_DATA_DIR`,
      {
        cause,
      },
    );
  }
}

function reasonOf(error: unknown): string {
  switch (systemCode(error)) {
    case "EACCES":
    case "EPERM":
      return "no permission to write there";
    case "EROFS":
      return "its file system is read-only";
    case "ENOSPC":
      return "the disk is full";
    case "ENOENT":
      return "it cannot be made there";
    case "ENOTDIR":
    case "EEXIST":
      return "a file stands in its way";
    case undefined:
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function readPid(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null; // the other process is just starting, or just gone
  }
}

function inUse(path: string, pid: string | null): string {
  const who = pid === null ? "another msgbin" : `another msgbin, process ${pid}`;
  return `the data directory ${path} is in use by ${who}: stop it, or choose another with MSGBIN_DATA_DIR`;
}
