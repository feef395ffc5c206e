import { PRIORITIES } from "../domain/message.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { DispatchSettings } from "./dispatch-settings.ts";
import { Fifo } from "./fifo.ts";

export type WaitingLimits = Pick<DispatchSettings, "waitingLimit" | "waitingCharacters">;

/**
 * Targets of one carrier that are leased to this node and not marked yet, by priority and then in the order they came. A
 * target's place is reserved before it is asked for and stays so after it was taken out until what is done with it is
 * committed: the limits hold for everything that is held in memory, at every moment. Only a claim may bring one target that is
 * longer than the room that is left, for nobody could send it otherwise.
 */
export class WaitingRoom {
  readonly #limits: WaitingLimits;
  readonly #share: () => number;
  readonly #lines = Object.values(PRIORITIES).map(() => new Fifo<OutboundTarget>());
  #reserved = 0;
  #size = 0;
  /** Of those that wait, and of what is reserved. */
  #characters = 0;

  /** @param share how much of its limits it may use now, above 0 to 1. */
  constructor(limits: WaitingLimits, share: () => number) {
    this.#limits = limits;
    this.#share = share;
  }

  /** Targets that wait. */
  get size(): number {
    return this.#size;
  }

  /** Places that could be reserved. */
  get room(): number {
    return Math.ceil(this.#limits.waitingLimit * this.#share()) - this.#size - this.#reserved;
  }

  /** Characters that could be reserved. */
  get characterRoom(): number {
    return Math.ceil(this.#limits.waitingCharacters * this.#share()) - this.#characters;
  }

  /** False when there are not so many places, or is no room for so many characters: then nothing is reserved. */
  reserve(count: number, characters: number): boolean {
    if (count > this.room || characters > this.characterRoom) return false;
    this.#reserved += count;
    this.#characters += characters;
    return true;
  }

  /** Gives reserved places and characters free. */
  release(count: number, characters: number): void {
    this.#reserved -= count;
    this.#characters -= characters;
  }

  /** Lets targets in whose places were reserved. */
  enter(targets: readonly OutboundTarget[]): void {
    this.#reserved -= targets.length;
    this.#size += targets.length;
    for (const target of targets) this.#line(target.priority).push(target);
  }

  /** Those that wait. */
  *targets(): IterableIterator<OutboundTarget> {
    for (const line of this.#lines) yield* line;
  }

  /** Takes out the one to be sent next; its place stays reserved. */
  shift(): OutboundTarget | undefined {
    for (const line of this.#lines) {
      const target = line.shift();
      if (target === undefined) continue;
      this.#size--;
      this.#reserved++;
      return target;
    }
    return undefined;
  }

  /** Lets targets that `shift` took out in again, each before the others of its priority. */
  putBack(targets: readonly OutboundTarget[]): void {
    this.#reserved -= targets.length;
    this.#size += targets.length;
    for (const [priority, line] of this.#lines.entries())
      line.putBack(targets.filter((target) => target.priority === priority));
  }

  /** Takes everybody out; their places stay reserved. */
  drain(): readonly OutboundTarget[] {
    this.#reserved += this.#size;
    this.#size = 0;
    return this.#lines.flatMap((line) => line.drain());
  }

  #line(priority: number): Fifo<OutboundTarget> {
    const line = this.#lines[priority];
    if (line === undefined) throw new Error(`there is no priority ${priority}`);
    return line;
  }
}
