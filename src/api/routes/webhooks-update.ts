import type { Static } from "typebox";
import type { Clock } from "../../domain/clock.ts";
import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import type { Micros } from "../../domain/micros.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { type InTurn, requireUnchanged } from "../in-turn.ts";
import { changeSettings, mergeSettings } from "../primary-endpoint.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";
import { WebhookUpdateBody } from "../schemas/webhook.ts";
import { type CheckAddress, requireGoodAddress } from "../webhook-address.ts";
import { requireWebhook } from "../webhook-records.ts";
import { viewWebhook } from "../webhook-view.ts";

interface WebhooksUpdateDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getEndpoint" | "putEndpoint">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly checkAddress: CheckAddress;
}

type Change = Static<typeof WebhookUpdateBody>;

const schema = {
  tags: ["Webhooks"],
  summary: "Change a webhook",
  description:
    "What is left out stays. A new address, or `status: active`, switches one on again that was switched off.",
  body: WebhookUpdateBody,
  response: answers("The webhook as it is now.", reference("Webhook")),
};

/** `PUT /v1.0/webhooks/{id}`: the account's own may be emptied, the others are removed instead. */
export function webhooksUpdate(door: Door, deps: WebhooksUpdateDeps): void {
  const { store, inTurn, clock } = deps;
  door.put("/v1.0/webhooks/:id", { schema, onRequest: deps.guard.customer }, async (request) => {
    const { customerId } = principalOf(request);
    const change = request.body;
    await requireGoodAddress(change.uri ?? "", deps.checkAddress, "uri");
    return inTurn(customerId, async () => {
      const before = await requireWebhook(store, customerId, request.params);
      if (!before.isPrimary) refuseEmpty(change);
      const endpoint = withChange(before, change, clock.now());
      requireUnchanged(await store.putEndpoint(endpoint, before));
      return viewWebhook(endpoint);
    });
  });
}

function refuseEmpty({ uri, method }: Change): void {
  const field = uri === "" ? "uri" : method === "" ? "method" : null;
  if (field === null) return;
  const message = `${field} must not be empty: remove the webhook instead`;
  throw new Refusal("INVALID_ARGUMENT", message, { field });
}

const BY_ITS_OWNER = "switched off by its owner";

function withChange(before: WebhookEndpoint, change: Change, now: Micros): WebhookEndpoint {
  const { events = before.events, statuses = before.statuses, uri, method, status } = change;
  const isRevived = status === "active" || uri !== undefined || method !== undefined;
  const settings = mergeSettings(before, { uri, method });
  const changed = isRevived ? changeSettings(before, settings, now) : { ...before, tmUpdate: now };
  const disabledReason = status === "disabled" ? BY_ITS_OWNER : changed.disabledReason;
  return { ...changed, events, statuses, disabledReason };
}
