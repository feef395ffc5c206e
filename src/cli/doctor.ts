import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { checkMachine } from "./doctor/check-machine.ts";
import { checkService } from "./doctor/check-service.ts";
import type { Finding } from "./doctor/finding.ts";
import { addSettingFlags, readConfig } from "./setting-flags.ts";
import { addServiceFlags, type ServiceOptions } from "./service-command.ts";
import type { Surroundings } from "./surroundings.ts";
import { onOneLine } from "../domain/visible-text.ts";

const EXAMPLES = `
The data directory is looked at unless MSGBIN_URL names a service elsewhere. The exit code is 1 when something is wrong; a
warning does not make it so.

Examples:
  msgbin doctor
  MSGBIN_URL=https://sms.example.com MSGBIN_TOKEN=vb_… msgbin doctor`;

const MARKS = { ok: "ok  ", warning: "warn", wrong: "FAIL" } as const;

/** `msgbin doctor`: looks a set-up over; a line for each thing, and what to do about it. */
export function doctorCommand(surroundings: Surroundings): Command {
  const command = new Command("doctor")
    .description("Check this set-up: Node, data directory, database, disk, service, carriers, webhooks.")
    .addHelpText("after", EXAMPLES);
  addSettingFlags(command, ["host", "port"]);
  return addServiceFlags(command, "an array of findings").action(async (options: ServiceOptions) => {
    const config = readConfig({ ...options }, surroundings);
    const { stdout } = surroundings;
    const findings: Finding[] = [];
    for await (const finding of examine(config, surroundings)) {
      findings.push(finding);
      if (options.json !== true) stdout.write(renderFinding(finding));
    }
    if (options.json === true) stdout.write(`${JSON.stringify(findings)}\n`);
    const wrong = findings.filter(({ state }) => state === "wrong").length;
    if (wrong > 0) throw new CommandFailure("failed", `${wrong} of ${findings.length} checks failed`);
  });
}

async function* examine(
  config: ReturnType<typeof readConfig>,
  { signal }: Surroundings,
): AsyncGenerator<Finding> {
  yield* checkMachine(config);
  yield* checkService(config, signal);
}

function renderFinding({ state, what, found, todo }: Finding): string {
  const advice = todo === undefined ? "" : `\n      → ${todo}`;
  return `${MARKS[state]}  ${onOneLine(what)}: ${onOneLine(found)}${advice}\n`;
}
