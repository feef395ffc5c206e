import { type ServiceClient, ServiceRefusal } from "../service-client.ts";
import { everybodysWebhooks, ownWebhooks, stateOf, type WebhookAnswer } from "../webhooks.ts";
import { doubtful, type Finding, good } from "./finding.ts";

const FORBIDDEN = 403;
/** One failing receiver of many customers is many webhooks. */
const SHOWN_MAX = 20;
const WHAT = "webhooks";

/** Whether webhooks work: everybody's for an administrator, else one's own. */
export async function checkWebhooks(client: ServiceClient): Promise<readonly Finding[]> {
  try {
    return judge(await everybodysWebhooks(client), "all customers'");
  } catch (error) {
    if (!(error instanceof ServiceRefusal) || error.status !== FORBIDDEN) throw error;
    return judge(await ownWebhooks(client), "this customer's own");
  }
}

function judge(webhooks: readonly WebhookAnswer[], whose: string): readonly Finding[] {
  const set = webhooks.filter((webhook) => stateOf(webhook) !== "not set");
  const troubled = set.filter((webhook) => stateOf(webhook) !== "active");
  if (troubled.length === 0)
    return [
      good(WHAT, set.length === 0 ? `there are none (${whose})` : `none of ${set.length} fails (${whose})`),
    ];
  const shown = troubled.slice(0, SHOWN_MAX).map(findingOf);
  const more = troubled.length - shown.length;
  if (more === 0) return shown;
  return [...shown, doubtful(WHAT, `${more} more are in trouble`, "see all: msgbin webhooks list --all")];
}

function findingOf(webhook: WebhookAnswer): Finding {
  const { id, uri, customer } = webhook;
  const of = customer === undefined ? "" : ` of ${customer}`;
  const as = customer === undefined ? "" : `MSGBIN_TOKEN=$(msgbin token --customer ${customer}) `;
  return doubtful(
    `webhook ${uri}${of}`,
    stateOf(webhook),
    `see what it answers: ${as}msgbin webhooks attempts ${id}`,
  );
}
