import { renderTable, shorten } from "./text-table.ts";
import { indented } from "../domain/visible-text.ts";

/** What commands read of a message. */
export interface MessageAnswer {
  readonly id: string;
  readonly direction: string;
  readonly source: { readonly target: string };
  readonly text: string;
  readonly tm_create: string;
  readonly targets: readonly TargetAnswer[];
}

export interface TargetAnswer {
  readonly destination: { readonly target: string };
  readonly status: string;
  readonly parts: number;
  readonly tm_update: string;
  readonly error?: { readonly code: string; readonly message: string };
}

const FINAL: ReadonlySet<string> = new Set([
  "delivered",
  "failed",
  "dlr_timeout",
  "gw_timeout",
  "canceled",
  "received",
]);
const TEXT_WIDTH = 40;
const NAME_WIDTH = 9;

export function isFinal(target: TargetAnswer): boolean {
  return FINAL.has(target.status);
}

/** `3 delivered, 1 failed`, in the order in which the statuses first appear. */
export function countStatuses(targets: readonly TargetAnswer[]): string {
  const counts = new Map<string, number>();
  for (const { status } of targets) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

/** One message for people: what it is, then its targets. */
export function renderMessage(message: MessageAnswer): string {
  const { id, direction, source, text, tm_create: created, targets } = message;
  const rows = targets.map(({ destination, status, parts, tm_update: updated, error }) => [
    destination.target,
    status,
    String(parts),
    updated.slice(0, "2026-01-01 00:00:00".length),
    error === undefined ? "" : `${error.code}: ${error.message}`,
  ]);
  const head = [
    ["id", id],
    ["created", `${created} UTC, ${direction}`],
    ["from", source.target],
    ["text", text],
  ];
  const lines = head.map(([name = "", value = ""]) => name.padEnd(NAME_WIDTH) + indented(value, NAME_WIDTH));
  return `${lines.join("\n")}\n\n${renderTable(["TO", "STATUS", "PARTS", "SINCE", ""], rows)}`;
}

/** A list of messages for people, one line each. */
export function renderMessages(messages: readonly MessageAnswer[]): string {
  const rows = messages.map(({ id, direction, tm_create: created, text, targets }) => [
    id,
    created.slice(0, "2026-01-01 00:00:00".length),
    direction,
    countStatuses(targets),
    shorten(text, TEXT_WIDTH),
  ]);
  return renderTable(["ID", "CREATED (UTC)", "DIRECTION", "TARGETS", "TEXT"], rows);
}
