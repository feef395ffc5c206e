import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Setting } from "../src/config/setting.ts";
import { SETTINGS } from "../src/config/settings.ts";
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
});
