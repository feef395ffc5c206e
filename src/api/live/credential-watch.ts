import type { Clock } from "../../domain/clock.ts";
import type { Micros } from "../../domain/micros.ts";
import { UnderWay } from "../../domain/under-way.ts";
import { PRINCIPAL_CACHE_MS } from "../auth/principals.ts";
import { callAt } from "./call-at.ts";

/** Changes come in swarms: so long after a round the next one may begin. */
const GAP_MS = 250;

/** Somebody who is here on the word of a credential. */
export interface Bearer {
  /** Null for a credential that does not expire. */
  readonly expiresAt: Micros | null;
  /** Asks the store. */
  readonly isStillGood: () => Promise<boolean>;
  /** Its credential is no longer good. */
  readonly sendAway: () => void;
}

/**
 * Sends away whose credential ends: when it expires, soon after any customer or key changed, and as soon as a request with it
 * would be refused where the news of a change was lost.
 */
export class CredentialWatch {
  readonly #clock: Clock;
  /** Each with how to stop waiting for the time when its credential expires. */
  readonly #bearers = new Map<Bearer, () => void>();
  readonly #rounds: NodeJS.Timeout;
  #gap: NodeJS.Timeout | null = null;
  #isLooking = false;
  #mustLook = false;
  #isStopped = false;
  /** What asks the store. */
  readonly #asking = new UnderWay();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#rounds = setInterval(() => this.look(), PRINCIPAL_CACHE_MS);
  }

  add(bearer: Bearer): void {
    const { expiresAt, sendAway } = bearer;
    this.#bearers.set(
      bearer,
      expiresAt === null ? () => undefined : callAt(expiresAt, this.#clock, sendAway),
    );
  }

  remove(bearer: Bearer): void {
    this.#bearers.get(bearer)?.();
    this.#bearers.delete(bearer);
  }

  /** Asks about every credential. One round at a time; who calls during one, or right after it, has another later. */
  look(): void {
    this.#mustLook = true;
    if (this.#isLooking || this.#gap !== null || this.#isStopped) return;
    void this.#round();
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#rounds);
    if (this.#gap !== null) clearTimeout(this.#gap);
    for (const callOff of this.#bearers.values()) callOff();
  }

  /** Resolves when nothing is asked of the store any more. */
  idle(): Promise<void> {
    return this.#asking.idle();
  }

  async #round(): Promise<void> {
    this.#isLooking = true;
    this.#mustLook = false;
    this.#asking.begin();
    for (const bearer of this.#bearers.keys()) {
      if (this.#isStopped) break;
      // A store that does not answer now says nothing against a credential.
      if (!(await bearer.isStillGood().catch(() => true))) bearer.sendAway();
    }
    this.#isLooking = false;
    this.#asking.end();
    if (!this.#isStopped) this.#gap = setTimeout(() => this.#endGap(), GAP_MS).unref();
  }

  #endGap(): void {
    this.#gap = null;
    if (this.#mustLook) this.look();
  }
}
