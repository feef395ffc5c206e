/** How a bind slows down. */
export interface CongestionPace {
  readonly firstPauseMs: number;
  readonly mostPauseMs: number;
}

export const CONGESTION_PACE: CongestionPace = { firstPauseMs: 250, mostPauseMs: 8_000 };

/**
 * How much of its window a bind uses. A carrier that says "throttled" has a limit that we do not know (or that others use up):
 * going on at the full window would only have most of it refused and tried again. As TCP does, the window is halved and a pause
 * made at the first such answer of a burst; it grows by one whenever a whole window was taken.
 */
export class Congestion {
  readonly #most: number;
  readonly #pace: CongestionPace;
  #size: number;
  #taken = 0;
  #pauseMs = 0;
  #pausedUntilMs = -Infinity;

  constructor(windowSize: number, pace: CongestionPace = CONGESTION_PACE) {
    this.#most = windowSize;
    this.#size = windowSize;
    this.#pace = pace;
  }

  /** How many parts may be unanswered, from 1 to the window that was configured. */
  get size(): number {
    return this.#size;
  }

  /** How long nothing should be sent; 0 when there is no pause. */
  pauseLeftMs(nowMs: number): number {
    return Math.max(0, this.#pausedUntilMs - nowMs);
  }

  /** The carrier took a part. */
  taken(nowMs: number): void {
    if (this.#size === this.#most && this.#pauseMs === 0) return;
    if (nowMs < this.#pausedUntilMs) return;
    this.#pauseMs = 0;
    this.#taken++;
    if (this.#taken < this.#size) return;
    this.#taken = 0;
    this.#size = Math.min(this.#size + 1, this.#most);
  }

  /** The carrier said that we are too fast; answers how long to wait. The rest of one burst changes nothing more. */
  throttled(nowMs: number): number {
    if (nowMs < this.#pausedUntilMs) return this.#pausedUntilMs - nowMs;
    const { firstPauseMs, mostPauseMs } = this.#pace;
    this.#size = Math.max(1, this.#size >> 1);
    this.#taken = 0;
    this.#pauseMs = Math.min(this.#pauseMs === 0 ? firstPauseMs : this.#pauseMs * 2, mostPauseMs);
    this.#pausedUntilMs = nowMs + this.#pauseMs;
    return this.#pauseMs;
  }
}
