import { chmodSync } from "node:fs";
import { env, getuid, setuid } from "node:process";
import { type CommandOutcome, runCommand } from "./run-command.ts";

/**
 * A program: runs commands, given as JSON, as a user who may not read the data directory, and prints their outcomes as JSON.
 * File modes do not bind root, so root becomes another user first; by then all modules are here, wherever they lie.
 */
const NOBODY = 65_534;
const LOADED_LATE = [
  "backup-database",
  "examine-database",
  "examine-secret-key",
  "issue-token",
  "migrate-database",
];

await Promise.all(LOADED_LATE.map((name) => import(`../../src/app/${name}.ts`)));
const dataDir = env["MSGBIN_DATA_DIR"] ?? "";
if (getuid?.() === 0) setuid?.(NOBODY);
else chmodSync(dataDir, 0o000);
const outcomes: CommandOutcome[] = [];
for (const words of JSON.parse(process.argv[2] ?? "[]") as string[][])
  outcomes.push(await runCommand(words, { MSGBIN_DATA_DIR: dataDir }));
process.stdout.write(JSON.stringify(outcomes));
