import { Worker } from "node:worker_threads";
import type { Logger } from "../../domain/logger.ts";
import type { UrlCheck } from "../../outbound-http/checked-url.ts";
import type {
  GuardedClient,
  GuardedClientOptions,
  GuardedRequest,
} from "../../outbound-http/guarded-client.ts";
import type { Outcome } from "../../outbound-http/outcome.ts";
import { type Call, decodeCheck, decodeOutcome, encodeRequest, type Reply } from "./wire.ts";

/** What a thread can be handed of a client's options. */
export type ThreadedClientOptions = Omit<GuardedClientOptions, "refuse" | "resolve" | "now">;

/** The thread's young generation, in MiB: next to nothing of a call outlives it. */
const YOUNG_GENERATION_MB = 8;

/** A call that has no answer yet. */
interface Waiting {
  readonly take: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  /** The thread has ended, and whatever it knew of the call with it. */
  readonly lose: () => void;
}

/**
 * A guarded client in a thread of its own: what customers' servers cost, handshakes above all, holds up nobody who hands in
 * messages. The thread begins with the first call. Should it ever end by itself, what was in flight has ended as `aborted`,
 * and the next call begins another.
 */
export class ThreadedClient implements GuardedClient {
  readonly #options: ThreadedClientOptions;
  readonly #logger: Logger;
  readonly #startThread: (options: ThreadedClientOptions) => Worker;
  #worker: Worker | null = null;
  #closed: Promise<void> | null = null;
  /** What goes to the thread at the end of this turn of the event loop. */
  #calls: Call[] = [];
  /** By the id of a call; ids come again. */
  readonly #waiting: (Waiting | null)[] = [];
  readonly #freeIds: number[] = [];
  #onEnded: (() => void) | null = null;

  /** @param startThread instead of the real one: for tests, in which it ends. */
  constructor(options: ThreadedClientOptions, logger: Logger, startThread = startOutboundThread) {
    this.#options = options;
    this.#logger = logger;
    this.#startThread = startThread;
  }

  request(request: GuardedRequest): Promise<Outcome> {
    const { signal } = request;
    if (this.#closed !== null) return Promise.resolve(aborted("the client was closed", false));
    if (signal?.aborted === true) return Promise.resolve(aborted("the request was called off", false));
    const id = this.#takeId();
    const outcome = new Promise<Outcome>((resolve, reject) => {
      const take = (reply: Reply): void => resolve(decodeOutcome(reply));
      const lose = (): void => resolve(aborted("the thread that made the call has ended", true));
      this.#waiting[id] = { take, reject, lose };
    });
    this.#post(encodeRequest(id, request));
    return signal === undefined ? outcome : this.#abortedBy(signal, id, outcome);
  }

  check(text: string): Promise<UrlCheck> {
    if (this.#closed !== null) return Promise.reject(new Error("the client was closed"));
    const id = this.#takeId();
    this.#post(["check", id, text]);
    return new Promise((resolve, reject) => {
      const take = (reply: Reply): void => resolve(decodeCheck(reply));
      const lose = (): void => reject(new Error("the thread that checked the URL has ended"));
      this.#waiting[id] = { take, reject, lose };
    });
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      if (this.#worker === null && this.#calls.length === 0) return resolve();
      this.#onEnded = resolve;
      this.#post(["close"]);
    });
    return this.#closed;
  }

  async #abortedBy(signal: AbortSignal, id: number, outcome: Promise<Outcome>): Promise<Outcome> {
    const abort = (): void => this.#post(["abort", id]);
    signal.addEventListener("abort", abort);
    try {
      return await outcome;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #takeId(): number {
    return this.#freeIds.pop() ?? this.#waiting.push(null) - 1;
  }

  /** Ends the wait for a call, whose id is free from now on. */
  #ended(id: number): Waiting | null {
    const waiting = this.#waiting[id] ?? null;
    this.#waiting[id] = null;
    if (waiting !== null) this.#freeIds.push(id);
    return waiting;
  }

  /** All that is asked in one turn of the event loop goes in one message. */
  #post(call: Call): void {
    if (this.#calls.push(call) === 1) setImmediate(() => this.#send());
  }

  #send(): void {
    if (this.#calls.length === 0) return; // the thread they were for has ended
    this.#worker ??= this.#start();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    this.#worker.postMessage(this.#calls);
    this.#calls = [];
  }

  #start(): Worker {
    const worker = this.#startThread(this.#options);
    worker.on("message", (replies: readonly Reply[]) => {
      for (const reply of replies) this.#take(reply);
    });
    worker.on("error", (error) =>
      this.#logger.error({ error: String(error) }, "the thread that calls webhooks has failed"),
    );
    worker.on("exit", () => this.#lose());
    return worker;
  }

  #take(reply: Reply): void {
    const waiting = this.#ended(reply[1]);
    if (reply[0] === "threw") waiting?.reject(new Error(reply[2]));
    else waiting?.take(reply);
  }

  #lose(): void {
    this.#worker = null;
    this.#calls = [];
    for (const id of this.#waiting.keys()) this.#ended(id)?.lose();
    this.#onEnded?.();
  }
}

/** The thread's file lies beside this one, as TypeScript in the sources and as JavaScript in the package. */
export function startOutboundThread(options: ThreadedClientOptions): Worker {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return new Worker(new URL(`./outbound-thread${extension}`, import.meta.url), {
    workerData: options,
    name: "outbound-thread",
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
}

function aborted(message: string, isSent: boolean): Outcome {
  return { kind: "failed", reason: "aborted", message, status: null, isSent };
}
