import { once } from "node:events";
import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import type { Surroundings } from "./surroundings.ts";
import { onOneLine } from "../domain/visible-text.ts";

interface SimulateOptions {
  readonly host: string;
  readonly port: string;
  readonly show?: true;
}

const MAX_PORT = 65_535;
const EXAMPLES = `
Any system id and password may bind. docs/simulator.md has the numbers that fail, and every behaviour.

Examples:
  msgbin simulate
  msgbin simulate --port 2776 --show
  msgbin simulate responseDelayMs=40 errorPercent=2 receiptIdForm=hex`;

/** `msgbin simulate`: an SMSC with handsets, by itself. */
export function simulateCommand({ stdout, stderr, signal }: Surroundings): Command {
  return new Command("simulate")
    .description("Run the simulator by itself: an SMPP server with handsets behind it.")
    .argument("[BEHAVIOUR=VALUE...]", "how it differs from a friendly carrier")
    .option("--host <ADDRESS>", "address to listen on", "127.0.0.1")
    .option("--port <PORT>", "port to listen on, 0 for any free one", "2775")
    .option("--show", "print each message that a handset gets")
    .addHelpText("after", EXAMPLES)
    .action(async (switches: readonly string[], { host, port, show }: SimulateOptions) => {
      if (!/^\d+$/.test(port) || Number(port) > MAX_PORT) {
        throw new CommandFailure("usage", `--port must be a port from 0 to ${MAX_PORT} (it is "${port}")`);
      }
      const behaviours = readSwitches(switches);
      const { problemOf, startSimulator } = await import("../app/start-simulator.ts"); // the other commands start faster without it
      const problem = problemOf(behaviours);
      if (problem !== null) throw new CommandFailure("usage", problem);
      const simulator = await startSimulator({
        host,
        port: Number(port),
        portVariable: "--port",
        behaviours,
        onFault: (words) => stderr.write(`a request could not be dealt with: ${onOneLine(words)}\n`),
        ...(show === true && {
          onMessage: (number, { from, text }) =>
            stdout.write(onOneLine(`${number} got from ${from}: ${text}`) + "\n"),
        }),
      });
      stdout.write(`the simulator listens; as a carrier it is ${simulator.url}\n`);
      try {
        if (!signal.aborted) await once(signal, "abort");
      } finally {
        const { submits, receipts, handsetMessages } = simulator.counters();
        await simulator.close();
        stdout.write(
          `\n${submits} submit_sm, ${receipts} receipts, ${handsetMessages} messages to handsets\n`,
        );
      }
    });
}

function readSwitches(words: readonly string[]): Record<string, string> {
  const switches: Record<string, string> = {};
  for (const word of words) {
    const [name = "", value] = word.split("=", 2);
    if (value === undefined)
      throw new CommandFailure("usage", `a behaviour is written NAME=VALUE, not "${word}"`);
    switches[name] = value;
  }
  return switches;
}
