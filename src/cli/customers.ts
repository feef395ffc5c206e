import { Command, InvalidArgumentError } from "commander";
import { CommandFailure } from "./command-failure.ts";
import type { ServiceClient } from "./service-client.ts";
import { addServiceFlags, connect, type ServiceOptions, show } from "./service-command.ts";
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

interface PasswordOptions extends ServiceOptions {
  readonly password?: string;
}

interface RetentionOptions extends ServiceOptions {
  readonly retentionDays?: number | null;
  readonly retentionContentDays?: number | null;
}

interface AddOptions extends PasswordOptions, RetentionOptions {
  readonly webhookUri?: string;
}

const PATH = "/v1.0/customers";
const WHICH = "which customer: the username or id";
const PASSWORD_WORDS = "asked for on a terminal when it is left out";

/** What the API reads as "for ever". */
const FOR_EVER = 0;

const PAGE_SIZE = 100;
const EXAMPLES = `
Examples:
  msgbin customers add acme --webhook-uri https://acme.example/hook
  msgbin customers retention acme --retention-days 90 --retention-content-days 7
  msgbin customers list
  msgbin customers password acme
  msgbin token --customer acme`;

/** `msgbin customers`: the tenants of the service; for administrators. */
export function customersCommand(surroundings: Surroundings): Command {
  return new Command("customers")
    .description(
      "Add, list, change and remove customers, each with messages of their own (administrators only).",
    )
    .addCommand(listCommand(surroundings))
    .addCommand(addCommand(surroundings))
    .addCommand(retentionCommand(surroundings))
    .addCommand(passwordCommand(surroundings))
    .addCommand(removeCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function addCommand(surroundings: Surroundings): Command {
  const command = new Command("add")
    .description("Add a customer.")
    .argument("<USERNAME>", "what the customer logs in with")
    .option("--password <PASSWORD>", PASSWORD_WORDS)
    .option("--webhook-uri <URL>", "where to announce changes of the customer's messages, by POST");
  addRetentionOptions(command);
  return addServiceFlags(command, "the customer").action(async (username: string, options: AddOptions) => {
    const password = options.password ?? (await askPassword(username, surroundings));
    const client = await connect(options, surroundings);
    const customer = await client.call<CustomerAnswer>("POST", PATH, {
      username,
      password,
      ...(options.webhookUri !== undefined && { webhook_method: "POST", webhook_uri: options.webhookUri }),
      ...retentionOf(options),
    });
    show(customer, options, renderAdded, surroundings);
  });
}

function renderAdded({ id, username, webhook_secret: secret }: CustomerAnswer): string {
  const secretLine = secret === undefined ? "" : `webhook secret  ${secret} (shown this once)\n`;
  return `customer        ${username}\nid              ${id}\n${secretLine}`;
}

function retentionCommand(surroundings: Surroundings): Command {
  const command = new Command("retention")
    .description("Show or change how long a customer's messages are kept.")
    .argument("<USERNAME>", WHICH);
  addRetentionOptions(command);
  return addServiceFlags(command, "the customer").action(
    async (username: string, options: RetentionOptions) => {
      const client = await connect(options, surroundings);
      const known = await findCustomer(client, username);
      const wish = retentionOf(options);
      const customer =
        Object.keys(wish).length === 0
          ? known
          : await client.call<CustomerAnswer>("PUT", `${PATH}/${known.id}`, wish);
      show(customer, options, renderRetention, surroundings);
    },
  );
}

function passwordCommand(surroundings: Surroundings): Command {
  const command = new Command("password")
    .description("Give a customer a new password; every token that it holds ends, access keys stay good.")
    .argument("<USERNAME>", WHICH)
    .option("--password <PASSWORD>", PASSWORD_WORDS);
  return addServiceFlags(command, "the customer").action(
    async (username: string, options: PasswordOptions) => {
      const client = await connect(options, surroundings);
      const { id } = await findCustomer(client, username);
      const password = options.password ?? (await askPassword(username, surroundings));
      const customer = await client.call<CustomerAnswer>("PUT", `${PATH}/${id}/password`, { password });
      show(customer, options, (changed) => `${changed.username} has a new password\n`, surroundings);
    },
  );
}

function removeCommand(surroundings: Surroundings): Command {
  const command = new Command("remove")
    .description(
      "Remove a customer: its tokens, access keys, webhooks and numbers end; its messages stay, and what is queued is still sent.",
    )
    .argument("<USERNAME>", WHICH);
  return addServiceFlags(command, "the customer").action(
    async (username: string, options: ServiceOptions) => {
      const client = await connect(options, surroundings);
      const { id } = await findCustomer(client, username);
      const removed = await client.call<CustomerAnswer>("DELETE", `${PATH}/${id}`);
      show(removed, options, (customer) => `removed ${customer.username}\n`, surroundings);
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
  const command = new Command("list").description("List all customers.");
  return addServiceFlags(command, "an array of customers").action(async (options: ServiceOptions) => {
    const client = await connect(options, surroundings);
    show(await allCustomers(client), options, renderCustomers, surroundings);
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
      `${PATH}?${query.toString()}`,
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
