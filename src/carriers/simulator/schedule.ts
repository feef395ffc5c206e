/** Actions that may wait at once; over it the caller is told and should refuse its own client. */
export const MAX_SCHEDULED = 1_000_000;

/**
 * Actions that wait for their time, with one timer for all of them: thousands a second may be waiting. They are kept in slots
 * of so many milliseconds, and those of one slot run together, in the order in which they were added.
 */
export class Schedule {
  readonly #monotonicMs: () => number;
  readonly #slots = new Map<number, (() => void)[]>();
  #count = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerSlot = Infinity;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** How many actions wait. */
  get size(): number {
    return this.#count;
  }

  /** Runs `action` after `delayMs`, at once when it is 0; false when too many wait already. */
  after(delayMs: number, action: () => void): boolean {
    if (delayMs <= 0) {
      action();
      return true;
    }
    if (this.#count >= MAX_SCHEDULED) return false;
    const slot = Math.ceil((this.#monotonicMs() + delayMs) / SLOT_MS);
    const actions = this.#slots.get(slot);
    if (actions === undefined) this.#slots.set(slot, [action]);
    else actions.push(action);
    this.#count++;
    if (slot < this.#timerSlot) this.#arm(slot);
    return true;
  }

  /** Forgets everything that waits. */
  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerSlot = Infinity;
    this.#slots.clear();
    this.#count = 0;
  }

  #arm(slot: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerSlot = slot;
    const waitMs = Math.max(1, Math.ceil(slot * SLOT_MS - this.#monotonicMs()));
    this.#timer = setTimeout(() => this.#run(), waitMs);
  }

  #run(): void {
    this.#timer = null;
    this.#timerSlot = Infinity;
    const due = Math.floor(this.#monotonicMs() / SLOT_MS);
    const slots = [...this.#slots.keys()].filter((slot) => slot <= due).toSorted((one, other) => one - other);
    for (const slot of slots) {
      const actions = this.#slots.get(slot) ?? [];
      this.#slots.delete(slot);
      this.#count -= actions.length;
      for (const action of actions) action();
    }
    const next = Math.min(...this.#slots.keys());
    if (next < this.#timerSlot) this.#arm(next);
  }
}

const SLOT_MS = 5;
