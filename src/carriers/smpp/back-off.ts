import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import type { CloseReason } from "../../smpp/session/close-reason.ts";

/** How long to wait before connecting again: doubled from `firstMs` to `mostMs` with each failure in a row. */
export interface Pace {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** One pace for each kind of trouble. */
export interface Paces {
  /** The line: connection refused, lost, silent. */
  readonly line: Pace;
  /** The carrier believes that we are still bound, or will not have another bind now: wait until it has noticed. */
  readonly busy: Pace;
  /** The carrier does not know us: hammering it would lock the account, and only an operator can help. */
  readonly rejected: Pace;
  /** A bind that held at least so long begins the count anew. */
  readonly steadyMs: number;
}

export const PACES: Paces = {
  line: { firstMs: 500, mostMs: 60_000 },
  busy: { firstMs: 2_000, mostMs: 60_000 },
  rejected: { firstMs: 60_000, mostMs: 15 * 60_000 },
  steadyMs: 30_000,
};

export type Trouble = Exclude<keyof Paces, "steadyMs">;

const BUSY: ReadonlySet<number> = new Set([
  COMMAND_STATUS.ESME_RALYBND,
  COMMAND_STATUS.ESME_RBINDFAIL,
  COMMAND_STATUS.ESME_RSYSERR,
  COMMAND_STATUS.ESME_RTHROTTLED,
  COMMAND_STATUS.ESME_RMSGQFUL,
  COMMAND_STATUS.ESME_RX_T_APPN,
]);

/** What kind of trouble ended a connection. */
export function troubleOf(reason: CloseReason): Trouble {
  if (reason.kind !== "bind-refused") return "line";
  return BUSY.has(reason.commandStatus) ? "busy" : "rejected";
}

/**
 * Whether it may be our address that the carrier does not want: what is answered to one that is not on its allow list. Not the
 * names of a wrong account, though some answer those; more attempts from elsewhere would lock it.
 */
export function isTurnedAway(reason: CloseReason): boolean {
  return reason.kind === "bind-refused" && reason.commandStatus === COMMAND_STATUS.ESME_RBINDFAIL;
}

/** Counts failures in a row and says how long to wait after each. */
export class BackOff {
  readonly #paces: Paces;
  readonly #random: () => number;
  #failures = 0;
  #last: Trouble | null = null;

  /** `random` gives numbers from 0 up to 1. */
  constructor(paces: Paces, random: () => number) {
    this.#paces = paces;
    this.#random = random;
  }

  /** A bind held for so long. */
  held(durationMs: number): void {
    if (durationMs >= this.#paces.steadyMs) this.#failures = 0;
  }

  /** How long to wait after one more failure; between half and all of the pace, so that many clients do not come at once. */
  next(trouble: Trouble): number {
    if (trouble !== this.#last) this.#failures = 0;
    this.#last = trouble;
    const { firstMs, mostMs } = this.#paces[trouble];
    const fullMs = Math.min(firstMs * 2 ** Math.min(this.#failures, 30), mostMs);
    this.#failures++;
    return Math.round(fullMs * (0.5 + this.#random() / 2));
  }
}
