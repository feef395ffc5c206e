import type { Door } from "../door.ts";

/** What a scraper reads, with the type it expects. */
export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

interface MetricsDeps {
  readonly renderMetrics: () => Promise<MetricsText>;
}

/** `GET /metrics`: counters and durations for Prometheus. */
export function metricsGet(door: Door, { renderMetrics }: MetricsDeps): void {
  door.get(
    "/metrics",
    { schema: { tags: ["Service"], summary: "Metrics for Prometheus", security: [] } },
    async (_request, reply) => {
      const { contentType, text } = await renderMetrics();
      return reply.type(contentType).send(text);
    },
  );
}
