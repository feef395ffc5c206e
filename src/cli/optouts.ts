import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { listPages, toQuery } from "./paged-list.ts";
import type { ServiceClient } from "./service-client.ts";
import { addServiceFlags, connect, type ServiceOptions, show, showList } from "./service-command.ts";
import { shownTime } from "./shown-time.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable } from "./text-table.ts";

interface OptOutAnswer {
  readonly id: string;
  readonly sender: string;
  readonly handset: string;
  readonly status: string;
  readonly began_by: string;
  readonly tm_begin: string;
  readonly tm_end: string;
}

interface ListOptions extends ServiceOptions {
  readonly sender?: string;
  readonly handset?: string;
  readonly lasting?: true;
}

interface PairOptions extends ServiceOptions {
  readonly sender: string;
  readonly handset: string;
}

const PATH = "/v1.0/optouts";
const EXAMPLES = `
A handset opts out by writing STOP to the sender, and in again by START. These commands are for who said so otherwise.
A number is its digits, with + or without: written with 00 in front it is another, which has not opted out.

Examples:
  msgbin optouts list --lasting
  msgbin optouts add --sender +821100000001 --handset +31600000001
  msgbin optouts lift --sender +821100000001 --handset +31600000001`;

/** `msgbin optouts`: who wants no messages from whom. */
export function optOutsCommand(surroundings: Surroundings): Command {
  return new Command("optouts")
    .description("List, add and lift opt-outs: who wants no messages from whom.")
    .addCommand(listCommand(surroundings))
    .addCommand(addCommand(surroundings))
    .addCommand(liftCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list")
    .description("List opt-outs, the newest first; those that ended are there too.")
    .option("--sender <SENDER>", "only of this sender")
    .option("--handset <NUMBER>", "only of this handset")
    .option("--lasting", "only those that last");
  return addServiceFlags(command, "an array of opt-outs").action(async (options: ListOptions) => {
    const periods = await findOptOuts(await connect(options, surroundings), options);
    showList(periods, options, { render: renderOptOuts, none: "no opt-outs" }, surroundings);
  });
}

function findOptOuts(
  client: ServiceClient,
  { sender, handset, lasting }: Omit<ListOptions, "json">,
): Promise<readonly OptOutAnswer[]> {
  return listPages(client, PATH, toQuery({ sender, handset, lasting: lasting && "true" }));
}

function renderOptOuts(periods: readonly OptOutAnswer[]): string {
  const rows = periods.map((period) => [
    period.sender,
    period.handset,
    period.status,
    shownTime(period.tm_begin),
    shownTime(period.tm_end),
    period.id,
    period.began_by,
  ]);
  return renderTable(["SENDER", "HANDSET", "STATUS", "BEGAN (UTC)", "ENDED (UTC)", "ID", "BEGAN BY"], rows);
}

function addCommand(surroundings: Surroundings): Command {
  const command = new Command("add")
    .description("Add an opt-out, as if the handset had written STOP.")
    .requiredOption("--sender <SENDER>", "the number or name that you send from")
    .requiredOption("--handset <NUMBER>", "who wants nothing from it");
  return addServiceFlags(command, "the opt-out").action(async (options: PairOptions) => {
    const { sender, handset } = options;
    const client = await connect(options, surroundings);
    const period = await client.call<OptOutAnswer>("POST", PATH, { sender, handset });
    show(period, options, (added) => renderOptOuts([added]), surroundings);
  });
}

function liftCommand(surroundings: Surroundings): Command {
  const command = new Command("lift")
    .description("End an opt-out, as START would; only do so when the person asked for it.")
    .argument("[ID]", "its id; or name sender and handset")
    .option("--sender <SENDER>", "the number or name that you send from")
    .option("--handset <NUMBER>", "who wants something from it again");
  return addServiceFlags(command, "the opt-out").action(
    async (id: string | undefined, options: Partial<PairOptions>) => {
      const client = await connect(options, surroundings);
      const wanted = id ?? (await lastingIdOf(client, options));
      const period = await client.call<OptOutAnswer>("DELETE", `${PATH}/${encodeURIComponent(wanted)}`);
      show(period, options, (lifted) => renderOptOuts([lifted]), surroundings);
    },
  );
}

async function lastingIdOf(client: ServiceClient, options: Partial<PairOptions>): Promise<string> {
  const { sender, handset } = options;
  if (sender === undefined || handset === undefined)
    throw new CommandFailure("usage", "an ID, or --sender and --handset, must be given");
  const [found] = await findOptOuts(client, { sender, handset, lasting: true });
  if (found === undefined)
    throw new CommandFailure("refused", `no opt-out of ${handset} from ${sender} lasts`);
  return found.id;
}
