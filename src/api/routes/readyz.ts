import type { Door } from "../door.ts";

/** Whether the process can do its work now, with one line for each thing that it needs. */
export interface Readiness {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

interface ReadyzDeps {
  readonly readiness: () => Promise<Readiness>;
}

/** `GET /readyz`: 200 when requests may be sent here, else 503 with what is missing. */
export function readyz(door: Door, { readiness }: ReadyzDeps): void {
  door.get(
    "/readyz",
    { schema: { tags: ["Service"], summary: "The process can take requests", security: [] } },
    async (_request, reply) => {
      const { isReady, checks } = await readiness();
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ready" : "not ready", checks });
    },
  );
}
