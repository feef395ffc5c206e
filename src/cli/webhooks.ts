import { Command } from "commander";
import { collectWords } from "./collect-words.ts";
import { listPages, toQuery } from "./paged-list.ts";
import type { ServiceClient } from "./service-client.ts";
import { addServiceFlags, connect, type ServiceOptions, show, showList } from "./service-command.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable } from "./text-table.ts";
import { attemptsCommand, replayCommand, testCommand } from "./webhook-attempts.ts";

/** What commands read of a webhook. */
export interface WebhookAnswer {
  readonly id: string;
  /** The username of whose it is, where everybody's are listed. */
  readonly customer?: string;
  readonly is_primary: boolean;
  readonly uri: string;
  readonly method: string;
  readonly events: readonly string[];
  readonly statuses: readonly string[];
  readonly status: string;
  readonly disabled_reason: string;
  readonly tm_failing_since: string;
  /** In the answer to its creation only. */
  readonly webhook_secret?: string;
}

interface ListOptions extends ServiceOptions {
  readonly all?: true;
}

interface AddOptions extends ServiceOptions {
  readonly method?: string;
  readonly events?: readonly string[];
  readonly statuses?: readonly string[];
}

/** Where the service has webhooks. */
export const WEBHOOKS_PATH = "/v1.0/webhooks";
const EXAMPLES = `
Each call is signed with the webhook's secret as Standard Webhooks say. Private addresses are refused unless the service
runs with MSGBIN_ALLOW_PRIVATE_WEBHOOKS=on.

Examples:
  msgbin webhooks add https://example.com/hook
  msgbin webhooks add https://example.com/failures --events message_updated --statuses failed,dlr_timeout
  msgbin webhooks list --all
  msgbin webhooks test ID
  msgbin webhooks attempts ID
  msgbin webhooks replay ID --since "2026-01-31 09:00:00"`;

/** `msgbin webhooks`: the addresses that are told of a customer's events. */
export function webhooksCommand(surroundings: Surroundings): Command {
  return new Command("webhooks")
    .description("Add, list, try and remove webhooks; see their calls, and replay events.")
    .addCommand(listCommand(surroundings))
    .addCommand(addCommand(surroundings))
    .addCommand(removeCommand(surroundings))
    .addCommand(rotateCommand(surroundings))
    .addCommand(testCommand(surroundings))
    .addCommand(attemptsCommand(surroundings))
    .addCommand(replayCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list")
    .description("List webhooks and whether they work.")
    .option("--all", "those of all customers (administrators only)");
  return addServiceFlags(command, "an array of webhooks").action(async (options: ListOptions) => {
    const client = await connect(options, surroundings);
    const webhooks = await (options.all === true ? everybodysWebhooks(client) : ownWebhooks(client));
    showList(webhooks, options, { render: renderWebhooks, none: "no webhooks yet" }, surroundings);
  });
}

/** A customer has so few that they are on one page. */
export async function ownWebhooks(client: ServiceClient): Promise<readonly WebhookAnswer[]> {
  return (await client.call<{ result: WebhookAnswer[] }>("GET", WEBHOOKS_PATH)).result;
}

/** For administrators; each with its customer's username. */
export function everybodysWebhooks(client: ServiceClient): Promise<readonly WebhookAnswer[]> {
  return listPages(client, WEBHOOKS_PATH, toQuery({ all: "true" }), Number.POSITIVE_INFINITY);
}

function renderWebhooks(webhooks: readonly WebhookAnswer[]): string {
  const isEverybodys = webhooks.some(({ customer }) => customer !== undefined);
  const rows = webhooks.map((webhook) => [
    ...(isEverybodys ? [webhook.customer ?? ""] : []),
    webhook.id,
    stateOf(webhook),
    webhook.method,
    webhook.events.length === 0 ? "all" : webhook.events.join(","),
    webhook.statuses.length === 0 ? "all" : webhook.statuses.join(","),
    `${webhook.uri}${webhook.is_primary ? " (the account's own)" : ""}`,
  ]);
  const heads = ["ID", "STATE", "METHOD", "EVENTS", "STATUSES", "URI"];
  return renderTable(isEverybodys ? ["CUSTOMER", ...heads] : heads, rows);
}

/** One word, and why. */
export function stateOf({
  uri,
  status,
  disabled_reason: reason,
  tm_failing_since: since,
}: WebhookAnswer): string {
  if (uri === "") return "not set";
  if (status === "disabled") return `off: ${reason}`;
  return since.startsWith("9999-") ? "active" : `failing since ${since.slice(0, "2026-01-01 00:00".length)}`;
}

function addCommand(surroundings: Surroundings): Command {
  const command = new Command("add")
    .description("Add a webhook; its secret is shown this once.")
    .argument("<URI>", "http or https")
    .option("--method <METHOD>", "POST unless given; GET, PUT, DELETE")
    .option(
      "--events <LIST>",
      "message_created, message_updated, message_deleted; all unless given",
      collectWords,
    )
    .option(
      "--statuses <LIST>",
      "message_updated only when a changed target has one of these: delivered, failed, …",
      collectWords,
    );
  return addServiceFlags(command, "the webhook").action(async (uri: string, options: AddOptions) => {
    const client = await connect(options, surroundings);
    const { method, events, statuses } = options;
    const wish = { uri, method, events, statuses }; // those left out are not written into JSON
    const added = await client.call<WebhookAnswer>("POST", WEBHOOKS_PATH, wish);
    show(added, options, renderAdded, surroundings);
  });
}

function renderAdded({ id, uri, webhook_secret: secret }: WebhookAnswer): string {
  return `webhook         ${uri}\nid              ${id}\nwebhook secret  ${secret} (shown this once)\n`;
}

function removeCommand(surroundings: Surroundings): Command {
  const command = new Command("remove")
    .description("Remove a webhook; what waits for it is dropped.")
    .argument("<ID>", "the id of the webhook");
  return addServiceFlags(command, "the webhook").action(async (id: string, options: ServiceOptions) => {
    const client = await connect(options, surroundings);
    const removed = await client.call<WebhookAnswer>("DELETE", `${WEBHOOKS_PATH}/${encodeURIComponent(id)}`);
    show(removed, options, ({ uri }) => `removed ${uri}\n`, surroundings);
  });
}

function rotateCommand(surroundings: Surroundings): Command {
  const command = new Command("rotate")
    .description("Replace a webhook's secret; for 24 hours calls are signed with both.")
    .argument("<ID>", "the id of the webhook");
  return addServiceFlags(command, "the new secret").action(async (id: string, options: ServiceOptions) => {
    const client = await connect(options, surroundings);
    const path = `${WEBHOOKS_PATH}/${encodeURIComponent(id)}/rotate`;
    const rotated = await client.call<{ webhook_secret: string; tm_retire: string }>("POST", path, {});
    show(
      rotated,
      options,
      ({ webhook_secret: secret, tm_retire: until }) =>
        `webhook secret  ${secret} (shown this once)\nthe old one signs too until ${until} UTC\n`,
      surroundings,
    );
  });
}
