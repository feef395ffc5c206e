import type { Door } from "../door.ts";

/** `GET /ping`: VoIPBIN's sign of life; asks nothing of anybody. */
export function ping(door: Door): void {
  door.get("/ping", { schema: { tags: ["Service"], summary: "Sign of life", security: [] } }, () => ({
    message: "pong",
  }));
}
