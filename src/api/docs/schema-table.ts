import type { DescribedSchema } from "./api-description.ts";
import { escapeHtml, renderInline } from "./html.ts";

/** A table of an object's fields, nested ones by their path (`destinations[].target`); a reference becomes a link. */
export function renderSchema(schema: DescribedSchema): string {
  if (schema.properties === undefined) return `<p>${renderType(schema)}</p>`;
  return `<table><thead><tr><th>field</th><th>type</th><th>meaning</th></tr></thead><tbody>${renderRows(schema, "")}</tbody></table>`;
}

function renderRows(schema: DescribedSchema, prefix: string): string {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {})
    .map(([name, field]) => {
      const path = `${prefix}${name}`;
      const mark = required.includes(name) ? "" : ' <span class="optional">optional</span>';
      const row = `<tr><td><code>${escapeHtml(path)}</code>${mark}</td><td>${renderType(field)}</td><td>${renderInline(field.description ?? "")}</td></tr>`;
      return row + renderNested(field, path);
    })
    .join("");
}

function renderNested(field: DescribedSchema, path: string): string {
  if (field.properties !== undefined) return renderRows(field, `${path}.`);
  if (field.items?.properties !== undefined) return renderRows(field.items, `${path}[].`);
  const objects = (field.anyOf ?? []).filter(({ properties }) => properties !== undefined);
  return objects.map((object) => renderRows(object, `${path}.`)).join("");
}

/** A type in words: `string`, `list of Message`, one of some values. */
export function renderType(schema: DescribedSchema): string {
  if (schema.$ref !== undefined) return renderLink(schema.$ref);
  if (schema.anyOf !== undefined) return schema.anyOf.map(renderType).join(" or ");
  if (schema.const !== undefined) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`;
  if (schema.enum !== undefined) {
    return schema.enum.map((value) => `<code>${escapeHtml(JSON.stringify(value))}</code>`).join(" ");
  }
  if (schema.items !== undefined) return `list of ${renderType(schema.items)}`;
  return escapeHtml(schema.type ?? "");
}

function renderLink(reference: string): string {
  const name = escapeHtml(reference.split("/").at(-1) ?? "");
  return `<a href="#schema-${name}">${name}</a>`;
}
