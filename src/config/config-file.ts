import { readFileSync } from "node:fs";
import { join } from "node:path";

export const CONFIG_FILE = "msgbin.json";

export type ConfigFileOutcome =
  | { readonly ok: true; readonly file: Readonly<Record<string, unknown>> | null }
  | { readonly ok: false; readonly problem: string };

/** Reads msgbin.json of a folder; no such file is fine, one that cannot be read is a problem. */
export function readConfigFile(folder: string): ConfigFileOutcome {
  const text = readIfThere(join(folder, CONFIG_FILE));
  if (!text.ok) return text;
  if (text.content === null) return { ok: true, file: null };
  try {
    const file: unknown = JSON.parse(text.content);
    if (!isRecord(file)) return { ok: false, problem: `${CONFIG_FILE} must hold one JSON object` };
    return { ok: true, file };
  } catch (error) {
    return { ok: false, problem: `${CONFIG_FILE} is no JSON: ${messageOf(error)}` };
  }
}

function readIfThere(path: string): { ok: true; content: string | null } | { ok: false; problem: string } {
  try {
    return { ok: true, content: readFileSync(path, "utf8") };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return { ok: true, content: null };
    return { ok: false, problem: `${CONFIG_FILE} cannot be read: ${messageOf(error)}` };
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
