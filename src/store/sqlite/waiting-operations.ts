import type { Wire } from "./wire.ts";

/** Operations and characters that wait for a thread at most; more are refused as busy (promise P8). */
export const WAITING_OPERATIONS_LIMIT = 20_000;
export const WAITING_CHARACTERS_LIMIT = 64_000_000;

/** A pile holds at most this much, so that one commit stays short. */
const PILE_OPERATIONS = 4_000;
const PILE_CHARACTERS = 8_000_000;

/** When more characters wait, some 20 milliseconds of work, those that give way are left for a later pile. */
const LARGE_PILE_CHARACTERS = 300_000;
/** So many times in a row; the next pile has them. */
const GIVES_WAY_TIMES = 4;

/** An operation that was handed in, and how whoever did so is answered. */
export interface WaitingOperation {
  readonly wire: Wire;
  readonly characters: number;
  /** Promised already: it keeps its place until it is done. */
  readonly isPromised: boolean;
  /** Others may go before it although they came later. */
  readonly givesWay: boolean;
  readonly resolve: (answer: Wire) => void;
  readonly reject: (error: Error) => void;
}

/** What waits for a thread, in the order in which it came, and how much of it goes into one pile. */
export class WaitingOperations {
  #waiting: WaitingOperation[] = [];
  #characters = 0;
  /** Piles in a row that left out some that give way. */
  #gaveWay = 0;

  get size(): number {
    return this.#waiting.length;
  }

  get hasPromised(): boolean {
    return this.#waiting.some(({ isPromised }) => isPromised);
  }

  /** Whether an operation of so many characters may come. */
  hasRoomFor(characters: number): boolean {
    return (
      this.#waiting.length < WAITING_OPERATIONS_LIMIT &&
      this.#characters + characters <= WAITING_CHARACTERS_LIMIT
    );
  }

  add(operation: WaitingOperation): void {
    this.#waiting.push(operation);
    this.#characters += operation.characters;
  }

  /** Puts operations back before all others. */
  putBack(operations: readonly WaitingOperation[]): void {
    this.#waiting = [...operations, ...this.#waiting];
    for (const { characters } of operations) this.#characters += characters;
  }

  /** Takes out what goes into the next pile. */
  takePile(): readonly WaitingOperation[] {
    const leavesOut = this.#leavesOut();
    this.#gaveWay = leavesOut ? this.#gaveWay + 1 : 0;
    let [operations, characters] = [0, 0];
    return this.#take((waiting) => {
      const isFull = operations === PILE_OPERATIONS || characters > PILE_CHARACTERS;
      if (isFull || (leavesOut && waiting.givesWay)) return false;
      operations++;
      characters += waiting.characters;
      return true;
    });
  }

  takePromised(): readonly WaitingOperation[] {
    return this.#take(({ isPromised }) => isPromised);
  }

  takeOthers(): readonly WaitingOperation[] {
    return this.#take(({ isPromised }) => !isPromised);
  }

  takeAll(): readonly WaitingOperation[] {
    return this.#take(() => true);
  }

  #take(isTaken: (waiting: WaitingOperation) => boolean): readonly WaitingOperation[] {
    const taken: WaitingOperation[] = [];
    const left: WaitingOperation[] = [];
    for (const waiting of this.#waiting) {
      if (!isTaken(waiting)) left.push(waiting);
      else {
        taken.push(waiting);
        this.#characters -= waiting.characters;
      }
    }
    this.#waiting = left;
    return taken;
  }

  /** Whether those that give way, if there are any beside others, are left for a later pile. */
  #leavesOut(): boolean {
    if (this.#characters <= LARGE_PILE_CHARACTERS || this.#gaveWay === GIVES_WAY_TIMES) return false;
    const some = this.#waiting.some(({ givesWay }) => givesWay);
    return some && this.#waiting.some(({ givesWay }) => !givesWay);
  }
}

/** How much of the room for waiting operations one takes. */
export function charactersOf(wire: Wire): number {
  let characters = wire.length;
  for (const value of wire) if (typeof value === "string") characters += value.length;
  return characters;
}
