#!/usr/bin/env node
// Starts msgbin under the Node it needs. Plain JavaScript that Node 18 can parse: it may be run by any Node from there on.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED_MAJOR = 24;
const FORWARDED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];
const SOURCE = new URL("../src/main.ts", import.meta.url);
const CACHE = new URL("../node_modules/.cache/msgbin", import.meta.url);

if (existsSync(SOURCE)) keepStripped();
if (Number(process.versions.node.split(".")[0]) >= NEEDED_MAJOR) {
  await import(entryPoint());
} else {
  startUnder(pinnedNode());
}

/** A clone has the sources, which Node runs by stripping the types; the published package has what was compiled of them. */
function entryPoint() {
  return existsSync(SOURCE) ? SOURCE.href : new URL("../dist/main.js", import.meta.url).href;
}

/**
 * Has Node strip types once, not at each start and in each thread (docs/decisions/0018-types-are-stripped-once.md). This process
 * is told by the call, its threads and the child by the variable.
 */
function keepStripped() {
  process.env.NODE_COMPILE_CACHE ||= fileURLToPath(CACHE);
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
}

/** The program of the npm package `node`, linked there at its installation, or where its package for this platform has it. */
function pinnedNode() {
  const program = process.platform === "win32" ? "node.exe" : "node";
  const home = packageHome(import.meta.url, "node");
  if (home === undefined) return undefined;
  const platformHome = packageHome(join(home, "package.json"), `node-${process.platform}-${process.arch}`);
  return [home, platformHome]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, "bin", program))
    .find((file) => existsSync(file));
}

function packageHome(from, name) {
  try {
    return dirname(createRequire(from).resolve(`${name}/package.json`));
  } catch {
    return undefined; // not installed
  }
}

function startUnder(node) {
  if (node === undefined) {
    console.error(
      `msgbin: needs Node ${NEEDED_MAJOR} or newer, this is ${process.versions.node}, and the pinned one is not installed: ` +
        "run `npm ci` with install scripts allowed",
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of FORWARDED_SIGNALS) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`msgbin: cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
