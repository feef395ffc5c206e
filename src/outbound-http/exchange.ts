import type { Dispatcher } from "undici";
import { reasonOf, wordsOf } from "./failure-reason.ts";
import type { AnswerHeaders, FailureReason, Outcome } from "./outcome.ts";

export interface ExchangeLimits {
  /** From now to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Of the answer's body. */
  readonly maxBytes: number;
}

/** One request and its answer: what undici reports becomes one {@link Outcome}, within the limits. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #limits: ExchangeLimits;
  readonly #settle: (outcome: Outcome) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #isSettled = false;
  #status: number | null = null;
  #headers: AnswerHeaders = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(limits: ExchangeLimits, settle: (outcome: Outcome) => void) {
    this.#limits = limits;
    this.#settle = settle;
    const expire = (): void => this.fail("timeout", "no complete answer in time");
    this.#timer = setTimeout(expire, limits.timeoutMs);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Ends the exchange now, whatever it is doing. */
  fail(reason: FailureReason, message: string): void {
    if (this.#isSettled) return;
    this.#end({ kind: "failed", reason, message, status: this.#status, isSent: this.#controller !== null });
    this.#controller?.abort(new Error(message));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isSettled) controller.abort(new Error("ended while it waited for a connection"));
    else this.#controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    this.#status = status;
    this.#headers = headers;
    const announced = Number(headers["content-length"]);
    if (announced > this.#limits.maxBytes) this.#failTooLarge();
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.maxBytes) this.#failTooLarge();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#isSettled || this.#status === null) return;
    const [only, second] = this.#chunks;
    const body = only !== undefined && second === undefined ? only : Buffer.concat(this.#chunks);
    this.#end({ kind: "answered", status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#isSettled) return;
    const isSent = this.#controller !== null;
    const status = this.#status;
    this.#end({ kind: "failed", reason: reasonOf(error, isSent), message: wordsOf(error), status, isSent });
  }

  #failTooLarge(): void {
    this.fail("too_large", `the answer is longer than ${this.#limits.maxBytes} bytes`);
  }

  #end(outcome: Outcome): void {
    this.#isSettled = true;
    this.#chunks = [];
    clearTimeout(this.#timer);
    this.#settle(outcome);
  }
}
