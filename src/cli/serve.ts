import { once } from "node:events";
import { Command } from "commander";
import type { App } from "../app.ts";
import { setUpV8 } from "../app/v8-settings.ts";
import { addSettingFlags, readConfig, SERVICE_SETTINGS } from "./setting-flags.ts";
import { NO_PAINT, renderFirstRun, TERMINAL_PAINT } from "./greeting.ts";
import type { Surroundings } from "./surroundings.ts";

const EXAMPLES = `
Every option can also be given as the variable in brackets or in msgbin.json; the option wins, then the variable.

Examples:
  msgbin serve
  msgbin serve --port 9000 --data-dir /var/lib/msgbin
  MSGBIN_SIMULATOR=off msgbin serve --host 0.0.0.0`;

/** `msgbin serve`: the service, until it is told to stop. */
export function serveCommand(surroundings: Surroundings): Command {
  const command = new Command("serve")
    .description("Run the service: HTTP API, carriers, webhooks, and the simulator.")
    .addHelpText("after", EXAMPLES);
  return addSettingFlags(command, SERVICE_SETTINGS).action(
    async (options: Readonly<Record<string, unknown>>) => {
      const config = readConfig(options, surroundings);
      const { stdout, stderr, signal } = surroundings;
      const { startApp } = await import("../app.ts"); // the other commands start faster without it
      setUpV8();
      const app = await startApp(config, stderr.raw);
      try {
        await greet(app, config.simulator.isOn, surroundings);
        if (!signal.aborted) await once(signal, "abort");
      } finally {
        if (stdout.isTTY === true)
          stdout.write("\nstopping: what is in flight is finished first; once more to stop at once\n");
        await app.stop();
      }
    },
  );
}

/** Says where the service is; secrets go to a person at a terminal, else into a file that only the owner may read. */
async function greet(
  { url, firstRun, writeFirstRun, noteFirstRunShown }: App,
  hasSimulator: boolean,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, environment } = surroundings;
  if (firstRun === null) {
    stdout.write(`msgbin runs at ${url}\n`);
    return;
  }
  const facts = { url, ...firstRun, hasSimulator };
  if (stdout.isTTY === true) {
    stdout.raw.write(
      renderFirstRun(facts, (environment["NO_COLOR"] ?? "") === "" ? TERMINAL_PAINT : NO_PAINT),
    );
  } else {
    const file = writeFirstRun(renderFirstRun(facts, NO_PAINT));
    stdout.write(`msgbin runs at ${url}\nHow to get in is written to ${file}\n`);
  }
  await noteFirstRunShown();
}
