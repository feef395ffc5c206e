import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Metrics } from "../domain/metrics.ts";
import { type MetricDefinition, METRICS } from "./metric-names.ts";

/** Metrics that can be read: what `/metrics` answers. */
export interface ReadableMetrics extends Metrics {
  readonly contentType: string;
  /** All of them in Prometheus' text format. */
  render(): Promise<string>;
  /** Called before each rendering, for values that are cheaper to look up than to keep: queue depths. Answers how to stop. */
  beforeRender(refresh: () => Promise<void>): () => void;
}

/** From a commit's fraction of a millisecond to a webhook's 15 s; receipts that take longer fall into the last bucket. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];

/**
 * Makes the metrics of one process, those of the process itself (memory, CPU, event loop delay) included.
 * Using a name or a label that {@link METRICS} does not list throws: it is a mistake in the code, never in the data.
 */
export function createMetrics(): ReadableMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { counters, gauges, histograms } = register(registry);
  const refreshers = new Set<() => Promise<void>>();
  return {
    contentType: registry.contentType,
    async render() {
      await Promise.all([...refreshers].map((refresh) => refresh()));
      return registry.metrics();
    },
    beforeRender(refresh) {
      refreshers.add(refresh);
      return () => refreshers.delete(refresh);
    },
    count: (name, labels = {}, by = 1) => find(counters, name).inc(labels, by),
    gauge(name, value, labels = {}) {
      const gauge = find(gauges, name);
      if (value === null) gauge.remove(labels);
      else gauge.set(labels, value);
    },
    observe: (name, seconds, labels = {}) => find(histograms, name).observe(labels, seconds),
  };
}

interface Registered {
  readonly counters: ReadonlyMap<string, Counter>;
  readonly gauges: ReadonlyMap<string, Gauge>;
  readonly histograms: ReadonlyMap<string, Histogram>;
}

function register(registry: Registry): Registered {
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, definition] of Object.entries<MetricDefinition>(METRICS)) {
    const settings = { name, help: definition.help, labelNames: definition.labels, registers: [registry] };
    switch (definition.kind) {
      case "counter":
        counters.set(name, new Counter(settings));
        break;
      case "gauge":
        gauges.set(name, new Gauge(settings));
        break;
      case "histogram":
        histograms.set(name, new Histogram({ ...settings, buckets: BUCKETS_SECONDS }));
        break;
    }
  }
  return { counters, gauges, histograms };
}

function find<Metric>(metrics: ReadonlyMap<string, Metric>, name: string): Metric {
  const metric = metrics.get(name);
  if (metric === undefined)
    throw new Error(`metric ${name} is not listed in observe/metric-names.ts with this use`);
  return metric;
}

/** Metrics that nobody reads, for command line runs. */
export const SILENT_METRICS: Metrics = { count: () => {}, gauge: () => {}, observe: () => {} };
