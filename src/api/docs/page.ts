import { type Reason, REASONS } from "../errors.ts";
import type { ApiDescription, DescribedSchema, Operation } from "./api-description.ts";
import { renderCurl } from "./curl.ts";
import { escapeHtml, renderInline, renderProse } from "./html.ts";
import { renderSchema, renderType } from "./schema-table.ts";

interface Place {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Renders an API description, served at a URL, as one HTML page that needs no script and loads nothing. */
export function renderDocs(api: ApiDescription, url: string, style: string): string {
  const places = listPlaces(api);
  const tags = (api.tags ?? [])
    .map(({ name }) => name)
    .filter((tag) => places.some((place) => isUnder(place, tag)));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(api.info.title)} API</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<nav aria-label="Contents">${renderContents(tags, places)}</nav>
<main>
<h1>${escapeHtml(api.info.title)} API <small>${escapeHtml(api.info.version)}</small></h1>
${renderProse(api.info.description ?? "")}
<p>The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
${renderCredentials(api, url)}
${tags.map((tag) => renderTag(tag, places)).join("\n")}
${renderWebhooks(api)}
${renderErrors()}
${renderSchemas(api)}
</main>
</body>
</html>
`;
}

function listPlaces(api: ApiDescription): readonly Place[] {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== "head") // every GET has one
      .map(([method, operation]) => ({ method, path, operation })),
  );
}

function isUnder({ operation }: Place, tag: string): boolean {
  return operation.tags?.includes(tag) ?? false;
}

function anchorOf({ method, path }: Place): string {
  return `${method}${path.replaceAll(/[^A-Za-z0-9]+/g, "-")}`;
}

function renderContents(tags: readonly string[], places: readonly Place[]): string {
  const sections = tags.map((tag) => {
    const links = places
      .filter((place) => isUnder(place, tag))
      .map(
        (place) =>
          `<li><a href="#${anchorOf(place)}">${escapeHtml(place.operation.summary ?? place.path)}</a></li>`,
      );
    return `<strong>${escapeHtml(tag)}</strong><ul>${links.join("")}</ul>`;
  });
  const rest = ["Credentials", "Webhooks", "Errors", "Schemas"].map(
    (name) => `<li><a href="#${name.toLowerCase()}">${name}</a></li>`,
  );
  return `${sections.join("")}<strong>Reference</strong><ul>${rest.join("")}</ul>`;
}

function renderCredentials(api: ApiDescription, url: string): string {
  const rows = Object.values(api.components?.securitySchemes ?? {}).map(
    ({ in: place, name, scheme, description }) => {
      const shown =
        scheme === undefined
          ? `${place ?? ""} <code>${escapeHtml(name ?? "")}</code>`
          : "<code>Authorization: Bearer</code>";
      return `<tr><td>${shown}</td><td>${renderInline(description ?? "")}</td></tr>`;
    },
  );
  return `<section id="credentials"><h2>Credentials</h2>
<p>Log in for a token, or make an access key for a program. The first one present decides, in this order:</p>
<table><tbody>${rows.join("")}</tbody></table>
<p>The commands below read two variables:</p>
<pre>export MSGBIN_URL=${escapeHtml(url)}
export MSGBIN_TOKEN=$(npx msgbin token)</pre></section>`;
}

function renderTag(tag: string, places: readonly Place[]): string {
  const operations = places.filter((place) => isUnder(place, tag)).map(renderOperation);
  return `<section><h2>${escapeHtml(tag)}</h2>${operations.join("\n")}</section>`;
}

function renderOperation(place: Place): string {
  const { method, path, operation } = place;
  const body = operation.requestBody?.content["application/json"]?.schema;
  const answer = operation.responses?.["200"];
  const answerSchema = answer?.content?.["application/json"]?.schema;
  return `<article id="${anchorOf(place)}">
<h3><span class="method ${method}">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code></h3>
<p><b>${escapeHtml(operation.summary ?? "")}.</b> ${renderInline(operation.description ?? "")}</p>
<pre>${escapeHtml(renderCurl(method, path, operation))}</pre>
${renderParameters(operation)}
${body === undefined ? "" : `<h4>Body</h4>${renderSchema(body)}`}
${answerSchema === undefined ? "" : `<h4>Answer</h4><p>${renderInline(answer?.description ?? "")} ${renderAnswer(answerSchema)}</p>`}
</article>`;
}

function renderAnswer(schema: DescribedSchema): string {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return renderType(schema);
  return fields.map(([name, field]) => `<code>${escapeHtml(name)}</code>: ${renderType(field)}`).join("; ");
}

function renderParameters({ parameters = [] }: Operation): string {
  const rows = parameters.map(
    ({ in: place, name, required = false, description = "", schema = {} }) =>
      `<tr><td><code>${escapeHtml(name)}</code> <span class="optional">${escapeHtml(place)}${required ? ", required" : ""}</span></td><td>${renderType(schema)}</td><td>${renderInline(description)}</td></tr>`,
  );
  return rows.length === 0 ? "" : `<h4>Parameters</h4><table><tbody>${rows.join("")}</tbody></table>`;
}

function renderWebhooks(api: ApiDescription): string {
  const items = Object.entries(api.webhooks ?? {}).map(([name, { post }]) => {
    const schema = post?.requestBody?.content["application/json"]?.schema ?? {};
    return `<h3><code>${escapeHtml(name)}</code></h3><p>${renderInline(post?.description ?? "")}</p>${renderSchema(schema)}`;
  });
  return `<section id="webhooks"><h2>Webhooks</h2>${items.join("")}</section>`;
}

function renderErrors(): string {
  const rows = (Object.keys(REASONS) as Reason[]).map((reason) => {
    const meaning = REASONS[reason];
    const wire = "wire" in meaning ? meaning.wire : reason;
    return `<tr><td>${meaning.http}</td><td><code>${wire}</code></td><td><code>${meaning.status}</code></td><td>${renderInline(meaning.about)}</td></tr>`;
  });
  return `<section id="errors"><h2>Errors</h2>
<p>Always <a href="#schema-Error">Error</a>, whatever the path. New reasons may come: treat one you do not know by its HTTP status.</p>
<table><thead><tr><th>HTTP</th><th>reason</th><th>status</th><th>meaning</th></tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

function renderSchemas(api: ApiDescription): string {
  const schemas = Object.entries(api.components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<article id="schema-${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3><p>${renderInline(schema.description ?? "")}</p>${renderSchema(schema)}</article>`,
  );
  return `<section id="schemas"><h2>Schemas</h2>${schemas.join("")}</section>`;
}
