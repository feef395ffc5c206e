import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { type MessageAnswer, renderMessage, renderMessages } from "./message-answer.ts";
import { openServiceClient, type ServiceClient } from "./service-client.ts";
import { addSettingFlags, CLIENT_SETTINGS, readConfig } from "./setting-flags.ts";
import type { Surroundings } from "./surroundings.ts";

interface OutputOptions {
  readonly json?: true;
}

interface ListOptions extends OutputOptions {
  readonly limit: string;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 10_000;
/** The most that the service puts on one page. */
const PAGE_SIZE = 100;

const EXAMPLES = `
Examples:
  msgbin messages
  msgbin messages list --limit 100 --json | jq -r '.[].id'
  msgbin messages get 0199c3f0-8a4e-7d21-9c3b-2f1e8a7d6c5b`;

/** `msgbin messages`: look at messages and delete them. */
export function messagesCommand(surroundings: Surroundings): Command {
  return new Command("messages")
    .description("Look at messages, delete them.")
    .addCommand(listCommand(surroundings), { isDefault: true })
    .addCommand(getCommand(surroundings))
    .addCommand(deleteCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list")
    .description("List the latest messages, the newest first.")
    .option("--limit <COUNT>", `how many at most, up to ${MAX_LIMIT}`, String(DEFAULT_LIMIT))
    .option("--json", "print a JSON array of messages");
  return addSettingFlags(command, CLIENT_SETTINGS).action(async (options: ListOptions) => {
    const limit = Number(options.limit);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
      throw new CommandFailure("usage", `--limit must be a whole number from 1 to ${MAX_LIMIT}`);
    }
    const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
    const messages = await listMessages(client, limit);
    if (options.json === true) surroundings.stdout.write(`${JSON.stringify(messages)}\n`);
    else if (messages.length === 0) surroundings.stderr.write("no messages yet\n");
    else surroundings.stdout.write(renderMessages(messages));
  });
}

async function listMessages(client: ServiceClient, limit: number): Promise<MessageAnswer[]> {
  const messages: MessageAnswer[] = [];
  let pageToken = "";
  do {
    const size = Math.min(PAGE_SIZE, limit - messages.length);
    const query = new URLSearchParams({
      page_size: String(size),
      ...(pageToken !== "" && { page_token: pageToken }),
    });
    const page = await client.call<{ result: MessageAnswer[]; next_page_token: string }>(
      "GET",
      `/v1.0/messages?${query.toString()}`,
    );
    messages.push(...page.result);
    pageToken = page.next_page_token;
  } while (pageToken !== "" && messages.length < limit);
  return messages;
}

function getCommand(surroundings: Surroundings): Command {
  return oneMessageCommand("get", "Show one message with all its targets.", "GET", surroundings);
}

function deleteCommand(surroundings: Surroundings): Command {
  return oneMessageCommand(
    "delete",
    "Delete a message: it is no longer listed; what is queued is still sent.",
    "DELETE",
    surroundings,
  );
}

function oneMessageCommand(
  name: string,
  description: string,
  method: "GET" | "DELETE",
  surroundings: Surroundings,
): Command {
  const command = new Command(name)
    .description(description)
    .argument("<ID>", "the id of the message")
    .option("--json", "print the message as JSON");
  return addSettingFlags(command, CLIENT_SETTINGS).action(async (id: string, options: OutputOptions) => {
    const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
    const message = await client.call<MessageAnswer>(method, `/v1.0/messages/${encodeURIComponent(id)}`);
    surroundings.stdout.write(
      options.json === true ? `${JSON.stringify(message)}\n` : renderMessage(message),
    );
  });
}
