export type Labels = Readonly<Record<string, string>>;

/** What the parts count and measure; observe/ fills it, and lists every name with its meaning. */
export interface Metrics {
  count(name: string, labels?: Labels, by?: number): void;
  /** Null ends the series of these labels: there is nothing to measure any more. */
  gauge(name: string, value: number | null, labels?: Labels): void;
  /** Durations, in seconds. */
  observe(name: string, seconds: number, labels?: Labels): void;
}
