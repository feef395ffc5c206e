import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type MetricDefinition, METRICS } from "./metric-names.ts";
import { createMetrics } from "./metrics.ts";

describe("metrics", () => {
  it("render what was counted, set and observed, with their labels", async () => {
    const metrics = createMetrics();
    metrics.count("msgbin_http_requests_total", { method: "GET", route: "/v1.0/messages", status: "200" });
    metrics.count("msgbin_http_requests_total", { method: "GET", route: "/v1.0/messages", status: "200" }, 2);
    metrics.observe("msgbin_http_request_seconds", 0.004, { method: "GET", route: "/v1.0/messages" });
    const text = await metrics.render();
    expect(text).toContain('msgbin_http_requests_total{method="GET",route="/v1.0/messages",status="200"} 3');
    expect(text).toContain(
      'msgbin_http_request_seconds_bucket{le="0.005",method="GET",route="/v1.0/messages"} 1',
    );
    expect(metrics.contentType).toContain("text/plain");
  });

  it("tell how late the event loop runs", async () => {
    expect(await createMetrics().render()).toContain("nodejs_eventloop_lag_p99_seconds");
  });

  it("refuse a name that is not listed, a label that is not listed, and a use of the wrong kind", () => {
    const metrics = createMetrics();
    expect(() => metrics.count("msgbin_nobody_knows_total")).toThrow(/metric-names/);
    expect(() => metrics.count("msgbin_http_requests_total", { colour: "red" })).toThrow(/colour/);
    expect(() => metrics.gauge("msgbin_http_requests_total", 1)).toThrow(/with this use/);
  });

  it("ask for fresh values before each rendering until told to stop", async () => {
    const metrics = createMetrics();
    let asked = 0;
    const stop = metrics.beforeRender(async () => void (asked += 1));
    await metrics.render();
    stop();
    await metrics.render();
    expect(asked).toBe(1);
  });

  it("are named after the convention: msgbin_ first, counters _total, histograms _seconds", () => {
    const endings = { counter: /_total$/, gauge: /(?<!_total)$/, histogram: /_seconds$/ };
    for (const [name, { kind, help }] of Object.entries<MetricDefinition>(METRICS)) {
      expect(name).toMatch(/^msgbin_[a-z0-9_]+$/);
      expect(name).toMatch(endings[kind]);
      expect(help).toMatch(/^[A-Z].*\.$/s);
    }
  });
});

describe("the list of metrics", () => {
  const used = new Set(usedNames());

  it("holds every name that the code uses", () => {
    for (const name of used) expect(Object.keys(METRICS)).toContain(name);
  });

  it("holds no name that the code does not use", () => {
    for (const name of Object.keys(METRICS)) expect([...used]).toContain(name);
  });
});

/** Every name that the sources count, set or observe. */
function usedNames(): string[] {
  const source = new URL("../", import.meta.url).pathname;
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .flatMap((file) => [...readFileSync(source + file, "utf8").matchAll(METRIC_USE)])
    .map((match) => match[1] ?? "");
}

const METRIC_USE = /\b(?:count|gauge|observe)\(\s*["'](msgbin_[a-z0-9_]+)["']/g;
