import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { SETTINGS } from "../src/config/settings.ts";
import { METRICS } from "../src/observe/metric-names.ts";

const read = (file: string): string => readFileSync(new URL(`../deploy/${file}`, import.meta.url), "utf8");
const DEPLOYED = ["Dockerfile", "compose.yml", "msgbin.service", "kubernetes/msgbin.yml"] as const;
/** What the client library offers by itself; the rest of a histogram's names end in these. */
const OWN_METRIC = /^(?:process|nodejs)_/;
const HISTOGRAM_SUFFIX = /_(?:bucket|sum|count)$/;

interface Container {
  readonly env: readonly { readonly name: string }[];
}
interface Manifest {
  readonly kind: string;
  readonly spec?: { readonly template?: { readonly spec: { readonly containers: readonly Container[] } } };
}
interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly description: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const settings: ReadonlySet<string> = new Set(Object.values(SETTINGS).map(({ variable }) => variable));

function expectKnownSettings(text: string): void {
  const named = [...text.matchAll(/\bMSGBIN_[A-Z_]+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !settings.has(name))).toEqual([]);
}

describe("what is shipped to run elsewhere", () => {
  it.each(DEPLOYED)("names only settings that exist in %s", (file) => expectKnownSettings(read(file)));

  it("runs from a clone under systemd, by the launcher alone, and installs nothing from a registry", () => {
    const unit = read("msgbin.service");
    const [, home = "", launcher = ""] =
      /^ExecStart=\/usr\/bin\/env node (\/\S+?)\/(bin\/\S+) serve$/m.exec(unit) ?? [];
    expect(existsSync(new URL(`../${launcher}`, import.meta.url))).toBe(true);
    expect(unit).toContain(`\nWorkingDirectory=${home}\n`);
    const [, user = ""] = /^User=(.+)$/m.exec(unit) ?? [];
    expect(unit).toMatch(new RegExp(`^#.*useradd .* ${user}$`, "m"));
    for (const file of [...DEPLOYED, "README.md"])
      expect(read(file)).not.toMatch(/npm (?:i|install) .*msgbin/);
  });

  it("is YAML where it says so, with the services that the page names", () => {
    const compose = parse(read("compose.yml"), { merge: true }) as { services: Record<string, unknown> };
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining([
        "postgres",
        "api-1",
        "api-2",
        "dispatch-1",
        "dispatch-2",
        "proxy",
        "prometheus",
        "grafana",
      ]),
    );
    for (const document of parseAllDocuments(read("kubernetes/msgbin.yml"))) {
      expect(document.errors).toEqual([]);
      const { kind, spec } = document.toJS() as Manifest;
      const first = spec?.template?.spec.containers[0]?.env[0]?.name;
      expect(first).toBe(kind === "Deployment" ? "MSGBIN_ROLES" : undefined);
    }
    expect(parse(read("prometheus.yml"))).toHaveProperty("scrape_configs");
  });

  it("asks in the dashboard only for metrics that there are", () => {
    const { panels } = JSON.parse(read("grafana/dashboards/msgbin.json")) as Dashboard;
    expect(panels.length).toBeGreaterThan(10);
    for (const { title, description, targets } of panels) {
      expect({ title, description }).not.toEqual({ title, description: "" });
      const names = targets.flatMap(
        ({ expr }) => expr.match(/\b(?:msgbin|process|nodejs)_[a-z0-9_]+/g) ?? [],
      );
      const unknown = names.filter(
        (name) => !OWN_METRIC.test(name) && !Object.hasOwn(METRICS, name.replace(HISTOGRAM_SUFFIX, "")),
      );
      expect({ title, unknown, asks: names.length > 0 }).toEqual({ title, unknown: [], asks: true });
    }
  });

  it("copies into the image what the package runs from", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
      scripts: Record<string, string>;
    };
    expect(scripts).toHaveProperty("build");
    for (const part of ["bin", "dist", "node_modules"])
      expect(read("Dockerfile")).toContain(`/build/${part} `);
    expect(read("Dockerfile")).toMatch(/^USER msgbin$/m);
  });
});
