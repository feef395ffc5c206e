import { resolve } from "node:path";
import type { RetentionDefault } from "../domain/retention.ts";
import { type Role, ROLES } from "./roles.ts";
import type { Parsed, Setting } from "./setting.ts";
import { type SettingName, SETTINGS } from "./settings.ts";

/** Everything an operator decided, checked. */
export interface Config {
  readonly listen: { readonly host: string; readonly port: number };
  /** Null: what it listens on. */
  readonly publicUrl: string | null;
  readonly trustedProxies: readonly string[];
  /** Absolute. */
  readonly dataDir: string;
  /** PostgreSQL, through a pooler perhaps and past it; null for the embedded database. */
  readonly database: { readonly url: string; readonly directUrl: string } | null;
  /** What this process does; on the embedded database all there is. */
  readonly roles: readonly Role[];
  /** Null where one is to be generated, or read from where it was kept. */
  readonly secrets: {
    readonly jwtKey: string | null;
    readonly secretKey: string | null;
    readonly adminPassword: string | null;
  };
  readonly simulator: { readonly isOn: boolean; readonly port: number };
  /** Requests per second and customer; null for no limit. */
  readonly rateLimit: number | null;
  /** How long messages are kept unless their customer decided otherwise. */
  readonly retention: RetentionDefault;
  readonly logLevel: Values["logLevel"];
  readonly allowPrivateWebhooks: boolean;
  /** For the command line: which server, as whom; null for the local one. */
  readonly remote: { readonly url: string | null; readonly token: string | null };
}

/** Where settings come from, the strongest first. */
export interface ConfigSources {
  /** By the names of {@link SETTINGS}. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What msgbin.json holds; null when there is none. */
  readonly file: Readonly<Record<string, unknown>> | null;
  /** What a relative data directory is relative to. */
  readonly workingDirectory: string;
}

/** A wrong setting is one line that begins with its name. */
export type ConfigOutcome =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problem: string };

type Values = {
  readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]>;
};
type ValueOf<One extends Setting<unknown>> =
  One extends Setting<infer Value> ? (One["fallback"] extends string ? Value : Value | null) : never;

/** Reads every setting from the strongest source that has it, and refuses names and values that mean nothing. */
export function loadConfig(sources: ConfigSources): ConfigOutcome {
  const stranger = findStranger(sources);
  if (stranger !== null) return { ok: false, problem: stranger };
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of SETTING_NAMES) {
    const outcome = readSetting(name, sources);
    if (!outcome.ok) return { ok: false, problem: outcome.reason };
    values[name] = outcome.value;
  }
  const config = toConfig(values as Values, sources.workingDirectory); // each name was read by its own parser
  if (config.database === null && config.roles.length < ROLES.length) {
    const problem = `${SETTINGS.roles.variable} must be all unless ${SETTINGS.databaseUrl.variable} names a PostgreSQL: the embedded database is for one process`;
    return { ok: false, problem };
  }
  return { ok: true, config };
}

const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]; // Object.keys forgets the literal names

/** Variables that begin so are the tests' own. */
const TEST_PREFIX = "MSGBIN_TEST_";

function findStranger({ environment, file }: ConfigSources): string | null {
  const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);
  const variable = Object.keys(environment).find(
    (name) =>
      name.startsWith("MSGBIN_") &&
      !name.startsWith(TEST_PREFIX) &&
      !settings.some((setting) => setting.variable === name),
  );
  if (variable !== undefined) return `${variable} is not a setting; \`msgbin serve --help\` lists them`;
  const key = Object.keys(file ?? {}).find((name) => !settings.some((setting) => setting.key === name));
  if (key !== undefined) return `msgbin.json: ${key} is not a setting; \`msgbin serve --help\` lists them`;
  return null;
}

function readSetting(name: SettingName, sources: ConfigSources): Parsed<unknown> {
  const setting: Setting<unknown> = SETTINGS[name];
  const found = findText(name, setting, sources);
  if (found === null) return { ok: true, value: null };
  const { origin, text } = found;
  if (text === null)
    return { ok: false, reason: `${origin} must be a text, a number, true or false, or a list of texts` };
  const outcome = setting.parse(text);
  if (outcome.ok) return outcome;
  const shown = setting.isSecret === true ? "" : ` (it is "${text}")`;
  return { ok: false, reason: `${origin} ${outcome.reason}${shown}` };
}

/** The text and what to call its origin in an error; a null text could not be read as one. */
function findText(
  name: SettingName,
  setting: Setting<unknown>,
  { flags, environment, file }: ConfigSources,
): { origin: string; text: string | null } | null {
  const flag = flags[name];
  if (flag !== undefined) return { origin: setting.flag, text: flag };
  const variable = environment[setting.variable];
  if (variable !== undefined && variable !== "") return { origin: setting.variable, text: variable };
  const key = file?.[setting.key];
  if (key !== undefined) return { origin: `msgbin.json: ${setting.key}`, text: textOf(key) };
  return setting.fallback === null ? null : { origin: setting.variable, text: setting.fallback };
}

/** A value of msgbin.json as the text that a variable would hold; null when it can be none. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(",");
  return null;
}

function toConfig(values: Values, workingDirectory: string): Config {
  return {
    listen: { host: values.host, port: values.port },
    publicUrl: values.publicUrl,
    trustedProxies: values.trustedProxies ?? [],
    dataDir: resolve(workingDirectory, values.dataDir),
    database:
      values.databaseUrl === null
        ? null
        : { url: values.databaseUrl, directUrl: values.databaseDirectUrl ?? values.databaseUrl },
    roles: values.roles,
    secrets: { jwtKey: values.jwtKey, secretKey: values.secretKey, adminPassword: values.adminPassword },
    // No real message is ever delivered to an imaginary handset: the simulator is the embedded database's.
    simulator: { isOn: values.simulator && values.databaseUrl === null, port: values.simulatorPort },
    rateLimit: values.rateLimit,
    retention: {
      days: values.retentionDays,
      contentDays: values.retentionContentDays,
      wholeMonths: values.retentionWholeMonths,
    },
    logLevel: values.logLevel,
    allowPrivateWebhooks: values.allowPrivateWebhooks,
    remote: { url: values.url, token: values.token },
  };
}
