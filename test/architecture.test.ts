import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findViolations, scanSource, scanSources } from "./support/import-scan.ts";
import { renderImportTable } from "./support/import-table.ts";

const ROOT = new URL("../", import.meta.url).pathname;
/** Far fewer than there are: an empty or halved scan must not look like a clean one. */
const FILES_AT_LEAST = 150;
const IMPORTS_AT_LEAST = 400;

describe("the import table", () => {
  const sources = scanSources(`${ROOT}src`);

  it("is held against the whole tree", () => {
    expect(sources.length).toBeGreaterThan(FILES_AT_LEAST);
    expect(sources.flatMap((file) => file.imports).length).toBeGreaterThan(IMPORTS_AT_LEAST);
  });

  it("is kept by every source file", () => {
    expect(findViolations(sources)).toEqual([]);
  });

  it("is the one that ARCHITECTURE.md shows", () => {
    expect(readFileSync(`${ROOT}ARCHITECTURE.md`, "utf8")).toContain(`${renderImportTable()}\n`);
  });

  it("reports every violation that is planted in the fixture", () => {
    expect(findViolations(scanSources(`${ROOT}test/fixtures/architecture`))).toEqual([
      "cli/reads-domain.ts may not import domain/allowed.ts",
      "dispatch/knows-smpp-carrier.ts may not import carriers/smpp-carrier.ts",
      "domain/computes-import.ts computes what it imports",
      "domain/imports-upwards.ts may not import store/re-exports.ts",
      "gsm/imports-sibling.ts may not import domain/allowed.ts",
      "nowhere.ts is in no folder of the table",
      "routing/loads-lazily.ts may not import store/re-exports.ts",
      "routing/uses-package.ts may not use the package pino",
      "smpp/session/keeps-time.ts may not use the built-in node:timers/promises",
      "store/re-exports.ts may not import routing/uses-package.ts",
    ]);
  });
});

describe("the import scanner", () => {
  it("sees every form in which a module can be named", () => {
    const source = [
      'import a from "./a.ts";',
      'import type { B } from "./b.ts";',
      "import {\n  c,\n  d,\n} from './c.ts';",
      'import "./d.ts";',
      'export { e } from "./e.ts";',
      'export * from "./f.ts";',
      'const g = await import("./g.ts");',
      'type H = import("./h.ts").H;',
      'const i = require("./i.ts");',
    ].join("\n");
    const { imports, computedImports } = scanSource("x.ts", source);
    expect(imports.toSorted()).toEqual("abcdefghi".split("").map((letter) => `./${letter}.ts`));
    expect(computedImports).toBe(0);
    expect(scanSource("x.ts", "const z = await import(name);").computedImports).toBe(1);
  });
});

describe("file names", () => {
  const SAYS_NOTHING =
    /(?:^|\/)(?:utils?|helpers?|common|misc|types?|lib|index|interfaces?)(?:\/|\.[jt]sx?$)/;
  const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)+$/;

  it("say an idea, in kebab-case", () => {
    const files = ["src", "test", "bin"]
      .flatMap(filesOf)
      .filter((path) => !path.startsWith("test/fixtures/"));
    expect(files.length).toBeGreaterThan(FILES_AT_LEAST);
    expect(files.filter((path) => SAYS_NOTHING.test(path))).toEqual([]);
    expect(files.filter((path) => !KEBAB_CASE.test(path.split("/").at(-1) ?? ""))).toEqual([]);
  });

  it("are refused when they say nothing", () => {
    expect(filesOf("test/fixtures/architecture").filter((path) => SAYS_NOTHING.test(path))).toEqual([
      "test/fixtures/architecture/gsm/utils.ts",
    ]);
  });
});

function filesOf(folder: string): string[] {
  return readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.[jt]sx?$/.test(path))
    .map((path) => `${folder}/${path}`);
}
