import { PRIORITIES } from "../domain/message.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { Fifo } from "./fifo.ts";

/**
 * Targets of one carrier that are leased to this node and not marked yet, by priority and then in the order they came. A
 * target's place is reserved before it is asked for and stays so after it was taken out until what is done with it is
 * committed: the limit holds for everything that is held in memory, at every moment.
 */
export class WaitingRoom {
  readonly #limit: number;
  readonly #lines = Object.values(PRIORITIES).map(() => new Fifo<OutboundTarget>());
  #reserved = 0;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Targets that wait. */
  get size(): number {
    return this.#size;
  }

  /** Places that could be reserved. */
  get room(): number {
    return this.#limit - this.#size - this.#reserved;
  }

  /** False when there are not so many places: then none is reserved. */
  reserve(count: number): boolean {
    if (count > this.room) return false;
    this.#reserved += count;
    return true;
  }

  /** Gives reserved places free. */
  release(count: number): void {
    this.#reserved -= count;
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
