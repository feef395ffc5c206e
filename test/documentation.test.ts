import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Command } from "commander";
import { REASONS } from "../src/api/errors.ts";
import { parseCarrierUrl } from "../src/carriers/carrier-url.ts";
import { buildProgram } from "../src/cli/command-line.ts";
import type { Setting } from "../src/config/setting.ts";
import { SETTINGS } from "../src/config/settings.ts";
import { METRICS } from "../src/observe/metric-names.ts";
import { fillTables, PAGES_WITH_TABLES, TABLES } from "./support/reference-tables.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const DOCS = readdirSync(`${ROOT}docs`, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".md"),
);
const PAGES = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...DOCS.map((file) => `docs/${file}`),
];

function read(page: string): string {
  return readFileSync(ROOT + page, "utf8");
}

describe("tables in the documentation", () => {
  it.each(PAGES_WITH_TABLES)("are as the code has them (else: npm run docs): %s", (page) => {
    expect(read(page)).toContain("<!-- table ");
    expect(fillTables(read(page))).toBe(read(page));
  });

  it("are all shown somewhere", () => {
    const shown = PAGES_WITH_TABLES.flatMap((page) => [...read(page).matchAll(/<!-- table ([a-z ]+) -->/g)]);
    expect(new Set(shown.map((match) => match[1]))).toEqual(new Set(Object.keys(TABLES)));
  });

  it("go red when the code has something that they do not show", () => {
    const page = read("README.md");
    expect(fillTables(page.replace(/^\| `MSGBIN_HOST`.*\n/m, ""))).toBe(page);
    expect(() => fillTables("<!-- table unheard of -->\n\n<!-- end -->")).toThrow("unheard of");
  });
});

describe("the pages", () => {
  it("name no variable that is no setting", () => {
    const known = Object.values<Setting<unknown>>(SETTINGS).map(({ variable }) => variable as string);
    const named = PAGES.flatMap((page) => read(page).match(/MSGBIN_[A-Z_]*[A-Z]/g) ?? []);
    expect(named.length).toBeGreaterThan(known.length);
    expect(named.filter((name) => !known.includes(name) && !name.startsWith("MSGBIN_TEST"))).toEqual([]);
  });

  it.each(PAGES)("link to what is there: %s", (page) => {
    const folder = page.includes("/") ? page.slice(0, page.lastIndexOf("/") + 1) : "";
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map((match) => match[1] ?? "");
    expect(links.filter((link) => !existsSync(ROOT + folder + link))).toEqual([]);
  });

  it("name no command and no option that there is not", () => {
    const uses = PAGES.flatMap((page) => [
      ...read(page).matchAll(/(?:npx )?msgbin ((?:[a-z]+ ?)+)([^\n`|)]*)/g),
    ]);
    const wrong = uses.filter(([, words = "", rest = ""]) => {
      const isCommandLine =
        /^(?:npx |msgbin --)/.test(words) || PROGRAM.commands.some((c) => c.name() === words.split(" ")[0]);
      return isCommandLine && unknownOptions(words, rest).length > 0;
    });
    expect(wrong.map(([use]) => use)).toEqual([]);
    const named = PAGES.flatMap((page) =>
      [...read(page).matchAll(/npx msgbin ([a-z]+)/g)].map((match) => match[1]),
    );
    const known = PROGRAM.commands.map((command) => command.name());
    expect(new Set(named)).toEqual(new Set(known));
  });

  it("name no setting of a carrier that there is not, for who comes from elsewhere", () => {
    const rows = read("docs/coming-from.md").match(/^\|.*\|$/gm) ?? [];
    const settings = rows.flatMap((row) => [
      ...(row.split("|").at(-2) ?? "").matchAll(/`([a-z_]+=[\w.:-]+)`/g),
    ]);
    expect(settings.length).toBeGreaterThan(25);
    expect(settings.filter(([, setting = ""]) => !isCarrierSetting(setting))).toEqual([]);
    expect(isCarrierSetting("msg_id_type=1")).toBe(false);
  });

  it("name no metric that there is not", () => {
    const named = PAGES.flatMap((page) => read(page).match(/\bmsgbin_[a-z_]*[a-z]\b(?!_|…)/g) ?? []);
    const known = new Set([...Object.keys(METRICS), "msgbin_session"]);
    expect(new Set(named).size).toBeGreaterThanOrEqual(Object.keys(METRICS).length);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it("name no reason of an error that there is not", () => {
    const known = new Set(
      Object.entries<{ status: string; wire?: string }>(REASONS).flatMap(
        ([name, { status, wire = name }]) => [wire, status],
      ),
    );
    const named = [...read("docs/errors.md").matchAll(/`([A-Z]+(?:_[A-Z]+)+|INTERNAL|UNAVAILABLE)`/g)].map(
      (match) => match[1] ?? "",
    );
    expect(named.length).toBeGreaterThan(known.size);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe("the metrics", () => {
  it("are all counted somewhere, and none is counted that is not listed", () => {
    const sources = readdirSync(`${ROOT}src`, { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith("metric-names.ts"),
    );
    const counted = sources.flatMap((file) =>
      [...read(`src/${file}`).matchAll(/\.?(?:count|gauge|observe)\(\s*"(msgbin_[a-z_]+)"/g)].map(
        (match) => match[1] ?? "",
      ),
    );
    expect(new Set(counted)).toEqual(new Set(Object.keys(METRICS)));
  });
});

const PROGRAM = buildProgram({
  arguments: [],
  environment: {},
  workingDirectory: "/",
  stdout: { write: () => true },
  stderr: { write: () => true },
  signal: new AbortController().signal,
});

function isCarrierSetting(setting: string): boolean {
  return parseCarrierUrl(`smpp://id:secret@smsc.example.com?${setting}`).ok;
}

/** Options in a line of documentation that neither the command nor those above it have. */
function unknownOptions(words: string, rest: string): readonly string[] {
  const path = words.trim().split(" ");
  let command: Command = PROGRAM;
  const options = new Set(["--help", "--version"]);
  for (const word of path) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) break;
    command = next;
    for (const { long } of command.options) if (long !== undefined && long !== null) options.add(long);
  }
  return (rest.match(/(?<=^|\s)--[a-z-]+/g) ?? []).filter((option) => !options.has(option));
}
