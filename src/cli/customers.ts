import { Command, InvalidArgumentError } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { openServiceClient, type ServiceClient } from "./service-client.ts";
import { addSettingFlags, CLIENT_SETTINGS, readConfig } from "./setting-flags.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable } from "./text-table.ts";

interface CustomerAnswer {
  readonly id: string;
  readonly username: string;
  readonly webhook_uri: string;
  readonly retention_days: number | null;
  readonly retention_content_days: number | null;
  readonly tm_create: string;
  /** In the answer to its creation only. */
  readonly webhook_secret?: string;
}

interface AddOptions {
  readonly password?: string;
  readonly webhookUri?: string;
  readonly retentionDays?: number | null;
  readonly retentionContentDays?: number | null;
  readonly json?: true;
}

type RetentionOptions = Pick<AddOptions, "retentionDays" | "retentionContentDays" | "json">;

/** What the API reads as "for ever". */
const FOR_EVER = 0;

const PAGE_SIZE = 100;
const EXAMPLES = `
Examples:
  msgbin customers add acme --webhook-uri https://acme.example/hook
  msgbin customers retention acme --retention-days 90 --retention-content-days 7
  msgbin customers list
  msgbin token --customer acme`;

/** `msgbin customers`: the tenants of the service; for administrators. */
export function customersCommand(surroundings: Surroundings): Command {
  return new Command("customers")
    .description("Add and list customers, each with messages of their own (administrators only).")
    .addCommand(listCommand(surroundings))
    .addCommand(addCommand(surroundings))
    .addCommand(retentionCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function addCommand(surroundings: Surroundings): Command {
  const command = new Command("add")
    .description("Add a customer.")
    .argument("<USERNAME>", "what the customer logs in with")
    .option("--password <PASSWORD>", "asked for on a terminal when it is left out")
    .option("--webhook-uri <URL>", "where to announce changes of the customer's messages, by POST")
    .option("--json", "print the customer as JSON");
  addRetentionOptions(command);
  return addSettingFlags(command, CLIENT_SETTINGS).action(async (username: string, options: AddOptions) => {
    const password = options.password ?? (await askPassword(username, surroundings));
    const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
    const customer = await client.call<CustomerAnswer>("POST", "/v1.0/customers", {
      username,
      password,
      ...(options.webhookUri !== undefined && { webhook_method: "POST", webhook_uri: options.webhookUri }),
      ...retentionOf(options),
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

function retentionCommand(surroundings: Surroundings): Command {
  const command = new Command("retention")
    .description("Show or change how long a customer's messages are kept.")
    .argument("<USERNAME>", "which customer: the username or id")
    .option("--json", "print the customer as JSON");
  addRetentionOptions(command);
  return addSettingFlags(command, CLIENT_SETTINGS).action(
    async (username: string, options: RetentionOptions) => {
      const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
      const known = await findCustomer(client, username);
      const wish = retentionOf(options);
      const customer =
        Object.keys(wish).length === 0
          ? known
          : await client.call<CustomerAnswer>("PUT", `/v1.0/customers/${known.id}`, wish);
      surroundings.stdout.write(
        options.json === true ? `${JSON.stringify(customer)}\n` : renderRetention(customer),
      );
    },
  );
}

function addRetentionOptions(command: Command): void {
  const form = "a number, off for ever, or default for what the service does";
  command
    .option("--retention-days <DAYS>", `days that messages are kept: ${form}`, parseChoice)
    .option(
      "--retention-content-days <DAYS>",
      `days that their text, data and media are kept: ${form}`,
      parseChoice,
    );
}

/** As the API takes it. */
function parseChoice(text: string): number | null {
  if (text === "default") return null;
  if (text === "off") return FOR_EVER;
  const days = Number(text);
  if (!/^\d+$/.test(text) || days === 0)
    throw new InvalidArgumentError("It must be a number of days, off or default.");
  return days;
}

function retentionOf({ retentionDays, retentionContentDays }: RetentionOptions) {
  return {
    ...(retentionDays !== undefined && { retention_days: retentionDays }),
    ...(retentionContentDays !== undefined && { retention_content_days: retentionContentDays }),
  };
}

function renderRetention({
  username,
  retention_days: days,
  retention_content_days: content,
}: CustomerAnswer): string {
  return `customer  ${username}\nmessages  ${choiceWords(days)}\ncontent   ${choiceWords(content)}\n`;
}

function choiceWords(days: number | null): string {
  if (days === null) return "default";
  return days === FOR_EVER ? "for ever" : `${days} days`;
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
    const customers = await allCustomers(client);
    surroundings.stdout.write(
      options.json === true ? `${JSON.stringify(customers)}\n` : renderCustomers(customers),
    );
  });
}

/** The customer of this username or id; administrators know of all. */
export async function findCustomer(client: ServiceClient, wanted: string): Promise<CustomerAnswer> {
  const customers = await allCustomers(client);
  const found =
    customers.find(({ username }) => username === wanted) ?? customers.find(({ id }) => id === wanted);
  if (found === undefined) throw new CommandFailure("refused", `there is no customer ${wanted}`);
  return found;
}

async function allCustomers(client: ServiceClient): Promise<readonly CustomerAnswer[]> {
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
  return customers;
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
