import { Command } from "commander";
import { countStatuses, type MessageAnswer, renderMessage, renderMessages } from "./message-answer.ts";
import { DEFAULT_LIMIT, LIMIT_WORDS, listPages, readLimit, toQuery } from "./paged-list.ts";
import { addServiceFlags, connect, type ServiceOptions, show, showList } from "./service-command.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTimeline, type TimelineEntry } from "./timeline.ts";

interface ListOptions extends ServiceOptions {
  readonly limit: string;
  readonly direction?: string;
  readonly type?: string;
  readonly status?: string;
  readonly source?: string;
  readonly destination?: string;
  readonly text?: string;
  readonly since?: string;
  readonly until?: string;
}

const PATH = "/v1.0/messages";

const EXAMPLES = `
Examples:
  msgbin messages
  msgbin messages list --limit 100 --json | jq -r '.[].id'
  msgbin messages list --status failed --since "2026-01-31 09:00:00"
  msgbin messages get 0199c3f0-8a4e-7d21-9c3b-2f1e8a7d6c5b
  msgbin messages timeline 0199c3f0-8a4e-7d21-9c3b-2f1e8a7d6c5b`;

/** `msgbin messages`: look at messages, stop and delete them. */
export function messagesCommand(surroundings: Surroundings): Command {
  return new Command("messages")
    .description("Look at messages, find them, cancel, resend and delete them.")
    .addCommand(listCommand(surroundings))
    .addCommand(getCommand(surroundings))
    .addCommand(timelineCommand(surroundings))
    .addCommand(cancelCommand(surroundings))
    .addCommand(resendCommand(surroundings))
    .addCommand(deleteCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list")
    .description("List the latest messages, the newest first; only those for which every condition holds.")
    .option("--limit <COUNT>", LIMIT_WORDS, DEFAULT_LIMIT)
    .option("--direction <DIRECTION>", "outbound or inbound")
    .option("--type <TYPE>", "sms or mms")
    .option("--status <STATUS>", "with a target in this status: queued, sent, delivered, failed, …")
    .option("--source <SENDER>", "from this number or name")
    .option("--destination <NUMBER>", "with a target of this number")
    .option("--text <TEXT>", "that hold this text, in any case")
    .option("--since <TIME>", 'created at this time or later, UTC: "2026-01-31 09:00:00"')
    .option("--until <TIME>", "created before this time");
  return addServiceFlags(command, "an array of messages").action(async (options: ListOptions) => {
    const limit = readLimit(options.limit);
    const { direction, type, status, source, destination, text, since, until } = options;
    const conditions = toQuery({
      direction,
      type,
      status,
      source,
      destination,
      text,
      tm_from: since,
      tm_until: until,
    });
    const client = await connect(options, surroundings);
    const messages = await listPages<MessageAnswer>(client, PATH, conditions, limit);
    const none = conditions.size === 0 ? "no messages yet" : "no such messages";
    showList(messages, options, { render: renderMessages, none }, surroundings);
  });
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

function cancelCommand(surroundings: Surroundings): Command {
  return changeCommand(
    "cancel",
    "canceled",
    "Stop what is still queued, scheduled or held of a message; what was sent stays sent.",
    surroundings,
  );
}

function resendCommand(surroundings: Surroundings): Command {
  return changeCommand(
    "resend",
    "sent once more",
    "Send once more what is held of a message, as nobody knows whether it was sent: it may arrive twice.",
    surroundings,
  );
}

function changeCommand(
  name: "cancel" | "resend",
  done: string,
  description: string,
  surroundings: Surroundings,
): Command {
  const command = new Command(name)
    .description(`${description} Standard error says of how many targets; that of none is no failure.`)
    .argument("<ID>", "the id of the message");
  return addServiceFlags(command, "the message").action(async (id: string, options: ServiceOptions) => {
    const client = await connect(options, surroundings);
    const { body: message, headers } = await client.ask<MessageAnswer>("POST", `${pathOf(id)}/${name}`, {});
    const changed = headers.get("targets-changed"); // an older service does not say
    if (changed !== null) surroundings.stderr.write(`${changeWords(name, done, changed, message)}\n`);
    show(message, options, renderMessage, surroundings);
  });
}

function changeWords(name: string, done: string, changed: string, { targets }: MessageAnswer): string {
  if (changed === "0") return `nothing to ${name}: ${countStatuses(targets)}`;
  return `${done}: ${changed} of ${targets.length} targets`;
}

function timelineCommand(surroundings: Surroundings): Command {
  const command = new Command("timeline")
    .description("Tell what happened to a message, in order: carriers, receipts, events, webhooks.")
    .argument("<ID>", "the id of the message");
  return addServiceFlags(command, "an array of what happened").action(
    async (id: string, options: ServiceOptions) => {
      const client = await connect(options, surroundings);
      const { result } = await client.call<{ result: TimelineEntry[] }>("GET", `${pathOf(id)}/timeline`);
      show(result, options, renderTimeline, surroundings);
    },
  );
}

function oneMessageCommand(
  name: string,
  description: string,
  method: "GET" | "DELETE",
  surroundings: Surroundings,
): Command {
  const command = new Command(name).description(description).argument("<ID>", "the id of the message");
  return addServiceFlags(command, "the message").action(async (id: string, options: ServiceOptions) => {
    const client = await connect(options, surroundings);
    show(await client.call<MessageAnswer>(method, pathOf(id)), options, renderMessage, surroundings);
  });
}

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}
