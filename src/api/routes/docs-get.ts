import type { Door } from "../door.ts";
import type { ApiDescription } from "../docs/api-description.ts";
import { renderDocs } from "../docs/page.ts";
import { DOCS_STYLE } from "../docs/style.ts";
import { localUrl } from "../local-url.ts";

/** No script, nothing from elsewhere: the page works where there is no internet. */
const SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

interface DocsDeps {
  /** What the outside calls this service; null when it calls it by the address that it listens on. */
  readonly publicUrl: string | null;
}

/** `GET /docs`: the API's description for people, drawn from `/openapi.json` once. */
export function docsGet(door: Door, { publicUrl }: DocsDeps): void {
  let rendered: string | null = null;
  door.get(
    "/docs",
    { schema: { tags: ["Service"], summary: "This API's documentation", security: [] } },
    (_request, reply) => {
      const url = publicUrl ?? localUrl(door.server.address());
      rendered ??= renderDocs(door.swagger() as ApiDescription, url, DOCS_STYLE); // the document is made from our own schemas
      reply.header("content-security-policy", SECURITY_POLICY);
      return reply.type("text/html; charset=utf-8").send(rendered);
    },
  );
}
