/** What the session has to do about a silent peer. */
export type KeepAliveVerdict = "fine" | "ask" | "dead" | "inactive";

export interface KeepAliveTimes {
  readonly enquireLinkIntervalMs: number;
  readonly enquireLinkTimeoutMs: number;
  readonly inactivityTimeoutMs: number;
}

/**
 * Watches for a peer that fell silent. After an interval without a byte it asks with enquire_link, and only the answer to that
 * counts: a half-open connection takes our bytes for a long time and gives nothing back.
 */
export class KeepAlive {
  readonly #times: KeepAliveTimes;
  #lastReceivedMs: number;
  #askedSequence: number | undefined = undefined;
  #answerDeadlineMs = Infinity;

  constructor(times: KeepAliveTimes, nowMs: number) {
    this.#times = times;
    this.#lastReceivedMs = nowMs;
  }

  received(nowMs: number): void {
    this.#lastReceivedMs = nowMs;
  }

  asked(sequence: number, nowMs: number): void {
    this.#askedSequence = sequence;
    this.#answerDeadlineMs = nowMs + this.#times.enquireLinkTimeoutMs;
  }

  /** Whether this was the answer awaited; a generic_nack with the sequence number is one too: somebody is there. */
  answered(sequence: number): boolean {
    if (this.#askedSequence !== sequence) return false;
    this.#askedSequence = undefined;
    this.#answerDeadlineMs = Infinity;
    return true;
  }

  /** Silence up to now was ours: we did not read. */
  forgive(nowMs: number): void {
    this.#lastReceivedMs = nowMs;
    if (this.#askedSequence !== undefined) this.#answerDeadlineMs = nowMs + this.#times.enquireLinkTimeoutMs;
  }

  nextDeadlineMs(): number {
    return Math.min(this.#askDeadlineMs(), this.#answerDeadlineMs, this.#inactivityDeadlineMs());
  }

  verdict(nowMs: number): KeepAliveVerdict {
    if (nowMs >= this.#answerDeadlineMs) return "dead";
    if (nowMs >= this.#inactivityDeadlineMs()) return "inactive";
    return nowMs >= this.#askDeadlineMs() ? "ask" : "fine";
  }

  #askDeadlineMs(): number {
    const { enquireLinkIntervalMs } = this.#times;
    if (enquireLinkIntervalMs === 0 || this.#askedSequence !== undefined) return Infinity;
    return this.#lastReceivedMs + enquireLinkIntervalMs;
  }

  #inactivityDeadlineMs(): number {
    const { inactivityTimeoutMs } = this.#times;
    return inactivityTimeoutMs === 0 ? Infinity : this.#lastReceivedMs + inactivityTimeoutMs;
  }
}
