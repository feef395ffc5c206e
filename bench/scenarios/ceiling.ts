import { startChild } from "../tools/child.ts";
import type { LoadResult } from "../tools/load.ts";
import type { Run } from "../figures.ts";

const PORT = 27_760;

/** The load generator against the sink: what the tools can do by themselves, to show that they are not what is measured. */
export async function toolCeiling(count: number): Promise<Run> {
  const sink = startChild("sink.ts");
  const loader = startChild("load.ts");
  try {
    await sink.ask("listen", PORT);
    const load = await loader.ask<LoadResult>("run", {
      port: PORT,
      method: "POST",
      path: "/",
      headers: { "Content-Type": "application/json" },
      body: '{"text":"M{seq}"}',
      connections: 64,
      count,
      rate: null,
      maxSeconds: 60,
    });
    return { "requests/s": load.accepted / load.seconds };
  } finally {
    await Promise.all([sink.stop(), loader.stop()]);
  }
}
