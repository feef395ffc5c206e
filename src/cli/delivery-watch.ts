import { setTimeout as pause } from "node:timers/promises";
import { countStatuses, isFinal, type MessageAnswer } from "./message-answer.ts";
import type { Screen } from "./screen.ts";
import { mayPass } from "./service-client.ts";
import { onOneLine } from "../domain/visible-text.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Also when the time is up in the next moment. */
const LEAST_ANSWER_MS = 1_000;
const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\u001B[2K";

interface Watch {
  /** Asks for the message as it is now; no answer within the time is a failure. */
  readonly ask: (timeoutMs: number) => Promise<MessageAnswer>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Where progress is shown: one line that is redrawn on a terminal, else a line for each change. */
  readonly output: Screen;
}

/**
 * Follows a message until every target is final or the time is up; answers how it was last. A service that is away or has too
 * much to do is asked again: it has the message, and says so when it is back.
 */
export async function watchDelivery(
  first: MessageAnswer,
  { ask, timeoutMs, signal, output }: Watch,
): Promise<MessageAnswer> {
  const deadline = performance.now() + timeoutMs;
  let message = first;
  let shown = showProgress(message, output, "");
  for (
    let pauseMs = FIRST_PAUSE_MS;
    !message.targets.every(isFinal);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  ) {
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) break;
    await pause(Math.min(pauseMs, leftMs), undefined, { signal });
    try {
      message = await ask(Math.max(Math.ceil(deadline - performance.now()), LEAST_ANSWER_MS));
      shown = showProgress(message, output, shown);
    } catch (error) {
      if (!mayPass(error)) throw error;
      shown = showTrouble(error.message, output, shown);
    }
  }
  if (output.isTTY === true) output.raw.write(CLEAR_LINE);
  return message;
}

function showTrouble(words: string, output: Screen, before: string): string {
  if (words === before) return before;
  if (output.isTTY === true) output.raw.write(CLEAR_LINE);
  output.write(`${onOneLine(words)} Asking again …\n`);
  return words;
}

function showProgress({ targets }: MessageAnswer, output: Screen, before: string): string {
  const counts = countStatuses(targets);
  if (counts === before) return before;
  if (output.isTTY !== true) {
    output.write(`${counts}\n`);
    return counts;
  }
  const done = targets.filter(isFinal).length;
  const filled = Math.floor((done / targets.length) * BAR_WIDTH);
  output.raw.write(CLEAR_LINE);
  output.write(`${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} ${done}/${targets.length}  ${counts}`);
  return counts;
}
