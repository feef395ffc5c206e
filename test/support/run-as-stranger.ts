import { chmodSync } from "node:fs";
import { env, getuid, setuid } from "node:process";
import { type CommandOutcome, runCommand } from "./run-command.ts";

/**
 * A program: runs commands, given as JSON, as a user who may not read a path that its owner alone may, and prints their
 * outcomes as JSON. File modes do not bind root, so root becomes another user first; by then all modules are here, wherever
 * they lie. Anybody else stays and takes the path away from himself.
 */
const NOBODY = 65_534;
const LOADED_LATE = [
  "backup-database",
  "examine-database",
  "examine-secret-key",
  "issue-token",
  "migrate-database",
];

const [path = "", commands = "[]"] = process.argv.slice(2);
await Promise.all(LOADED_LATE.map((name) => import(`../../src/app/${name}.ts`)));
if (getuid?.() === 0) setuid?.(NOBODY);
else chmodSync(path, 0o000);
const outcomes: CommandOutcome[] = [];
for (const words of JSON.parse(commands) as string[][])
  outcomes.push(await runCommand(words, { MSGBIN_DATA_DIR: env["MSGBIN_DATA_DIR"] ?? "" }));
process.stdout.write(JSON.stringify(outcomes));
