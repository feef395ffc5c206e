import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { DEFAULT_LIMIT, LIMIT_WORDS, listPages, readLimit } from "./paged-list.ts";
import { addServiceFlags, connect, type ServiceOptions, show, showList } from "./service-command.ts";
import { shownTime } from "./shown-time.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable, shorten } from "./text-table.ts";
import { indented, onOneLine } from "../domain/visible-text.ts";

interface CallAnswer {
  /** Null when no answer came. */
  readonly status_code: number | null;
  readonly error: string;
  readonly answer: string;
  readonly took_ms: number;
  readonly tm_create: string;
}

interface AttemptAnswer extends CallAnswer {
  readonly event_id: string;
  readonly message_id: string;
  readonly type: string;
  readonly attempt: number;
}

interface ReplayOptions extends ServiceOptions {
  readonly since?: string;
  readonly until?: string;
}

const ANSWER_WIDTH = 40;
const ANSWER_INDENT = 2;
const FIRST_GOOD = 200;
const FIRST_NOT_GOOD = 300;

const pathOf = (id: string, what: string): string => `/v1.0/webhooks/${encodeURIComponent(id)}/${what}`;

/** `msgbin webhooks test`: one call, now; exit code 5 unless it is answered with a 2xx. */
export function testCommand(surroundings: Surroundings): Command {
  const command = new Command("test")
    .description("Call a webhook once, now, and show what it answers; `attempts` does not list this call.")
    .argument("<ID>", "the id of the webhook");
  return addServiceFlags(command, "how the call went").action(async (id: string, options: ServiceOptions) => {
    const client = await connect(options, surroundings);
    const call = await client.call<CallAnswer>("POST", pathOf(id, "test"), {});
    show(call, options, renderCall, surroundings);
    const { status_code: code } = call;
    if (code === null || code < FIRST_GOOD || code >= FIRST_NOT_GOOD)
      throw new CommandFailure("undelivered", "the webhook did not take the call");
  });
}

function outcomeOf({ status_code: code, error }: CallAnswer): string {
  return code === null ? error : String(code);
}

function renderCall(call: CallAnswer): string {
  const answer =
    call.answer === "" ? "" : `\n${" ".repeat(ANSWER_INDENT)}${indented(call.answer, ANSWER_INDENT)}`;
  return `${onOneLine(outcomeOf(call))} after ${Math.round(call.took_ms)} ms${answer}\n`;
}

/** `msgbin webhooks attempts`: what was called and what was answered. */
export function attemptsCommand(surroundings: Surroundings): Command {
  const command = new Command("attempts")
    .description("List a webhook's calls with their answers, those of the newest event first.")
    .argument("<ID>", "the id of the webhook")
    .option("--limit <COUNT>", LIMIT_WORDS, DEFAULT_LIMIT);
  return addServiceFlags(command, "an array of calls").action(
    async (id: string, options: ServiceOptions & { readonly limit: string }) => {
      const limit = readLimit(options.limit);
      const client = await connect(options, surroundings);
      const attempts = await listPages<AttemptAnswer>(client, pathOf(id, "attempts"), undefined, limit);
      showList(attempts, options, { render: renderAttempts, none: "no calls yet" }, surroundings);
    },
  );
}

function renderAttempts(attempts: readonly AttemptAnswer[]): string {
  const rows = attempts.map((attempt) => [
    shownTime(attempt.tm_create),
    attempt.type,
    String(attempt.attempt),
    outcomeOf(attempt),
    `${Math.round(attempt.took_ms)} ms`,
    attempt.event_id,
    shorten(attempt.answer, ANSWER_WIDTH),
  ]);
  return renderTable(["AT (UTC)", "EVENT", "ATTEMPT", "OUTCOME", "TOOK", "EVENT ID", "ANSWER"], rows);
}

/** `msgbin webhooks replay`: events once more, each with the id it always had. */
export function replayCommand(surroundings: Surroundings): Command {
  const command = new Command("replay")
    .description("Call a webhook again with events, or with all those of a span of time.")
    .argument("<ID>", "the id of the webhook")
    .argument("[EVENT_ID...]", "these events; or --since")
    .option("--since <TIME>", 'events from this time on, UTC: "2026-01-31 09:00:00"')
    .option("--until <TIME>", "and before this one; now unless given");
  return addServiceFlags(command, "how many are on their way").action(
    async (id: string, eventIds: readonly string[], options: ReplayOptions) => {
      const { since, until } = options;
      if ((eventIds.length === 0) === (since === undefined))
        throw new CommandFailure("usage", "either EVENT_IDs or --since must be given");
      const client = await connect(options, surroundings);
      const which = since === undefined ? { event_ids: eventIds } : { tm_from: since, tm_until: until };
      const answer = await client.call<{ replayed: number }>("POST", pathOf(id, "replay"), which);
      show(answer, options, ({ replayed }) => `${replayed} events are on their way again\n`, surroundings);
    },
  );
}
