import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { findCustomer } from "./customers.ts";
import { listPages } from "./paged-list.ts";
import type { ServiceClient } from "./service-client.ts";
import { addServiceFlags, connect, type ServiceOptions, show, showList } from "./service-command.ts";
import { shownTime } from "./shown-time.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable } from "./text-table.ts";

/** What commands read of a number. */
export interface NumberAnswer {
  readonly id: string;
  readonly customer_id: string;
  /** The owner's username, for administrators. */
  readonly customer?: string;
  readonly number: string;
  readonly name: string;
  readonly tm_create: string;
}

interface AddOptions extends ServiceOptions {
  readonly name?: string;
  readonly detail?: string;
  readonly customer?: string;
}

export const NUMBERS_PATH = "/v1.0/numbers";
const EXAMPLES = `
What a handset writes to a number becomes a message of its owner. STOP and the like are obeyed for you.

Examples:
  msgbin numbers add +821100000001 --name "Front desk"
  msgbin numbers
  msgbin numbers remove +821100000001`;

/** `msgbin numbers`: who owns which number. */
export function numbersCommand(surroundings: Surroundings): Command {
  return new Command("numbers")
    .description("Add, list and give up numbers that handsets can write to.")
    .addCommand(listCommand(surroundings))
    .addCommand(addCommand(surroundings))
    .addCommand(removeCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list").description("List numbers; administrators see everybody's.");
  return addServiceFlags(command, "an array of numbers").action(async (options: ServiceOptions) => {
    const client = await connect(options, surroundings);
    const numbers = await listPages<NumberAnswer>(client, NUMBERS_PATH);
    const none = "no numbers yet: add one with `msgbin numbers add`";
    showList(numbers, options, { render: renderNumbers, none }, surroundings);
  });
}

function renderNumbers(numbers: readonly NumberAnswer[]): string {
  const rows = numbers.map(({ number, id, customer_id: owner, customer, name, tm_create: created }) => [
    number,
    id,
    customer ?? owner,
    shownTime(created),
    name,
  ]);
  return renderTable(["NUMBER", "ID", "OWNER", "CREATED (UTC)", "NAME"], rows);
}

function addCommand(surroundings: Surroundings): Command {
  const command = new Command("add")
    .description(
      "Add a number: what handsets write to it is yours from now on, and nobody else sends from it if it is an international one.",
    )
    .argument("<NUMBER>", "in international form, such as +821100000001")
    .option("--name <NAME>", "what to call it")
    .option("--detail <TEXT>", "what to note about it")
    .option("--customer <USERNAME>", "whose it is to be: the username or id (administrators only)");
  return addServiceFlags(command, "the number").action(async (number: string, options: AddOptions) => {
    const client = await connect(options, surroundings);
    const { name, detail } = options;
    const customer =
      options.customer === undefined ? undefined : (await findCustomer(client, options.customer)).id;
    const added = await client.call<NumberAnswer>("POST", NUMBERS_PATH, {
      number,
      ...(name !== undefined && { name }),
      ...(detail !== undefined && { detail }),
      ...(customer !== undefined && { customer_id: customer }),
    });
    show(added, options, ({ number, id }) => `added ${number}  ${id}\n`, surroundings);
  });
}

function removeCommand(surroundings: Surroundings): Command {
  const command = new Command("remove")
    .description("Give a number up; messages that came before stay.")
    .argument("<NUMBER>", "the number or its id");
  return addServiceFlags(command, "the number").action(async (wanted: string, options: ServiceOptions) => {
    const client = await connect(options, surroundings);
    const id = await idOf(client, wanted);
    const removed = await client.call<NumberAnswer>("DELETE", `${NUMBERS_PATH}/${encodeURIComponent(id)}`);
    show(removed, options, ({ number }) => `removed ${number}\n`, surroundings);
  });
}

/** People know numbers by themselves, the service by ids. */
async function idOf(client: ServiceClient, wanted: string): Promise<string> {
  if (wanted.includes("-") && /[a-f]/i.test(wanted)) return wanted;
  const numbers = await listPages<NumberAnswer>(client, NUMBERS_PATH);
  const found = numbers.find(({ number }) => bareOf(number) === bareOf(wanted));
  if (found === undefined) throw new CommandFailure("refused", `there is no number ${wanted}`);
  return found.id;
}

/** Without what stands between its digits, and with a plus or without one the same. */
function bareOf(number: string): string {
  return number.replaceAll(/[\s\-.()/\p{Pd}\p{Cf}]/gu, "").replace(/^\+/, "");
}
