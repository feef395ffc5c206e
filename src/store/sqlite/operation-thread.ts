import { Worker } from "node:worker_threads";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { DatabaseRefused } from "./database-refused.ts";
import { Lingering, type Patience } from "./lingering.ts";
import { type OperationFailure, toError } from "./sqlite-failure.ts";
import type { Begun, ThreadGreeting, ThreadStart } from "./thread-shell.ts";
import { charactersOf, type WaitingOperation, WaitingOperations } from "./waiting-operations.ts";
import type { Wire } from "./wire.ts";
import type { PileResult } from "./writer.ts";

/** Operations together are worth a commit of their own from here on: none of them waits for company any more. */
const PATIENT_OPERATIONS = 256;

/** How long promised operations that could not be done wait before they are tried again, unless something else comes. */
const TRY_AGAIN_MS = 500;

/** How long after a thread could not be opened again it is tried anew. */
const OPEN_AGAIN_MS = 1_000;

/** No operation of the pile is begun. */
const NONE = -1;

export interface ThreadOptions {
  /** `writer-thread` or `reader-thread`. */
  readonly script: string;
  readonly file: string;
  /** How many operations a pile holds at most. */
  readonly pileOperations: number;
  /** An operation that takes longer, or up to twice as long, fails as busy, and a new thread takes over; null waits for ever. */
  readonly deadlineMs: number | null;
  /** After each pile: what it owes to listeners, how many operations it had, how long it took. */
  readonly onPile: (wakes: readonly string[], operations: number, tookMs: number) => void;
  readonly onLost: (error: Error) => void;
  /** An operation met a damaged page. */
  readonly onDamaged: (error: Error) => void;
}

/**
 * The near side of a thread that runs operations.
 *
 *     idle ── submit ──▶ gathering ── end of this turn of the event loop ──▶ working
 *      ▲ │                  ▲                                                  │
 *      │ └─ patient ─▶ lingering: a timer, or company that has no patience     │
 *      │                                                                       │
 *      └────── nothing waits ────── result ──────  something waits: next pile ─┘
 *
 * What is submitted while the thread works waits together and is posted as one pile: a group commit without a timer. An
 * operation that nobody waits for at a door has some patience: it goes with the next pile, or by itself when that is over.
 * A commit costs as much as ten operations, so at a low rate this is what a message costs. When much waits, what the next
 * message's sending hangs on is not held up by the rest: that gives way (see {@link OperationThread.submit}). A long operation
 * is a pile of its own, so that a short one waits for one of them at most.
 */
export class OperationThread {
  readonly #options: ThreadOptions;
  #worker: Worker;
  /** Whether it is gone, and no other has taken its place yet. */
  #isLost = false;
  /** Which operation of its pile the thread has begun. */
  readonly #begun: Begun;
  readonly #waiting: WaitingOperations;
  #posted: readonly WaitingOperation[] | null = null;
  #postedAt = 0;
  #isGathering = false;
  /** Whether something waits that has no patience. */
  #isUrgent = false;
  readonly #lingering = new Lingering(() => this.#endLingering());
  #isFailing = false;
  #isClosing = false;
  #deadline: NodeJS.Timeout | null = null;
  #onDrained: (() => void) | null = null;
  #onFailing: (() => void) | null = null;

  private constructor(options: ThreadOptions, worker: Worker, begun: Begun) {
    this.#options = options;
    this.#worker = worker;
    this.#begun = begun;
    this.#waiting = new WaitingOperations(options.pileOperations);
    this.#listen(worker);
  }

  /** Starts the thread; resolves when it is open. */
  static async start(options: ThreadOptions): Promise<OperationThread> {
    const begun: Begun = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    return new OperationThread(options, await openWorker(options, begun), begun);
  }

  /** Whether promised operations are not done yet. */
  get hasPromised(): boolean {
    return this.#waiting.hasPromised || (this.#posted?.some(({ isPromised }) => isPromised) ?? false);
  }

  /** Whether promised operations could not be done when they were last tried. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Has a listener called whenever promised operations could not be done. */
  whenFailing(listener: () => void): void {
    this.#onFailing = listener;
  }

  /**
   * Hands an operation in; resolves with its answer after its commit.
   * @param patience how long it may wait for others that share its commit; null for one that somebody waits for
   * @param givesWay whether others may go before it, for a few piles, when all together would be a large one
   */
  submit(wire: Wire, patience: Patience | null = null, givesWay = false): Promise<Wire> {
    return this.#enterIfRoom({ ...SHORT, wire, givesWay }, patience);
  }

