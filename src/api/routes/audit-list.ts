import { Type } from "typebox";
import { formatMicros } from "../../domain/micros.ts";
import type { AuditEntry, RecountStore } from "../../store/recounting.ts";
import type { Guard } from "../auth/guard.ts";
import type { Door } from "../door.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { answers } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";
import { Time } from "../schemas/time.ts";

interface AuditListDeps {
  readonly guard: Guard;
  readonly store: Pick<RecountStore, "listAudit">;
}

const Entry = Type.Object({
  id: Type.String({ format: "uuid" }),
  customer_id: Type.String({ description: "Who did it." }),
  what: Type.String({ description: "From an open list: customer.added, carrier.removed, …" }),
  on: Type.String({ description: "What it was done to, by id or name." }),
  detail: Type.Object({}, { additionalProperties: true, description: "What there is to say, by `what`." }),
  tm_create: Time,
});

const schema = {
  tags: ["Administration"],
  summary: "List what administrators changed",
  description: "The newest first; without secrets.",
  response: answers(
    "One page of changes.",
    Type.Object({ result: Type.Array(Entry), next_page_token: Type.String() }),
  ),
};

/** `GET /v1.0/audit` (admin). */
export function auditList(door: Door, { guard, store }: AuditListDeps): void {
  const options = { schema, onRequest: guard.admin, config: { parameters: PAGE_PARAMETERS } };
  door.get("/v1.0/audit", options, async (request) => {
    const { before, limit } = readPage(request.query);
    const page = await store.listAudit(before, limit);
    const listed = page.map(({ id, at }) => ({ id, tmCreate: at }));
    return { result: page.map(viewAuditEntry), next_page_token: nextPageToken(listed) };
  });
}

function viewAuditEntry({ id, by, what, on, detail, at }: AuditEntry): Record<string, unknown> {
  return { id, customer_id: by, what, on, detail, tm_create: formatMicros(at) };
}
