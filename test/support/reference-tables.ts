import type { Command } from "commander";
import { REASONS } from "../../src/api/errors.ts";
import { BEHAVIOURS } from "../../src/carriers/simulator/behaviours.ts";
import { MAGIC_NUMBERS } from "../../src/carriers/simulator/magic-numbers.ts";
import { SMPP_URL_KEYS } from "../../src/carriers/smpp/url-keys.ts";
import { buildProgram } from "../../src/cli/command-line.ts";
import { EXIT_CODES } from "../../src/cli/command-failure.ts";
import type { Setting } from "../../src/config/setting.ts";
import { SETTINGS } from "../../src/config/settings.ts";
import { FAILURE_CODES, FAILURE_MEANINGS } from "../../src/domain/failure.ts";
import { type MetricDefinition, METRICS } from "../../src/observe/metric-names.ts";

/** The pages that show tables of the code. */
export const PAGES_WITH_TABLES = [
  "README.md",
  "docs/carriers.md",
  "docs/simulator.md",
  "docs/metrics.md",
  "docs/errors.md",
] as const;

/** Tables that pages show between `<!-- table NAME -->` and `<!-- end -->`, by name. */
export const TABLES: Readonly<Record<string, () => string>> = {
  settings,
  commands,
  "exit codes": exitCodes,
  metrics,
  "error reasons": errorReasons,
  "failure codes": failureCodes,
  "carrier url keys": () => keys(SMPP_URL_KEYS),
  behaviours: () => keys(BEHAVIOURS),
  "magic numbers": () => magicNumbers(Object.keys(MAGIC_NUMBERS)),
  "first magic numbers": () => magicNumbers(FIRST_MAGIC_NUMBERS),
};

/** Those that a newcomer wants to try. */
const FIRST_MAGIC_NUMBERS = [1, 2, 3, 4, 5, 6, 10, 11, 21, 31].map((number) =>
  String(number).padStart(8, "0"),
);

const PLACE = /(<!-- table ([a-z ]+) -->\n)(?:[^]*?\n)??(<!-- end -->)/g;

/** A page with each of its tables as the code has it now. */
export function fillTables(page: string): string {
  return page.replaceAll(PLACE, (_, begin: string, name: string, end: string) => {
    const render = TABLES[name];
    if (render === undefined) throw new Error(`there is no table ${name}`);
    return `${begin}${render()}\n${end}`;
  });
}

function settings(): string {
  const rows = Object.values<Setting<unknown>>(SETTINGS).map(
    ({ variable, flag, key, fallback, fallbackShown, meaning }) => [
      `\`${variable}\`<br>\`${flag}\` \`${key}\``,
      fallbackShown ?? `\`${fallback}\``,
      meaning,
    ],
  );
  return table(["variable<br>flag, key of msgbin.json", "default", "meaning"], rows);
}

function commands(): string {
  const program = buildProgram({
    arguments: [],
    environment: {},
    workingDirectory: "/",
    stdout: { write: () => true },
    stderr: { write: () => true },
    signal: new AbortController().signal,
  });
  const rows = program.commands.map((command) => [
    [`npx msgbin ${usageOf(command)}`, command.commands.map(usageOf).join("` `")]
      .filter((words) => words !== "")
      .map((words) => `\`${words}\``)
      .join("<br>"),
    command.description(),
  ]);
  return table(["command", "what"], rows);
}

/** Its name and what is to follow it. */
function usageOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}…` : argument.name();
    return argument.required ? name : `[${name}]`;
  });
  return [command.name(), ...words].join(" ");
}

function exitCodes(): string {
  return table(
    ["exit code", "meaning"],
    Object.values(EXIT_CODES).map(({ code, meaning }) => [String(code), meaning]),
  );
}

function metrics(): string {
  const rows = Object.entries<MetricDefinition>(METRICS)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { kind, labels, help }]) => [`\`${name}\``, kind, labels.join(", "), help]);
  return table(["metric", "kind", "labels", "meaning"], rows);
}

function errorReasons(): string {
  const meanings = Object.entries<{ status: string; http: number; about: string; wire?: string }>(REASONS);
  const rows = meanings.map(([name, { status, http, about, wire = name }]) => [
    `\`${wire}\``,
    String(http),
    `\`${status}\``,
    about,
  ]);
  return table(["reason", "HTTP", "status", "meaning"], rows);
}

function failureCodes(): string {
  return table(
    ["code", "meaning"],
    FAILURE_CODES.map((code) => [`\`${code}\``, FAILURE_MEANINGS[code]]),
  );
}

interface Key {
  readonly allowed: string;
  readonly default: string;
  readonly meaning: string;
}

function keys(described: Readonly<Record<string, Key>>): string {
  const rows = Object.entries(described).map(([name, { allowed, default: standard, meaning }]) => [
    `\`${name}\``,
    allowed,
    standard === "" ? "" : `\`${standard}\``,
    meaning,
  ]);
  return table(["key", "values", "default", "meaning"], rows);
}

function magicNumbers(endings: readonly string[]): string {
  const rows = endings.map((ending) => [`\`+316${ending}\``, MAGIC_NUMBERS[ending]?.meaning ?? ""]);
  return table(["number, for instance", "what becomes of it"], rows);
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heading, heading.map(() => "---"), ...rows.map((row) => row.map(escapeCell))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A `|` would begin the next cell. */
function escapeCell(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}
