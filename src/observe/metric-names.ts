/** What a metric is: a count that only rises, a value that goes both ways, or durations in seconds. */
export interface MetricDefinition {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** The label names it may carry; their values are from small fixed sets, never numbers of handsets or ids of messages. */
  readonly labels: readonly string[];
}

/**
 * Every metric there is. Counters end in `_total`, durations in `_seconds`; whoever counts something new adds its line here,
 * and docs/metrics.md follows from this table.
 */
export const METRICS = {
  msgbin_http_requests_total: {
    kind: "counter",
    help: "Requests answered, by method, route pattern and status.",
    labels: ["method", "route", "status"],
  },
  msgbin_http_request_seconds: {
    kind: "histogram",
    help: "Time from a request's arrival to its answer.",
    labels: ["method", "route"],
  },
  msgbin_inbound_refused_total: {
    kind: "counter",
    help: "Parts from handsets that were refused, so that the carrier keeps them.",
    labels: ["carrier"],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
