import { type Command, Option } from "commander";
import { type Config, loadConfig } from "../config/config.ts";
import { readConfigFile } from "../config/config-file.ts";
import type { Setting } from "../config/setting.ts";
import { type SettingName, SETTINGS } from "../config/settings.ts";
import { CommandFailure } from "./command-failure.ts";
import type { Surroundings } from "./surroundings.ts";

const ALL: readonly [SettingName, Setting<unknown>][] = Object.entries(SETTINGS) as [
  SettingName,
  Setting<unknown>,
][]; // Object.entries forgets the literal names

/** The settings that the service itself reads. */
export const SERVICE_SETTINGS: readonly SettingName[] = ALL.filter(
  ([, { usedBy }]) => usedBy !== "command line",
).map(([name]) => name);

/** The settings of commands that talk to a service. */
export const CLIENT_SETTINGS: readonly SettingName[] = ["url", "token", "dataDir"];

/** Gives a command one option for each of the settings. */
export function addSettingFlags(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const { flag, placeholder, meaning, variable, fallback, fallbackShown }: Setting<unknown> =
      SETTINGS[name];
    const otherwise = fallbackShown ?? fallback;
    command.addOption(
      new Option(
        `${flag} <${placeholder}>`,
        `${plain(meaning)} (${variable}; default: ${plain(otherwise ?? "none")})`,
      ),
    );
  }
  return command;
}

/** Reads all settings, with those that the command line gave; a wrong one ends the command. */
export function readConfig(options: Readonly<Record<string, unknown>>, surroundings: Surroundings): Config {
  const read = readConfigFile(surroundings.workingDirectory);
  if (!read.ok) throw new CommandFailure("usage", read.problem);
  const { environment, workingDirectory } = surroundings;
  const outcome = loadConfig({ flags: flagsOf(options), environment, file: read.file, workingDirectory });
  if (!outcome.ok) throw new CommandFailure("usage", outcome.problem);
  return outcome.config;
}

function flagsOf(options: Readonly<Record<string, unknown>>): Partial<Record<SettingName, string>> {
  const flags: Partial<Record<SettingName, string>> = {};
  for (const [name] of ALL) {
    const value = options[name];
    if (typeof value === "string") flags[name] = value;
  }
  return flags;
}

/** Without the marks of Markdown, which a terminal does not render. */
function plain(text: string): string {
  return text.replaceAll("`", "");
}
