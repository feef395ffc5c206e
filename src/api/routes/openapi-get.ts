import type { Door } from "../door.ts";

/** `GET /openapi.json`: the API's description, made from the routes themselves. */
export function openapiGet(door: Door): void {
  let rendered: string | null = null;
  door.get(
    "/openapi.json",
    { schema: { tags: ["Service"], summary: "This API's description", security: [] } },
    (_request, reply) => {
      rendered ??= JSON.stringify(door.swagger());
      return reply.type("application/json; charset=utf-8").send(rendered);
    },
  );
}
