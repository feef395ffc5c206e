import { Command } from "commander";
import { findCustomer } from "./customers.ts";
import { DEFAULT_LIMIT, LIMIT_WORDS, listPages, readLimit, toQuery } from "./paged-list.ts";
import type { ServiceClient } from "./service-client.ts";
import { addServiceFlags, connect, type ServiceOptions, show, showList } from "./service-command.ts";
import { shownTime } from "./shown-time.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable } from "./text-table.ts";

interface HeldAnswer {
  readonly message_id: string;
  readonly customer: string;
  readonly carrier_id: string;
  /** `removed` for one that is gone. */
  readonly carrier: string;
  readonly removed_carrier?: string;
  readonly destination: string;
  readonly reason: string;
  readonly tm_held: string;
  readonly tm_expire: string;
}

interface DecisionAnswer {
  readonly targets: number;
  readonly next_page_token: string;
}

interface CustomerOption extends ServiceOptions {
  readonly customer?: string;
}

interface ListOptions extends CustomerOption {
  readonly carrier?: string;
  readonly limit: string;
}

const PATH = "/v1.0/held";
const DONE = { resend: "resent", cancel: "canceled" } as const;

const EXAMPLES = `
What was on its way to a carrier when its process died, or was not answered, may have been sent or not. Where the carrier's
URL says on_unknown=hold, and else after five attempts, it waits for you: the carrier can tell whether it has it. What nobody
decides on ends as dlr_timeout when its validity is over. One message alone: msgbin messages resend ID, msgbin messages cancel ID.

Examples:
  msgbin held
  msgbin held list --carrier acme --limit 1000
  msgbin held resend acme
  msgbin held cancel acme --customer shop`;

/** `msgbin held`: targets of which nobody knows whether they were sent. */
export function heldCommand(surroundings: Surroundings): Command {
  return new Command("held")
    .description("Look at what carriers hold, as nobody knows whether it was sent; resend or cancel it.")
    .addCommand(listCommand(surroundings))
    .addCommand(decisionCommand("resend", RESEND, surroundings))
    .addCommand(decisionCommand("cancel", CANCEL, surroundings))
    .addHelpText("after", EXAMPLES);
}

const RESEND = "Send once more all that a carrier holds: handsets may get a text twice.";
const CANCEL = "Cancel all that a carrier holds; it may have been sent all the same.";

function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list")
    .description("List what is held: where, since when and why; administrators see everybody's.")
    .option("--carrier <NAME>", "at this carrier: its name, or the id of one that was removed")
    .option("--limit <COUNT>", LIMIT_WORDS, DEFAULT_LIMIT);
  return addCustomerFlags(command, "an array of held targets").action(async (options: ListOptions) => {
    const limit = readLimit(options.limit);
    const client = await connect(options, surroundings);
    const query = toQuery({ carrier: options.carrier, customer_id: await customerId(client, options) });
    const held = await listPages<HeldAnswer>(client, PATH, query, limit);
    showList(held, options, { render: renderHeld, none: "nothing is held" }, surroundings);
  });
}

function renderHeld(held: readonly HeldAnswer[]): string {
  const rows = held.map((target) => [
    target.message_id,
    nameOf(target),
    target.customer,
    target.destination,
    shownTime(target.tm_held),
    shownTime(target.tm_expire),
    target.reason,
  ]);
  return renderTable(["MESSAGE", "CARRIER", "CUSTOMER", "TO", "HELD SINCE (UTC)", "ENDS (UTC)", "WHY"], rows);
}

/** One that was removed is decided about by its id. */
function nameOf({ carrier, carrier_id: id, removed_carrier: before }: HeldAnswer): string {
  if (carrier !== "removed") return carrier;
  return before === undefined ? id : `${id} (was ${before})`;
}

function decisionCommand(
  decision: keyof typeof DONE,
  description: string,
  surroundings: Surroundings,
): Command {
  const command = new Command(decision)
    .description(description)
    .argument("<CARRIER>", "the carrier's name, or the id of one that was removed");
  return addCustomerFlags(command, "how many targets").action(
    async (carrier: string, options: CustomerOption) => {
      const client = await connect(options, surroundings);
      const query = toQuery({ carrier, customer_id: await customerId(client, options) });
      const targets = await decideAll(client, decision, query);
      show({ targets }, options, () => `targets ${DONE[decision]}: ${targets}\n`, surroundings);
    },
  );
}

/** Goes through all of them once: what is sent once more and held again is left. */
async function decideAll(
  client: ServiceClient,
  decision: keyof typeof DONE,
  query: URLSearchParams,
): Promise<number> {
  let targets = 0;
  do {
    const answer = await client.call<DecisionAnswer>("POST", `${PATH}/${decision}?${query.toString()}`, {});
    targets += answer.targets;
    query.set("page_token", answer.next_page_token);
  } while (query.get("page_token") !== "");
  return targets;
}

function addCustomerFlags(command: Command, printed: string): Command {
  const withCustomer = command.option(
    "--customer <USERNAME>",
    "only this customer's: the username or id (administrators only)",
  );
  return addServiceFlags(withCustomer, printed);
}

async function customerId(client: ServiceClient, { customer }: CustomerOption): Promise<string | undefined> {
  return customer === undefined ? undefined : (await findCustomer(client, customer)).id;
}
