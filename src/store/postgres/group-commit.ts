import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { isTaken, OutcomeUnknown } from "./postgres-failure.ts";

/**
 * Commits a pile: an answer for each request, in their order.
 * @param isRepeat whether an earlier commit of these requests may have happened: then it must look before it writes.
 */
export type CommitPile<Request, Answer> = (
  pile: readonly Request[],
  isRepeat: boolean,
) => Promise<readonly Answer[]>;

export interface GroupCommitOptions<Request> {
  /** How many rows a request stands for. */
  readonly weigh: (request: Request) => number;
  readonly onPile: (requests: number, tookMs: number) => void;
}

/** A pile is closed at this weight, so that one commit stays within its deadline. */
const PILE_WEIGHT = 5_000;

/** Requests that wait at most (promise P8). */
export const WAITING_LIMIT = 20_000;

/** When to look what became of a commit whose connection broke: a restarted database is back within these. */
const LOOK_AGAIN_MS = [50, 200, 500, 1_000, 2_000, 3_000, 4_000, 5_000];

/** No more looks are begun after this: each may wait for a connection that is not made. */
const LOOK_FOR_MS = 16_000;

/** Requests whose pile was not begun by then are refused; before it a database that does not answer has been noticed. */
export const WAIT_AT_MOST_MS = 10_000;

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly sinceMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** What is known of a pile whose requests may have been committed: it goes along when they are tried one by one. */
interface Doubt {
  isRepeat: boolean;
  /** No more looks are begun after this. */
  untilMs: number;
}

/** Group commit of one kind of operation: what arrives while a commit is under way waits together and goes into the next. */
export class GroupCommit<Request, Answer> {
  readonly #commit: CommitPile<Request, Answer>;
  readonly #options: GroupCommitOptions<Request>;
  #waiting: Waiting<Request, Answer>[] = [];
  #isRunning = false;
  #impatience: NodeJS.Timeout | null = null;

  constructor(commit: CommitPile<Request, Answer>, options: GroupCommitOptions<Request>) {
    this.#commit = commit;
    this.#options = options;
  }

  /** Resolves when it is committed. An operation that throws takes nobody with it. */
  submit(request: Request): Promise<Answer> {
    if (this.#waiting.length >= WAITING_LIMIT) {
      const message = `more than ${WAITING_LIMIT} operations wait for the database`;
      return Promise.reject(new StoreUnavailable("busy", message));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, sinceMs: performance.now(), resolve, reject });
      if (this.#isRunning) this.#impatience ??= setTimeout(() => this.#refuseLate(), WAIT_AT_MOST_MS);
      else void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    await Promise.resolve(); // what arrives in the same tick goes along
    while (this.#waiting.length > 0) await this.#runPile(this.#takePile());
    this.#isRunning = false;
    if (this.#impatience !== null) clearTimeout(this.#impatience);
    this.#impatience = null;
  }

  /** Nothing of these was written: whoever asked need not wait for what the pile under way waits for. */
  #refuseLate(): void {
    const nowMs = performance.now();
    const isLate = ({ sinceMs }: { readonly sinceMs: number }) => nowMs - sinceMs >= WAIT_AT_MOST_MS - 1;
    const end = this.#waiting.findIndex((one) => !isLate(one));
    const late = end === -1 ? this.#waiting : this.#waiting.slice(0, end);
    this.#waiting = this.#waiting.slice(late.length);
    const [oldest] = this.#waiting;
    const inMs = oldest === undefined ? null : oldest.sinceMs + WAIT_AT_MOST_MS - nowMs;
    this.#impatience = inMs === null ? null : setTimeout(() => this.#refuseLate(), inMs);
    const message = `the database did not take it within ${WAIT_AT_MOST_MS} ms`;
    for (const { reject } of late) reject(new StoreUnavailable("busy", message));
  }

  #takePile(): readonly Waiting<Request, Answer>[] {
    let weight = 0;
    const end = this.#waiting.findIndex(({ request }) => {
      weight += this.#options.weigh(request);
      return weight > PILE_WEIGHT;
    });
    const pile = end === -1 ? this.#waiting : this.#waiting.slice(0, Math.max(1, end));
    this.#waiting = this.#waiting.slice(pile.length);
    return pile;
  }

  async #runPile(
    pile: readonly Waiting<Request, Answer>[],
    doubt: Doubt = { isRepeat: false, untilMs: Infinity },
  ): Promise<void> {
    const begun = performance.now();
    const requests = pile.map(({ request }) => request);
    try {
      const answers = await this.#commitSurely(requests, doubt);
      for (const [index, { resolve }] of pile.entries()) resolve(answers[index] as Answer); // one for each, by contract
    } catch (error) {
      if (pile.length === 1 || meetsAll(error)) for (const { reject } of pile) reject(error);
      else for (const one of pile) await this.#runPile([one], doubt);
    }
    this.#options.onPile(pile.length, performance.now() - begun);
  }

  async #commitSurely(pile: readonly Request[], doubt: Doubt): Promise<readonly Answer[]> {
    for (const waitMs of [...LOOK_AGAIN_MS, null]) {
      try {
        return await this.#commit(pile, doubt.isRepeat);
      } catch (error) {
        if (error instanceof OutcomeUnknown) doubt.isRepeat = true;
        else if (!doubt.isRepeat || !isWorthALook(error)) throw error;
        doubt.untilMs = Math.min(doubt.untilMs, performance.now() + LOOK_FOR_MS);
        if (waitMs === null || performance.now() + waitMs > doubt.untilMs)
          throw new OutcomeUnknown("the connection broke during a commit, whose outcome is unknown", {
            cause: error,
          });
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
    throw new Error("unreachable");
  }
}

/** Whether every request of a pile would fail alike: a damaged page is met by those alone who need it. */
function meetsAll(error: unknown): boolean {
  return error instanceof StoreUnavailable && error.reason !== "damaged";
}

/**
 * Whether a look may tell what became of the commit before. A key that is taken is most likely taken by that commit: its
 * connection was lost while the server was still at work, and a look came too early to see it.
 */
function isWorthALook(error: unknown): boolean {
  return error instanceof StoreUnavailable || isTaken(error);
}
