import type { Command } from "commander";
import { openServiceClient, type ServiceClient } from "./service-client.ts";
import { addSettingFlags, CLIENT_SETTINGS, readConfig } from "./setting-flags.ts";
import type { Surroundings } from "./surroundings.ts";

/** What every command that asks a service can be told. */
export interface ServiceOptions {
  readonly json?: true;
}

/** Gives a command `--json` and the settings that say which service, as whom. */
export function addServiceFlags(command: Command, printed: string): Command {
  return addSettingFlags(command.option("--json", `print ${printed} as JSON`), CLIENT_SETTINGS);
}

/** The service that a command's options name. */
export function connect(options: ServiceOptions, surroundings: Surroundings): Promise<ServiceClient> {
  return openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
}

/** Prints an answer as JSON on one line, or as people read it. */
export function show<Answer>(
  answer: Answer,
  { json }: ServiceOptions,
  render: (answer: Answer) => string,
  { stdout }: Surroundings,
): void {
  stdout.write(json === true ? `${JSON.stringify(answer)}\n` : render(answer));
}

/** Prints a list; an empty one is `[]` for scripts, and a hint beside the output for people. */
export function showList<Item>(
  items: readonly Item[],
  options: ServiceOptions,
  { render, none }: { readonly render: (items: readonly Item[]) => string; readonly none: string },
  surroundings: Surroundings,
): void {
  if (items.length === 0 && options.json !== true) surroundings.stderr.write(`${none}\n`);
  else show(items, options, render, surroundings);
}
