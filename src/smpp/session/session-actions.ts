import type { BindRequest, BindResponse } from "../pdu/pdu.ts";
import type { CloseReason } from "./close-reason.ts";
import type { IncomingRequest } from "./incoming-request.ts";
import type { RequestOutcome } from "./request-outcome.ts";

/** What the session has to tell its owner since it was last asked, to be acted on in the order of these fields. */
export interface SessionActions<Context> {
  /** As client: the bind was accepted. */
  readonly bound: BindResponse | undefined;
  /** As server: somebody wants to bind; answer with `acceptBind` or `rejectBind`. */
  readonly bindRequest: BindRequest | undefined;
  /** Before `requests`, so that a message id is known before its receipt. */
  readonly outcomes: readonly RequestOutcome<Context>[];
  readonly requests: readonly IncomingRequest[];
  /** Write what is left, then close the socket. */
  readonly closed: CloseReason | undefined;
}

/** Collects actions until they are taken. */
export class ActionLog<Context> {
  #bound: BindResponse | undefined = undefined;
  #bindRequest: BindRequest | undefined = undefined;
  #outcomes: RequestOutcome<Context>[] = [];
  #requests: IncomingRequest[] = [];
  #closed: CloseReason | undefined = undefined;
  #isEmpty = true;

  bound(response: BindResponse): void {
    this.#bound = response;
    this.#isEmpty = false;
  }

  bindRequested(bind: BindRequest): void {
    this.#bindRequest = bind;
    this.#isEmpty = false;
  }

  outcome(outcome: RequestOutcome<Context>): void {
    this.#outcomes.push(outcome);
    this.#isEmpty = false;
  }

  request(request: IncomingRequest): void {
    this.#requests.push(request);
    this.#isEmpty = false;
  }

  closed(reason: CloseReason): void {
    this.#closed = reason;
    this.#isEmpty = false;
  }

  /** Undefined when there is nothing to do. */
  take(): SessionActions<Context> | undefined {
    if (this.#isEmpty) return undefined;
    const taken = {
      bound: this.#bound,
      bindRequest: this.#bindRequest,
      outcomes: this.#outcomes,
      requests: this.#requests,
      closed: this.#closed,
    };
    this.#bound = undefined;
    this.#bindRequest = undefined;
    if (taken.outcomes.length > 0) this.#outcomes = [];
    if (taken.requests.length > 0) this.#requests = [];
    this.#closed = undefined;
    this.#isEmpty = true;
    return taken;
  }
}