  /**
   * Hands in an operation that may take long. It is run by itself, after others that came later, for a few piles.
   * @param owner whose it is: few of one owner wait, others' need not wait for many of them
   */
  submitLong(wire: Wire, owner: string): Promise<Wire> {
    if (!this.#waiting.hasRoomForLong(owner))
      return Promise.reject(new StoreUnavailable("busy", "too many searches of one customer wait"));
    return this.#enterIfRoom({ ...SHORT, wire, longOf: owner }, null);
  }

  /** Whether an operation of so many characters may be handed in. */
  hasRoomFor(characters: number): boolean {
    return !this.#isClosing && this.#waiting.hasRoomFor(characters);
  }

  /**
   * Hands in an operation whose effect was promised to somebody, so that it is not refused for want of room, and not given
   * up when the database cannot be written: it is tried again, before everything that was handed in after it. Rejects when
   * the operation itself is at fault, or the thread ends first.
   * @param goesFirst whether it goes before everything that was handed in already, too
   */
  submitPromised(wire: Wire, patience: Patience, goesFirst = false): Promise<Wire> {
    const operation = { ...SHORT, wire, characters: charactersOf(wire), isPromised: true };
    return this.#enter(operation, patience, goesFirst);
  }

  #enterIfRoom(operation: Omit<Entering, "characters">, patience: Patience | null): Promise<Wire> {
    if (this.#isClosing) return Promise.reject(new StoreUnavailable("closed", "the store is closed"));
    const characters = charactersOf(operation.wire);
    if (!this.hasRoomFor(characters))
      return Promise.reject(new StoreUnavailable("busy", "too many operations wait for the database"));
    return this.#enter({ ...operation, characters }, patience);
  }

  #enter(operation: Entering, patience: Patience | null, goesFirst = false): Promise<Wire> {
    return new Promise((resolve, reject) => {
      if (goesFirst) this.#waiting.putBack([{ ...operation, resolve, reject }]);
      else this.#waiting.add({ ...operation, resolve, reject });
      if (patience === null || this.#waiting.size >= PATIENT_OPERATIONS) this.#isUrgent = true;
      else this.#lingering.join(patience);
      if (this.#isUrgent) this.#gather();
    });
  }

  #gather(): void {
    if (this.#posted !== null || this.#isGathering) return;
    this.#isGathering = true;
    setImmediate(() => {
      this.#isGathering = false;
      this.#post();
    });
  }

  /** The patience of whatever has least is over. */
  #endLingering(): void {
    this.#isUrgent = true;
    if (!this.#isGathering) this.#post();
  }

  /** Takes nothing more; resolves when what was handed in is done. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    if (this.#posted === null && this.#waiting.size === 0) return;
    this.#isUrgent = true;
    this.#gather();
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve;
    });
  }

  /** Ends the thread, once it is stopped. */
  async end(): Promise<void> {
    if (this.#isLost) return;
    const ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    this.#worker.postMessage(null);
    await ended;
  }

  #post(): void {
    if (this.#posted !== null) return;
    if (this.#waiting.size === 0) return this.#onDrained?.();
    if (!this.#isUrgent && !this.#isClosing) return;
    const pile = this.#waiting.takePile();
    this.#isUrgent = this.#waiting.size > 0;
    if (!this.#isUrgent) this.#lingering.stop();
    this.#posted = pile;
    this.#postedAt = performance.now();
    Atomics.store(this.#begun, 0, NONE);
    this.#watch();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    this.#worker.postMessage(pile.map(({ wire }) => wire));
  }

  #take(result: PileResult): void {
    const posted = this.#ended();
    if (posted === null) return;
    const tookMs = performance.now() - this.#postedAt;
    const failed = this.#keepPromised(posted, result.failures);
    this.#post(); // before anyone is answered: the thread works on while they go on
    for (const failure of failed) posted[failure.index]?.reject(toError(failure));
    for (const [index, answer] of result.answers.entries()) {
      if (answer !== null) posted[index]?.resolve(answer);
    }
    this.#options.onPile(result.wakes, posted.length, tookMs);
    const damage = result.failures.find(({ reason }) => reason === "damaged");
    if (damage !== undefined) this.#options.onDamaged(toError(damage));
  }

  /**
   * Puts promised operations that could not be done now back. All others that wait fail with them: they come after them, and
   * what is promised may be more than a pile. Answers the failures that are final.
   */
  #keepPromised(
    posted: readonly WaitingOperation[],
    failures: readonly OperationFailure[],
  ): readonly OperationFailure[] {
    const isKept = ({ index, reason }: OperationFailure): boolean =>
      posted[index]?.isPromised === true && reason !== null;
    const kept = failures.filter(isKept);
    this.#isFailing = kept.length > 0;
    const [first] = kept;
    if (first === undefined) return failures;
    if (this.#isClosing) this.#giveUpPromised();
    this.#isUrgent = false;
    for (const { reject } of this.#waiting.takeOthers()) reject(toError(first));
    this.#onFailing?.();
    if (this.#isClosing) return failures;
    this.#putBack(kept.flatMap(({ index }) => posted[index] ?? []));
    return failures.filter((failure) => !isKept(failure));
  }

  /** When one is given up at the end, those after it must not be done: whoever tries them again does so in their order. */
  #giveUpPromised(): void {
    const error = new StoreUnavailable("closed", "the store closed before it could be written");
    for (const { reject } of this.#waiting.takePromised()) reject(error);
  }

  #putBack(promised: readonly WaitingOperation[]): void {
    if (promised.length === 0) return;
    this.#waiting.putBack(promised);
    this.#lingering.join({ quietMs: TRY_AGAIN_MS, mostMs: TRY_AGAIN_MS });
  }

  /** Ends the wait for the posted pile. */
  #ended(): readonly WaitingOperation[] | null {
    const posted = this.#posted;
    this.#posted = null;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
    return posted;
  }

  /** Looks from time to time whether the thread still runs the operation that it ran at the last look. */
  #watch(): void {
    const { deadlineMs } = this.#options;
    if (deadlineMs === null) return;
    const running = Atomics.load(this.#begun, 0);
    this.#deadline = setTimeout(() => {
      if (Atomics.load(this.#begun, 0) === running) this.#giveUp(running);
      else this.#watch();
    }, deadlineMs);
  }

  /** The others of its pile are tried once more: when they meet that a second time, they fail too. */
  #giveUp(running: number): void {
    const error = new StoreUnavailable("busy", "a read took longer than its deadline");
    this.#isUrgent = true;
    this.#lose(error, ({ isSecondTry }, index) => isSecondTry || index === running);
    void this.#worker.terminate();
  }

  /** The thread is of no use any more: what it had fails or is put back, and another one takes its place. */
  #lose(error: Error, fails: (operation: WaitingOperation, index: number) => boolean): void {
    const posted = this.#ended() ?? [];
    this.#worker.removeAllListeners("message");
    this.#worker.removeAllListeners("error");
    this.#worker.on("error", () => {});
    this.#isLost = true;
    this.#options.onLost(error);
    const kept = posted.filter((operation, index) => !fails(operation, index));
    for (const [index, operation] of posted.entries()) if (fails(operation, index)) operation.reject(error);
    this.#putBack(kept.map((operation) => ({ ...operation, isSecondTry: true })));
    this.#posted = [];
    void this.#replace();
  }

  /** Tries until a thread is open again: what keeps it from opening may pass, as what keeps an operation from being done. */
  async #replace(): Promise<void> {
    try {
      this.#worker = await openWorker(this.#options, this.#begun);
    } catch (error) {
      return this.#stayLost(error);
    }
    this.#isLost = false;
    this.#listen(this.#worker);
    this.#posted = null;
    this.#post();
  }

  #stayLost(cause: unknown): void {
    const message = "the database cannot be opened again";
    const lost = new StoreUnavailable("connection_lost", message, { cause });
    const failed = this.#isClosing ? this.#waiting.takeAll() : this.#waiting.takeOthers();
    for (const { reject } of failed) reject(lost);
    if (this.#isClosing) this.#onDrained?.();
    else setTimeout(() => void this.#replace(), OPEN_AGAIN_MS);
  }

  #listen(worker: Worker): void {
    worker.on("message", (result: PileResult) => this.#take(result));
    worker.on("error", (error) => {
      const lost = new StoreUnavailable("connection_lost", "a thread of the store failed", { cause: error });
      this.#lose(lost, ({ isPromised }) => !isPromised);
    });
  }
}

type Entering = Omit<WaitingOperation, "resolve" | "reject">;

const SHORT = { isPromised: false, givesWay: false, longOf: null, isSecondTry: false } as const;

/** A thread's young generation, in MiB: V8 lets it grow to several times this, for a throughput that is not there to be had. */
const YOUNG_GENERATION_MB = 32;

/** The threads' files lie beside this one, as TypeScript in the sources and as JavaScript in the package. */
function openWorker({ script, file }: ThreadOptions, begun: Begun): Promise<Worker> {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const start: ThreadStart = { file, begun };
  const worker = new Worker(new URL(`./${script}${extension}`, import.meta.url), {
    workerData: start,
    name: script,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (greeting: ThreadGreeting) => {
      worker.off("error", reject);
      if (greeting.kind === "open") resolve(worker);
      else reject(errorOf(greeting));
    });
  });
}

function errorOf(greeting: Exclude<ThreadGreeting, { readonly kind: "open" }>): Error {
  if (greeting.kind === "refused") return new DatabaseRefused(greeting.reason, greeting.message);
  return new Error(greeting.message);
}
