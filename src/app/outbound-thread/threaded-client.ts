import { Worker } from "node:worker_threads";
import type { Logger } from "../../domain/logger.ts";
import type {
  GuardedClient,
  GuardedClientOptions,
  GuardedRequest,
} from "../../outbound-http/guarded-client.ts";
import type { Outcome } from "../../outbound-http/outcome.ts";
import { type Call, decodeOutcome, encodeRequest, type Reply } from "./wire.ts";

/** What a thread can be handed of a client's options. */
export type ThreadedClientOptions = Omit<GuardedClientOptions, "refuse" | "resolve" | "now">;

/** The thread's young generation, in MiB, of which V8 takes a third for each half: next to nothing of a call outlives it. */
const YOUNG_GENERATION_MB = 24;
/** How long after a thread that failed the next one is started; calls wait meanwhile. */
const REST_MS = 1_000;
/** How long a stop waits for the thread to break off its calls. */
const CLOSE_MS = 1_000;

/** A call that has no answer yet. */
interface Waiting {
  readonly take: (reply: Reply) => void;
  /** Ends it without an answer; `isSent` as in {@link Outcome}. */
  readonly abort: (message: string, isSent: boolean) => void;
}

/**
 * The calls of a guarded client, made in a thread of its own: what customers' servers cost, handshakes above all, holds up
 * nobody who hands in messages. The thread begins with the first call, or before it. Should it ever end by itself, what was in
 * flight has ended as `aborted`, and later calls begin another, a second after.
 */
export class ThreadedClient implements Pick<GuardedClient, "request" | "close"> {
  readonly #options: ThreadedClientOptions;
  readonly #logger: Logger;
  readonly #startThread: (options: ThreadedClientOptions) => Worker;
  #worker: Worker | null = null;
  #restsUntilMs = 0;
  #closed: Promise<void> | null = null;
  #onEnded: (() => void) | null = null;
  /** What goes to the thread at the end of this turn of the event loop. */
  #calls: Call[] = [];
  #isSendDue = false;
  /** By the id of a call; ids come again. */
  readonly #waiting: (Waiting | null)[] = [];
  readonly #freeIds: number[] = [];

  /** @param startThread instead of the real one: for tests, in which it ends. */
  constructor(options: ThreadedClientOptions, logger: Logger, startThread = startOutboundThread) {
    this.#options = options;
    this.#logger = logger;
    this.#startThread = startThread;
  }

  /** Starts the thread ahead of the first call, which then need not wait for it. */
  start(): void {
    if (this.#closed === null) this.#worker ??= this.#start();
  }

  request(request: GuardedRequest): Promise<Outcome> {
    if (this.#closed !== null) return Promise.resolve(aborted("the client was closed", false));
    const id = this.#freeIds.pop() ?? this.#waiting.push(null) - 1;
    this.#post(encodeRequest(id, request));
    return new Promise((resolve, reject) => {
      this.#waiting[id] = {
        take: (reply) => {
          if (reply[0] === "threw") reject(new Error(reply[2]));
          else resolve(decodeOutcome(reply));
        },
        abort: (message, isSent) => resolve(aborted(message, isSent)),
      };
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return this.#abortAll("the client was closed", false);
    const deadline = setTimeout(() => void worker.terminate(), CLOSE_MS);
    await new Promise<void>((resolve) => {
      this.#onEnded = resolve;
      this.#post(["close"]);
    });
    clearTimeout(deadline);
  }

  /** All that is asked in one turn of the event loop goes in one message. */
  #post(call: Call): void {
    this.#calls.push(call);
    if (this.#isSendDue) return;
    this.#isSendDue = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    const restMs = this.#worker === null ? this.#restsUntilMs - performance.now() : 0;
    if (restMs > 0 && this.#calls.length > 0) return void setTimeout(() => this.#send(), restMs);
    this.#isSendDue = false;
    if (this.#calls.length === 0) return; // given up meanwhile
    this.start();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    this.#worker?.postMessage(this.#calls);
    this.#calls = [];
  }

  /** Null when the system has no thread for us now. */
  #start(): Worker | null {
    try {
      return this.#listen(this.#startThread(this.#options));
    } catch (error) {
      this.#fail(String(error));
      return null;
    }
  }

  #listen(worker: Worker): Worker {
    let reason = "";
    worker.on("message", (replies: readonly Reply[]) => {
      for (const reply of replies) this.#ended(reply[1])?.take(reply);
    });
    worker.on("error", (error) => {
      reason = String(error);
    });
    worker.on("exit", (code) => {
      if (this.#closed === null) this.#fail(reason === "" ? `it ended with code ${code}` : reason);
      else this.#abortAll("the thread that made the call has ended", true);
      this.#onEnded?.();
    });
    return worker;
  }

  #fail(error: string): void {
    this.#logger.error({ error }, "the thread that calls webhooks has failed");
    this.#worker = null;
    this.#restsUntilMs = performance.now() + REST_MS;
    this.#abortAll("the thread that makes the calls has failed", true);
  }

  #abortAll(message: string, isSent: boolean): void {
    this.#calls = [];
    for (const id of this.#waiting.keys()) this.#ended(id)?.abort(message, isSent);
  }

  /** Ends the wait for a call, whose id is free from now on. */
  #ended(id: number): Waiting | null {
    const waiting = this.#waiting[id] ?? null;
    this.#waiting[id] = null;
    if (waiting !== null) this.#freeIds.push(id);
    return waiting;
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
