import type { Lane, LaneState } from "../carriers/carrier.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { type Flight, LaneLine } from "./lane-line.ts";
import type { LanesSeen } from "./lane-sightings.ts";

/** A lane that is up, with the room it has in this turn. */
export interface OpenLane {
  readonly line: LaneLine;
  readonly room: number;
}

/** The lines of one carrier's lanes: those that are up, and those that are gone and have flights to settle. */
export class LaneLines {
  #open: readonly OpenLane[] = [];
  #gone: readonly LaneLine[] = [];
  #isTrusted = false;

  /** The lanes that were up when last looked at. */
  get open(): readonly OpenLane[] {
    return this.#open;
  }

  /** Whether a lane was up that is not on trial. */
  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  /** How they are. @param isAwaited whether something waits to be sent over them */
  seen(isAwaited: boolean): LanesSeen {
    if (this.#isTrusted) return "up";
    if (this.#open.length === 0) return "down";
    return isAwaited || this.unsettled > 0 ? "tried" : "idle";
  }

  /** Targets that lanes on trial can use at once; Infinity while a lane is up that is not. */
  get trialRoom(): number {
    if (this.#isTrusted) return Infinity;
    return this.#open.reduce((sum, { line }) => sum + Math.max(0, line.free), 0);
  }

  /** Parts that all lanes together can use at once. */
  get supply(): number {
    return this.#open.reduce((sum, { line }) => sum + line.supply, 0);
  }

  /** Parts that are marked and were not handed to the carrier. */
  get aheadParts(): number {
    return this.#open.reduce((sum, { line }) => sum + line.aheadParts, 0);
  }

  /** Targets that are marked and whose settlement is not committed. */
  get unsettled(): number {
    const open = this.#open.reduce((sum, { line }) => sum + line.unsettled, 0);
    return this.#gone.reduce((sum, line) => sum + line.unsettled, open);
  }

  /** Their flights, of all lanes. */
  *flights(): IterableIterator<Flight> {
    for (const { line } of this.#open) yield* line.flights();
    for (const line of this.#gone) yield* line.flights();
  }

  /** Those targets. */
  *targets(): IterableIterator<OutboundTarget> {
    for (const { target } of this.flights()) yield target;
  }

  /** Whether something could be handed to the carrier if it had room. */
  get isReady(): boolean {
    return this.#open.some(({ line }) => line.isReady);
  }

  isOpen(line: LaneLine): boolean {
    return this.#open.some((open) => open.line === line);
  }

  /** Looks at the lanes that are up now; answers the flights that were marked for lanes that are no longer. */
  meet(states: readonly LaneState[]): readonly Flight[] {
    const before = [...this.#open.map(({ line }) => line), ...this.#gone];
    this.#open = states.map((state) => {
      const line = before.find(({ lane }) => isSame(lane, state)) ?? newLine(state);
      line.windowSize = state.windowSize;
      line.isOnTrial = state.isOnTrial;
      return { line, room: state.room };
    });
    this.#isTrusted = states.some(({ isOnTrial }) => !isOnTrial);
    const gone = before.filter((line) => !this.isOpen(line));
    const stranded = gone.flatMap((line) => line.drain());
    this.#gone = gone.filter((line) => line.unsettled > 0);
    return stranded;
  }

  /** The lane for which most may still be marked; undefined when for none. */
  freest(): LaneLine | undefined {
    let best: LaneLine | undefined;
    for (const { line } of this.#open) if (line.free > (best?.free ?? 0)) best = line;
    return best;
  }
}

function isSame(one: Lane, other: Lane): boolean {
  return one.bind === other.bind && one.epoch === other.epoch;
}

function newLine({ bind, epoch }: Lane): LaneLine {
  return new LaneLine({ bind, epoch });
}
