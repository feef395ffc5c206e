import type { Wire } from "./wire.ts";

/** Operations and characters that wait for a thread at most; more are refused as busy (promise P8). */
export const WAITING_OPERATIONS_LIMIT = 20_000;
export const WAITING_CHARACTERS_LIMIT = 64_000_000;

/** Long operations of one owner that wait at most; more are refused as busy (promise P8). */
export const LONG_OPERATIONS_LIMIT = 4;

/** A pile holds at most this much, so that one commit stays short. */
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
  /** Whose it is, when it is long: it goes by itself, and others go before it although they came later; null when it is short. */
  readonly longOf: string | null;
  /** Put back already after the thread was given up. */
  readonly isSecondTry: boolean;
  readonly resolve: (answer: Wire) => void;
  readonly reject: (error: Error) => void;
}

/** What waits for a thread, in the order in which it came, and how much of it goes into one pile. */
export class WaitingOperations {
  readonly #pileOperations: number;
  #waiting: WaitingOperation[] = [];
  #characters = 0;
  #longs = 0;
  /** Piles since the last long operation. */
  #shortPiles = 0;
  /** Piles in a row that left out some that give way. */
  #gaveWay = 0;

  /** @param pileOperations how many operations a pile holds at most */
  constructor(pileOperations: number) {
    this.#pileOperations = pileOperations;
  }

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

  /** Whether a long operation of an owner may come. */
  hasRoomForLong(owner: string): boolean {
    return this.#waiting.filter(({ longOf }) => longOf === owner).length < LONG_OPERATIONS_LIMIT;
  }

  add(operation: WaitingOperation): void {
    this.#waiting.push(operation);
    this.#count(operation, 1);
  }

  /** Puts operations back before all others. */
  putBack(operations: readonly WaitingOperation[]): void {
    this.#waiting = [...operations, ...this.#waiting];
    for (const operation of operations) this.#count(operation, 1);
  }

  /** Takes out what goes into the next pile. */
  takePile(): readonly WaitingOperation[] {
    if (this.#isTurnOfLong()) {
      this.#shortPiles = 0;
      const first = this.#waiting.find(({ longOf }) => longOf !== null);
      return this.#take((waiting) => waiting === first);
    }
    this.#shortPiles++;
    const leavesOut = this.#leavesOut();
    this.#gaveWay = leavesOut ? this.#gaveWay + 1 : 0;
    let [operations, characters] = [0, 0];
    return this.#take((waiting) => {
      const isFull = operations === this.#pileOperations || characters > PILE_CHARACTERS;
      if (isFull || waiting.longOf !== null || (leavesOut && waiting.givesWay)) return false;
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
        this.#count(waiting, -1);
      }
    }
    this.#waiting = left;
    return taken;
  }

  #count({ characters, longOf }: WaitingOperation, sign: 1 | -1): void {
    this.#characters += sign * characters;
    if (longOf !== null) this.#longs += sign;
  }

  #isTurnOfLong(): boolean {
    if (this.#longs === 0) return false;
    return this.#longs === this.#waiting.length || this.#shortPiles >= GIVES_WAY_TIMES;
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
