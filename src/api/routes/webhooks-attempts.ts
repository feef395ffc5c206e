import { type EventId, timeOfId } from "../../domain/ids.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { LoggedAttempt, RecountStore } from "../../store/recounting.ts";
import { viewLoggedAttempt } from "../attempt-view.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { ATTEMPTS_PER_EVENT_MAX } from "../limits.ts";
import { readPage } from "../page-query.ts";
import { nextPageToken } from "../page-token.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { PAGE_PARAMETERS } from "../schemas/parameters.ts";
import { requireWebhook } from "../webhook-records.ts";

interface WebhooksAttemptsDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getEndpoint"> & Pick<RecountStore, "listAttempts">;
}

const schema = {
  tags: ["Webhooks"],
  summary: "List a webhook's calls",
  description:
    "Each call with its answer, those of the newest event first. The calls of one event stay on one page.",
  response: answers("One page of calls.", pageOf("WebhookAttempt")),
};

/** `GET /v1.0/webhooks/{id}/attempts`. */
export function webhooksAttempts(door: Door, { guard, store }: WebhooksAttemptsDeps): void {
  const options = { schema, onRequest: guard.customer, config: { parameters: PAGE_PARAMETERS } };
  door.get("/v1.0/webhooks/:id/attempts", options, async (request) => {
    const { customerId } = principalOf(request);
    const { id } = await requireWebhook(store, customerId, request.params);
    const { before, limit } = readPage(request.query);
    const asked = { customerId, endpointId: id, before: before as EventId | null }; // branded: an id of this list
    const wanted = limit + ATTEMPTS_PER_EVENT_MAX;
    const page = wholeEvents(await store.listAttempts({ ...asked, limit: wanted }), limit, wanted);
    const listed = page.map(({ event }) => ({ id: event.id, tmCreate: timeOfId(event.id) }));
    return { result: page.map(viewLoggedAttempt), next_page_token: nextPageToken(listed) };
  });
}

/**
 * As many as fit on a page without tearing the attempts of one event apart, for the next page begins at the next event; one
 * event's are a page even if they are more.
 */
function wholeEvents(
  attempts: readonly LoggedAttempt[],
  limit: number,
  wanted: number,
): readonly LoggedAttempt[] {
  const groups = [...Map.groupBy(attempts, ({ event }) => event.id).values()];
  if (attempts.length === wanted && groups.length > 1) groups.pop(); // the last one may be cut
  const page: LoggedAttempt[] = [];
  for (const group of groups) {
    if (page.length > 0 && page.length + group.length > limit) break;
    page.push(...group);
  }
  return page;
}
