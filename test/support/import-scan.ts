import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { IMPORT_TABLE, type ImportRule } from "./import-table.ts";

/** A source file and every module it names. */
export interface SourceFile {
  /** Relative to the scanned folder, with `/`. */
  readonly path: string;
  readonly imports: readonly string[];
  /** Imports whose target is computed, which nothing could check. */
  readonly computedImports: number;
}

/** `from "…"` of imports and re-exports, bare imports, and `import("…")` in code and in types. */
const IMPORT_FORMS: readonly RegExp[] = [
  /^\s*(?:import|export)\s[^;]*?\bfrom\s*["']([^"']+)["']/gm,
  /^\s*import\s*["']([^"']+)["']/gm,
  /\bimport\s*\(\s*["'`]([^"'`]+)["'`]/g,
  /\brequire\s*\(\s*["'`]([^"'`]+)["'`]/g,
];
const COMPUTED_IMPORT = /(?<![.\w])(?:import|require)\s*\(\s*[^"'`\s)]/g;

/** Reads all TypeScript files below a folder, tests and fixtures left out: they may import what they test. */
export function scanSources(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !/\.(?:test|contract)\.ts$/.test(path))
    .filter((path) => !/(?:^|\/)fixtures\//.test(path))
    .toSorted()
    .map((path) => scanSource(path, readFileSync(join(folder, path), "utf8")));
}

/** Finds the modules that one source names. */
export function scanSource(path: string, source: string): SourceFile {
  const imports = IMPORT_FORMS.flatMap((form) => [...source.matchAll(form)].map((match) => match[1] ?? ""));
  return { path, imports, computedImports: [...source.matchAll(COMPUTED_IMPORT)].length };
}

/** What the table forbids, one sentence each. */
export function findViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const rule = ruleOf(file.path);
    if (rule === null) return [`${file.path} is in no folder of the table`];
    const found = file.imports.map((name) => judge(file.path, name, rule)).filter((words) => words !== null);
    return file.computedImports === 0 ? found : [...found, `${file.path} computes what it imports`];
  });
}

/** The rule of the longest folder that holds the file. */
function ruleOf(path: string): ImportRule | null {
  let best: { readonly rule: ImportRule; readonly length: number } | null = null;
  for (const rule of IMPORT_TABLE) {
    for (const folder of rule.folders) {
      if (isWithin(path, folder) && folder.length > (best?.length ?? 0))
        best = { rule, length: folder.length };
    }
  }
  return best?.rule ?? null;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function judge(path: string, name: string, rule: ImportRule): string | null {
  if (name.startsWith(".")) return judgeRelative(path, name, rule);
  if (name.startsWith("node:")) {
    const builtIn = name.slice("node:".length).split("/", 1)[0] ?? "";
    const isAllowed = rule.builtIns === "any" || rule.builtIns.includes(builtIn);
    return isAllowed ? null : `${path} may not use the built-in ${name}`;
  }
  const isAllowed = rule.packages.some((allowed) => isPackage(name, allowed));
  return isAllowed ? null : `${path} may not use the package ${name}`;
}

function judgeRelative(path: string, name: string, rule: ImportRule): string | null {
  if (!name.endsWith(".ts")) return `${path} imports ${name} without its extension`;
  const target = relative(".", join(dirname(path), name)).replaceAll("\\", "/");
  if (target.startsWith("..")) return `${path} imports ${name} from outside the sources`;
  if (rule.imports === "everything") return null;
  const owner = ruleOf(target);
  const home = owner?.folders.find((folder) => isWithin(target, folder)) ?? null;
  const isOwnFolder = owner === rule && home !== null && isWithin(path, home);
  const isAllowed = isOwnFolder || rule.imports.some((allowed) => allowed === target || allowed === home);
  return isAllowed ? null : `${path} may not import ${target}`;
}

/** `@scope/*` stands for every package of a scope; a path behind the name is of the package. */
function isPackage(name: string, allowed: string): boolean {
  return allowed.endsWith("/*") ? name.startsWith(allowed.slice(0, -1)) : isWithin(name, allowed);
}
