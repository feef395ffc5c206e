import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { NUMBERS_PATH, type NumberAnswer } from "./numbers.ts";
import { listPages } from "./paged-list.ts";
import type { ServiceClient } from "./service-client.ts";
import { addServiceFlags, connect, type ServiceOptions, show, showList } from "./service-command.ts";
import { shownTime } from "./shown-time.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable } from "./text-table.ts";

interface HandsetOptions extends ServiceOptions {
  readonly to?: string;
  readonly inbox?: true;
}

interface InboxMessage {
  readonly from: string;
  readonly text: string;
  readonly data: string;
  readonly tm_create: string;
}

const EXAMPLES = `
The handset exists in the simulator alone. Without --to it answers the number that wrote to it last, else it writes to your
number if you have one only.

Examples:
  msgbin numbers add +821100000001
  msgbin handset +31600000001 "hello, is anybody there?" --to +821100000001
  msgbin messages list --direction inbound
  msgbin send --from +821100000001 --to +31600000001 "yes, we are"
  msgbin handset +31600000001 --inbox
  msgbin handset +31600000001 STOP`;

/** `msgbin handset`: plays one of the simulator's handsets; for administrators. */
export function handsetCommand(surroundings: Surroundings): Command {
  const command = new Command("handset")
    .description("Play a handset of the simulator: write from it, or read what it got (administrators only).")
    .argument("<NUMBER>", "the handset's own number")
    .argument("[TEXT]", "what it writes")
    .option("--to <NUMBER>", "the number it writes to")
    .option("--inbox", "print what it got since the service started")
    .addHelpText("after", EXAMPLES);
  return addServiceFlags(command, "what was written or read").action(
    async (number: string, text: string | undefined, options: HandsetOptions) => {
      if ((text === undefined) !== (options.inbox === true))
        throw new CommandFailure("usage", "either a TEXT or --inbox must be given");
      const client = await connect(options, surroundings);
      const path = `/v1.0/simulator/handsets/${encodeURIComponent(number)}/messages`;
      const inbox = async (): Promise<readonly InboxMessage[]> =>
        (await client.call<{ result: InboxMessage[] }>("GET", path)).result;
      if (text === undefined) {
        const parts = { render: renderInbox, none: `${number} got nothing since the service started` };
        return showList(await inbox(), options, parts, surroundings);
      }
      const to = options.to ?? lastNumber(await inbox()) ?? (await onlyNumber(client));
      const wrote = await client.call<{ from: string; to: string }>("POST", path, { to, text });
      return show(wrote, options, ({ from, to }) => `${from} wrote to ${to}\n`, surroundings);
    },
  );
}

/** Nobody can write to a name. */
function lastNumber(inbox: readonly InboxMessage[]): string | undefined {
  return inbox.findLast(({ from }) => /^\+?\d+$/.test(from))?.from;
}

async function onlyNumber(client: ServiceClient): Promise<string> {
  const [first, second] = await listPages<NumberAnswer>(client, NUMBERS_PATH);
  if (first !== undefined && second === undefined) return first.number;
  const why = first === undefined ? "you have no number yet: msgbin numbers add" : "you have several numbers";
  throw new CommandFailure("usage", `--to must say to whom the handset writes (${why})`);
}

function renderInbox(messages: readonly InboxMessage[]): string {
  const rows = messages.map(({ tm_create: at, from, text, data }) => [
    shownTime(at),
    from,
    text === "" ? data : text,
  ]);
  return renderTable(["AT (UTC)", "FROM", "TEXT"], rows);
}
