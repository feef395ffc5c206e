import type { Logger } from "../../domain/logger.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";

/** How long damage that a write met is shown after it was met last: nothing else tells that it was mended. */
export const DAMAGE_SHOWN_MS = 600_000;

/** Whoever meets it tries again and again; the log need not say so each time. */
const LOG_EVERY_MS = 60_000;

/**
 * What this process met of a damaged database. Only those who need a damaged page fail, and the others go on: the server is
 * others' as well, and may be mended or give way to its standby while it is used. Damage that a write met keeps the process
 * from being ready; what only reading met, a page of an old month perhaps, does not keep anybody from sending.
 */
export class DamageWatch {
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #met: { readonly error: StoreUnavailable; readonly untilMs: number } | null = null;
  #quietUntilMs = -Infinity;

  constructor(logger: Logger, nowMs: () => number) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  /** Takes in how work on the database failed, whatever that was. */
  note(error: unknown, isWrite: boolean): void {
    if (!(error instanceof StoreUnavailable) || error.reason !== "damaged") return;
    const nowMs = this.#nowMs();
    if (isWrite) this.#met = { error, untilMs: nowMs + DAMAGE_SHOWN_MS };
    if (nowMs < this.#quietUntilMs) return;
    this.#quietUntilMs = nowMs + LOG_EVERY_MS;
    this.#logger.error({ error: error.message }, "the database is damaged");
  }

  /** @throws {StoreUnavailable} while damage that a write met is shown. */
  requireWhole(): void {
    if (this.#met !== null && this.#nowMs() < this.#met.untilMs) throw this.#met.error;
  }
}
