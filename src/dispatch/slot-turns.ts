import type { DispatchSettings } from "./dispatch-settings.ts";

/** How things stand with a carrier's bind slots at a heartbeat. */
export interface SlotState {
  readonly slots: number;
  /** How many of them this node holds. */
  readonly held: number;
  /** How many a node may hold at most, so that they are spread evenly. */
  readonly share: number;
  /** Living nodes that dispatch, this one left out. */
  readonly others: number;
  readonly cutOff: CutOff | null;
}

/** That this node holds slots and cannot reach the carrier, or is not wanted there. */
export interface CutOff {
  readonly sinceMs: number;
  /** For how long each node tries before another does. */
  readonly turnMs: number;
}

/** What this node let go of, and how long it stands back. */
interface StandBack {
  readonly keeps: number;
  readonly others: number;
  /** When it asks once whether nobody else took them; Infinity when it has. */
  asksAtMs: number;
  readonly untilMs: number;
}

/**
 * Lets others try the bind slots of a carrier that this node alone may be unable to reach. When its turn is over it lets go of as many
 * as the others have room for, and stands back until each of them had the same time: so those that let go come after those
 * that have not tried, and after each other in turn. What nobody took by the second heartbeat after it takes again.
 *
 * A slot whose lane is up stays where it is. One whose holder is the only node stays too, and so do those of which all nodes
 * hold as many as they may: there each node tries anyway.
 */
export class SlotTurns {
  readonly #settings: Pick<DispatchSettings, "heartbeatMs">;
  #standBack: StandBack | null = null;
  #lastLetGoMs = -Infinity;

  constructor(settings: Pick<DispatchSettings, "heartbeatMs">) {
    this.#settings = settings;
  }

  /** How many slots this node is to hold now; it lets go of those that are more. */
  want(state: SlotState, nowMs: number): number {
    if (this.#isOver(state, nowMs)) this.#standBack = null;
    this.#standBack ??= this.#letGo(state, nowMs);
    const { share } = state;
    const standBack = this.#standBack;
    if (standBack === null) return share;
    if (nowMs < standBack.asksAtMs) return Math.min(share, standBack.keeps);
    standBack.asksAtMs = Infinity;
    return share;
  }

  /** Its time is up, nobody else took the slots, or one of those who might have is no more. */
  #isOver({ held, others }: SlotState, nowMs: number): boolean {
    const standBack = this.#standBack;
    if (standBack === null) return false;
    return nowMs >= standBack.untilMs || held > standBack.keeps || others < standBack.others;
  }

  #letGo({ slots, held, share, others, cutOff }: SlotState, nowMs: number): StandBack | null {
    const { heartbeatMs } = this.#settings;
    if (cutOff === null || nowMs - Math.max(cutOff.sinceMs, this.#lastLetGoMs) < cutOff.turnMs) return null;
    const room = others * share - (slots - held);
    if (held === 0 || room <= 0) return null;
    this.#lastLetGoMs = nowMs;
    return {
      keeps: Math.max(0, held - room),
      others,
      asksAtMs: nowMs + 2 * heartbeatMs,
      untilMs: nowMs + others * cutOff.turnMs,
    };
  }
}
