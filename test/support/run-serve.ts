import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Environment } from "./service.ts";

const LAUNCHER = new URL("../../bin/msgbin.js", import.meta.url).pathname;

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `msgbin serve` where it is expected to refuse; answers how it ended, and fails when it serves instead. */
export async function runRefusedServe(environment: Environment): Promise<Ended> {
  const child = spawn(process.execPath, [LAUNCHER, "serve"], {
    env: { PATH: process.env["PATH"], MSGBIN_SIMULATOR: "off", MSGBIN_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output.push(chunk.toString());
      if (output.join("").includes("msgbin runs at")) child.kill("SIGKILL");
    });
  }
  await once(child, "close");
  return { code: child.exitCode, output: output.join("") };
}
