import { onOneLine } from "../domain/visible-text.ts";
import type { LineSink } from "./dropping-lines.ts";

const LEVEL_WIDTH = 5;
const DIM = "\u001B[2m";
const YELLOW = "\u001B[33m";
const RED = "\u001B[31m";
const RESET = "\u001B[0m";
const LEVEL_COLOUR: Readonly<Record<string, string>> = { warn: YELLOW, error: RED };

/**
 * Turns JSON lines into lines for people, `12:00:05 info  carrier is up  carrier=simulator`, before they reach the terminal. What
 * a carrier or a customer wrote can do nothing there but be seen.
 */
export function createTerminalLines(terminal: LineSink): LineSink {
  return { write: (line) => terminal.write(`${layOut(line)}\n`) };
}

function layOut(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice("2026-01-01T".length, "2026-01-01T00:00:00".length);
  const label = String(level);
  const colour = LEVEL_COLOUR[label] ?? DIM;
  const facts = Object.entries(fields).map(([name, value]) => `${onOneLine(name)}=${quoted(value)}`);
  const tail = facts.length === 0 ? "" : `  ${DIM}${facts.join(" ")}${RESET}`;
  return `${DIM}${clock}${RESET} ${colour}${label.padEnd(LEVEL_WIDTH)}${RESET} ${onOneLine(String(msg))}${tail}`;
}

function quoted(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return onOneLine(/[\s"]/.test(text) ? JSON.stringify(text) : text);
}
