import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { COMMAND_ID } from "../../../src/smpp/pdu/command-id.ts";
import { eventually } from "../../support/service.ts";
import { run } from "./running.ts";

const WITHIN_MS = 30_000;
/** PI_ERROR of Wireshark's expert information; a malformed packet is one. */
const ERROR_SEVERITY = 0x0080_0000;

type CommandName = keyof typeof COMMAND_ID;

/** What crosses a port of the loopback interface, as Wireshark reads it. */
export interface Capture {
  /** Waits until so many of each command were seen, then expects that the dissector finds nothing wrong anywhere. */
  expectSoundWith(atLeast: Readonly<Partial<Record<CommandName, number>>>): Promise<void>;
  /** Ends the capture and removes its file. */
  stop(): Promise<void>;
}

/** Captures on `port` from when this resolves; the capturing program has to be permitted to. */
export async function startCapture(port: number): Promise<Capture> {
  const folder = await mkdtemp(join(tmpdir(), "msgbin-capture-"));
  const file = join(folder, "loopback.pcap");
  const dumpcap = await run("dumpcap", ["-q", "-i", "lo", "-f", `tcp port ${port}`, "-w", file]);
  await eventually(
    () => dumpcap.output(),
    (said) => said.includes("File:"),
    WITHIN_MS,
  );

  async function dissect(...words: readonly string[]): Promise<readonly string[]> {
    const fixed = ["-r", file, "-d", `tcp.port==${port},smpp`];
    // Of a file that is still being written the last packet may be cut short, which tshark calls a failure.
    const { stdout } = await promisify(execFile)("tshark", [...fixed, ...words]).catch(
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? "" }),
    );
    return stdout.split("\n").filter((line) => line !== "");
  }

  async function countCommands(): Promise<ReadonlyMap<number, number>> {
    const counts = new Map<number, number>();
    for (const line of await dissect("-Y", "smpp", "-T", "fields", "-e", "smpp.command_id"))
      for (const id of line.split(",")) counts.set(Number(id), (counts.get(Number(id)) ?? 0) + 1);
    return counts;
  }

  return {
    async expectSoundWith(atLeast) {
      const wanted = Object.entries(atLeast) as [CommandName, number][]; // its keys are all that it can hold
      const counts = await eventually(
        async () => Object.fromEntries(await countCommands()),
        (seen) => wanted.every(([command, count]) => (seen[COMMAND_ID[command]] ?? 0) >= count),
        WITHIN_MS,
      );
      console.log(`captured: ${wanted.map(([name]) => `${counts[COMMAND_ID[name]]} ${name}`).join(", ")}`);
      expect(await dissect("-Y", `_ws.malformed or _ws.expert.severity == ${ERROR_SEVERITY}`)).toEqual([]);
    },
    async stop() {
      await dumpcap.stop("SIGINT");
      await rm(folder, { recursive: true });
    },
  };
}
