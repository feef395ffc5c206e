import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { openServiceClient } from "./service-client.ts";
import { addSettingFlags, CLIENT_SETTINGS, readConfig } from "./setting-flags.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable } from "./text-table.ts";

interface CustomerAnswer {
  readonly id: string;
  readonly username: string;
  readonly webhook_uri: string;
  readonly tm_create: string;
  /** In the answer to its creation only. */
  readonly webhook_secret?: string;
}

interface AddOptions {
  readonly password?: string;
  readonly webhookUri?: string;
  readonly json?: true;
}

const PAGE_SIZE = 100;
const EXAMPLES = `
Examples:
  msgbin customers add acme --webhook-uri https://acme.example/hook
  msgbin customers list
  msgbin token --customer acme`;

/** `msgbin customers`: the tenants of the service; for administrators. */
export function customersCommand(surroundings: Surroundings): Command {
  return new Command("customers")
    .description("Add and list customers, each with messages of their own (administrators only).")
    .addCommand(listCommand(surroundings), { isDefault: true })
    .addCommand(addCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function addCommand(surroundings: Surroundings): Command {
  const command = new Command("add")
    .description("Add a customer.")
    .argument("<USERNAME>", "what the customer logs in with")
    .option("--password <PASSWORD>", "asked for on a terminal when it is left out")
    .option("--webhook-uri <URL>", "where to announce changes of the customer's messages, by POST")
    .option("--json", "print the customer as JSON");
  return addSettingFlags(command, CLIENT_SETTINGS).action(async (username: string, options: AddOptions) => {
    const password = options.password ?? (await askPassword(username, surroundings));
    const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
    const customer = await client.call<CustomerAnswer>("POST", "/v1.0/customers", {
      username,
      password,
      ...(options.webhookUri !== undefined && { webhook_method: "POST", webhook_uri: options.webhookUri }),
    });
    surroundings.stdout.write(
      options.json === true ? `${JSON.stringify(customer)}\n` : renderAdded(customer),
    );
  });
}

function renderAdded({ id, username, webhook_secret: secret }: CustomerAnswer): string {
  const secretLine = secret === undefined ? "" : `webhook secret  ${secret} (shown this once)\n`;
  return `customer        ${username}\nid              ${id}\n${secretLine}`;
}

async function askPassword(username: string, { stdout, signal }: Surroundings): Promise<string> {
  if (stdout.isTTY !== true)
    throw new CommandFailure("usage", "--password must be given where there is no terminal to ask on");
  const { isCancel, password } = await import("@clack/prompts"); // most commands ask nothing
  const answer = await password({ message: `Password for ${username}`, signal });
  if (isCancel(answer)) throw new CommandFailure("failed", "no password was given");
  return answer;
}

function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list")
    .description("List all customers.")
    .option("--json", "print a JSON array of customers");
  return addSettingFlags(command, CLIENT_SETTINGS).action(async (options: { readonly json?: true }) => {
    const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
    const customers: CustomerAnswer[] = [];
    let pageToken = "";
    do {
      const query = new URLSearchParams({
        page_size: String(PAGE_SIZE),
        ...(pageToken !== "" && { page_token: pageToken }),
      });
      const page = await client.call<{ result: CustomerAnswer[]; next_page_token: string }>(
        "GET",
        `/v1.0/customers?${query.toString()}`,
      );
      customers.push(...page.result);
      pageToken = page.next_page_token;
    } while (pageToken !== "");
    surroundings.stdout.write(
      options.json === true ? `${JSON.stringify(customers)}\n` : renderCustomers(customers),
    );
  });
}

function renderCustomers(customers: readonly CustomerAnswer[]): string {
  const rows = customers.map(({ username, id, tm_create: created, webhook_uri: uri }) => [
    username,
    id,
    created.slice(0, "2026-01-01 00:00:00".length),
    uri,
  ]);
  return renderTable(["USERNAME", "ID", "CREATED (UTC)", "WEBHOOK"], rows);
}
