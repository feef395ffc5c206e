import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { parseDuration } from "./duration.ts";
import { countStatuses, isFinal, type MessageAnswer, renderMessage } from "./message-answer.ts";
import { openServiceClient, type ServiceClient } from "./service-client.ts";
import { addSettingFlags, CLIENT_SETTINGS, readConfig } from "./setting-flags.ts";
import type { Surroundings } from "./surroundings.ts";
import { watchDelivery } from "./delivery-watch.ts";

interface SendOptions {
  readonly from: string;
  readonly to: readonly string[];
  readonly wait?: true;
  readonly timeout: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  msgbin send --from +821100000001 --to +31600000001 "hello, world"
  msgbin send --from Acme --to +31600000001,+31600000002 --wait "your table is ready"
  msgbin send --from Acme --to +31600000001 --json "hello" | jq -r .id`;

/** `msgbin send`: one text to one or many destinations. */
export function sendCommand(surroundings: Surroundings): Command {
  const command = new Command("send")
    .description("Send a text message.")
    .argument("<TEXT>", "what to send")
    .requiredOption("--from <SENDER>", "a phone number or a name that the carrier accepts")
    .requiredOption("--to <NUMBERS>", "destinations, separated by commas; may be repeated", collectNumbers)
    .option("--wait", "show progress until every target is final")
    .option("--timeout <DURATION>", "how long to wait at most: 90s, 15m, 24h", "5m")
    .option("--json", "print the message as JSON")
    .addHelpText("after", EXAMPLES);
  return addSettingFlags(command, CLIENT_SETTINGS).action(async (text: string, options: SendOptions) => {
    const timeoutMs = parseDuration(options.timeout);
    if (timeoutMs === null)
      throw new CommandFailure("usage", "--timeout must be a time such as 90s, 15m or 24h");
    const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
    const sent = await client.call<MessageAnswer>("POST", "/v1.0/messages", {
      source: { type: "tel", target: options.from },
      destinations: options.to.map((target) => ({ type: "tel", target })),
      text,
    });
    if (options.wait === true) await waitFor(sent, client, options, timeoutMs, surroundings);
    else surroundings.stdout.write(options.json === true ? `${JSON.stringify(sent)}\n` : renderSent(sent));
  });
}

function collectNumbers(text: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...text
      .split(",")
      .map((number) => number.trim())
      .filter((number) => number !== ""),
  ];
}

function renderSent({ id, targets }: MessageAnswer): string {
  return `${id}  ${countStatuses(targets)}\nLook again with: npx msgbin messages get ${id}\n`;
}

async function waitFor(
  sent: MessageAnswer,
  client: ServiceClient,
  { json }: SendOptions,
  timeoutMs: number,
  { stdout, stderr, signal }: Surroundings,
): Promise<void> {
  const message = await watchDelivery(sent, {
    ask: () => client.call<MessageAnswer>("GET", `/v1.0/messages/${sent.id}`),
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
