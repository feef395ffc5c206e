import type { Door } from "../door.ts";
import type { ApiDescription } from "../docs/api-description.ts";
import { renderDocs } from "../docs/page.ts";
import { DOCS_STYLE } from "../docs/style.ts";

/** No script, nothing from elsewhere: the page works where there is no internet. */
const SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** `GET /docs`: the API's description for people, drawn from `/openapi.json` once. */
export function docsGet(door: Door): void {
  let rendered: string | null = null;
  door.get(
    "/docs",
    { schema: { tags: ["Service"], summary: "This API's documentation", security: [] } },
    (_request, reply) => {
      rendered ??= renderDocs(door.swagger() as ApiDescription, DOCS_STYLE); // the document is made from our own schemas
      reply.header("content-security-policy", SECURITY_POLICY);
      return reply.type("text/html; charset=utf-8").send(rendered);
    },
  );
}
