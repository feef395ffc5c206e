import type { Door } from "../door.ts";

/** `GET /healthz`: the process lives and its event loop turns; says nothing of what it depends on. */
export function healthz(door: Door): void {
  door.get("/healthz", { schema: { tags: ["Service"], summary: "The process lives", security: [] } }, () => ({
    status: "ok",
  }));
}
