import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { parseDuration } from "./duration.ts";
import { countStatuses, isFinal, type MessageAnswer, renderMessage } from "./message-answer.ts";
import { collectWords } from "./collect-words.ts";
import type { ServiceClient } from "./service-client.ts";
import { addServiceFlags, connect, type ServiceOptions, show } from "./service-command.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable } from "./text-table.ts";
import { watchDelivery } from "./delivery-watch.ts";

interface SendOptions extends ServiceOptions {
  readonly from: string;
  readonly to: readonly string[];
  readonly wait?: true;
  readonly timeout: string;
  readonly priority?: string;
  readonly schedule?: string;
  readonly expire?: string;
  readonly encoding?: string;
  readonly flash?: true;
  readonly dryRun?: true;
  readonly idempotencyKey?: string;
}

/** What would become of a message. */
interface DryRunAnswer {
  readonly targets: readonly {
    readonly destination: { readonly target: string };
    readonly status: string;
    readonly parts: number;
    readonly encoding: string;
    /** For administrators only. */
    readonly route?: readonly string[];
    readonly error?: { readonly code: string; readonly message: string };
  }[];
}

const PATH = "/v1.0/messages";

const EXAMPLES = `
With --wait, standard error says "accepted: ID" as soon as the service has the message. From then on a service that is away,
restarted or overloaded is asked again until --timeout is over (exit code 6), and standard output has the message as it was
last. Exit code 3 comes only before that: nothing was accepted, unless the connection broke while the answer was on its way.
\`msgbin messages\` tells; or run the same again with the same --idempotency-key, which sends it once however often it is run.

Examples:
  msgbin send --from +821100000001 --to +31600000001 "hello, world"
  msgbin send --from Acme --to +31600000001,+31600000002 --wait "your table is ready"
  msgbin send --from Acme --to +31600000001 --dry-run "how many parts is this?"
  msgbin send --from Acme --to +31600000001 --schedule "2027-01-31 09:00:00" "good morning"
  msgbin send --from Acme --to +31600000001 --idempotency-key order-17 "your order has left"
  msgbin send --from Acme --to +31600000001 --json "hello" | jq -r .id`;

/** `msgbin send`: one text to one or many destinations. */
export function sendCommand(surroundings: Surroundings): Command {
  const command = new Command("send")
    .description("Send a text message.")
    .argument("<TEXT>", "what to send")
    .requiredOption("--from <SENDER>", "a phone number or a name that the carrier accepts")
    .requiredOption("--to <NUMBERS>", "destinations, separated by commas; may be repeated", collectWords)
    .option("--wait", "show progress until every target is final")
    .option("--timeout <DURATION>", "how long to wait at most: 90s, 15m, 24h", "5m")
    .option("--priority <PRIORITY>", "low, normal or high: what waits is sent in this order")
    .option("--schedule <TIME>", 'send it at this time, UTC: "2027-01-31 09:00:00"')
    .option("--expire <TIME>", "give up at this time; after 24 hours unless given")
    .option("--encoding <ENCODING>", "auto, gsm7, ucs2 or latin1; auto takes the smallest that holds it")
    .option("--flash", "shown at once and not kept by the handset")
    .option("--idempotency-key <KEY>", "run again with the same key within 24 hours, it is sent once")
    .option("--dry-run", "show parts, encoding and route of each target, and send nothing")
    .addHelpText("after", EXAMPLES);
  return addServiceFlags(command, "the message").action(async (text: string, options: SendOptions) => {
    const timeoutMs = parseDuration(options.timeout);
    if (timeoutMs === null)
      throw new CommandFailure("usage", "--timeout must be a time such as 90s, 15m or 24h");
    if (options.wait === true && options.dryRun === true)
      throw new CommandFailure("usage", "--wait and --dry-run do not go together");
    if (options.idempotencyKey !== undefined && options.dryRun === true)
      throw new CommandFailure("usage", "--idempotency-key and --dry-run do not go together");
    const client = await connect(options, surroundings);
    const wish = wishOf(text, options);
    if (options.dryRun === true) {
      const preview = await client.call<DryRunAnswer>("POST", `${PATH}?dry_run=true`, wish);
      return show(preview, options, renderPreview, surroundings);
    }
    const { idempotencyKey } = options;
    const sent = await client.call<MessageAnswer>("POST", PATH, wish, { idempotencyKey });
    if (options.wait === true) await waitFor(sent, client, options, timeoutMs, surroundings);
    else show(sent, options, renderSent, surroundings);
  });
}

/** The body of the request; what is undefined is not written into it. */
function wishOf(
  text: string,
  { from, to, priority, schedule, expire, encoding, flash }: SendOptions,
): Readonly<Record<string, unknown>> {
  return {
    source: { type: "tel", target: from },
    destinations: to.map((target) => ({ type: "tel", target })),
    text,
    priority,
    tm_schedule: schedule,
    tm_expire: expire,
    encoding,
    flash,
  };
}

function renderPreview({ targets }: DryRunAnswer): string {
  const rows = targets.map(({ destination, status, parts, encoding, route, error }) => [
    destination.target,
    status,
    String(parts),
    encoding,
    route?.join(", ") ?? "",
    error === undefined ? "" : `${error.code}: ${error.message}`,
  ]);
  return renderTable(["TO", "WOULD BE", "PARTS", "ENCODING", "ROUTE", ""], rows);
}

function renderSent({ id, targets }: MessageAnswer): string {
  return `${id}  ${countStatuses(targets)}\nLook again with: npx msgbin messages get ${id}\n`;
}

async function waitFor(
  sent: MessageAnswer,
  client: ServiceClient,
  { json }: ServiceOptions,
  timeoutMs: number,
  { stdout, stderr, signal }: Surroundings,
): Promise<void> {
  stderr.write(`accepted: ${sent.id}\n`); // at once: whatever comes now, it need not be sent again
  const message = await watchDelivery(sent, {
    ask: (timeoutMs) => client.call<MessageAnswer>("GET", `${PATH}/${sent.id}`, undefined, { timeoutMs }),
    timeoutMs,
    signal,
    output: stderr,
  });
  stdout.write(json === true ? `${JSON.stringify(message)}\n` : renderMessage(message));
  const counts = countStatuses(message.targets);
  if (!message.targets.every(isFinal)) throw new CommandFailure("timeout", `the time is up: ${counts}`);
  if (message.targets.some(({ status }) => status !== "delivered")) {
    throw new CommandFailure("undelivered", `not every target was delivered: ${counts}`);
  }
}
