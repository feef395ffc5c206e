import { inspect } from "node:util";
import { pino } from "pino";
import type { Logger } from "../domain/logger.ts";
import { createDroppingLines, type LineSink } from "./dropping-lines.ts";
import { createTerminalLines } from "./terminal-lines.ts";
import { redactFields, redactText } from "./redaction.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly sink: LineSink;
  /** `json` for machines, one object a line; `terminal` for people. */
  readonly form: "json" | "terminal";
}

/**
 * Makes the logger of a process: pino's JSON lines, redacted, or the same facts laid out for a terminal. What cannot be written
 * is dropped, and counted in a line of its own once it can be.
 */
export function createLogger({ level, sink, form }: LoggerOptions): Logger {
  const kept = createDroppingLines(sink, (lines) =>
    log.error({ lines }, "lines of log could not be written and are lost"),
  );
  const lines = form === "terminal" ? createTerminalLines(kept) : kept;
  const log = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    lines,
  );
  return {
    debug: (fields, message) => log.debug(redactFields(fields), redactText(message)),
    info: (fields, message) => log.info(redactFields(fields), redactText(message)),
    warn: (fields, message) => log.warn(redactFields(fields), redactText(message)),
    error: (fields, message) => log.error(redactFields(fields), redactText(message)),
  };
}

/** An error and its causes in one line, for the `error` field. */
export function describeError(error: unknown): string {
  const words: string[] = [];
  let current: unknown = error;
  while (current !== undefined && current !== null && words.length < MAX_CAUSES) {
    words.push(current instanceof Error ? `${current.name}: ${current.message}` : inspect(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return words.join(" ← ");
}

/** A chain longer than this is a loop or says nothing new. */
const MAX_CAUSES = 5;
