import { COMMAND_STATUS } from "../pdu/command-status.ts";
import { PduFieldError } from "../pdu/pdu-field-error.ts";
import type { PduFlaw } from "../pdu/pdu-flaw.ts";
import type { MessageRequest, MessageRequestBody, MessageResponse, MessageResponseBody } from "../pdu/pdu.ts";
import { plainResponse, RESPONSE_COMMAND } from "./command-rules.ts";
import type { IncomingRequest } from "./incoming-request.ts";
import type { Outbox } from "./outbox.ts";
import type { SendResult } from "./request-outcome.ts";
import { type PendingRequest, RequestWindow } from "./request-window.ts";
import type { SequenceNumbers } from "./sequence-numbers.ts";
import type { ActionLog } from "./session-actions.ts";
import { MAX_UNANSWERED_BYTES, type SessionOptions } from "./session-options.ts";

/** A request that was handed to the owner: is owed an answer until it has one. */
class TakenRequest implements IncomingRequest {
  readonly pdu: MessageRequest;
  readonly flaws: readonly PduFlaw[];
  readonly bytes: number;
  readonly receivedAtMs: number;
  readonly takenBy: object;
  /** Whether it came while the session was ending: then nobody waits for its answer. */
  readonly isLate: boolean;
  isOwed = true;

  constructor(
    pdu: MessageRequest,
    flaws: readonly PduFlaw[],
    bytes: number,
    receivedAtMs: number,
    takenBy: object,
    isLate: boolean,
  ) {
    this.pdu = pdu;
    this.flaws = flaws;
    this.bytes = bytes;
    this.receivedAtMs = receivedAtMs;
    this.takenBy = takenBy;
    this.isLate = isLate;
  }
}

const SENT: SendResult = Object.freeze({ ok: true });

/**
 * The messages of a bound session in both directions: our requests in the window until each has its outcome, the peer's until the
 * owner has answered each. Whether messages may travel at all is for the session to say.
 */
export class MessageExchange<Context> {
  readonly window: RequestWindow<Context>;
  readonly #maxUnanswered: number;
  #unanswered = 0;
  #unansweredBytes = 0;
  /** Those of the unanswered that were taken before the session began to end. */
  #awaited = 0;
  #isEnding = false;
  #hasEnded = false;
  readonly #outbox: Outbox;
  readonly #actions: ActionLog<Context>;
  readonly #sequences: SequenceNumbers;

  constructor(
    options: SessionOptions,
    outbox: Outbox,
    actions: ActionLog<Context>,
    sequences: SequenceNumbers,
  ) {
    this.window = new RequestWindow(options.windowSize, options.responseTimeoutMs);
    this.#maxUnanswered = options.maxUnansweredRequests;
    this.#outbox = outbox;
    this.#actions = actions;
    this.#sequences = sequences;
  }

  get unansweredCount(): number {
    return this.#unanswered;
  }

  /** The owner owes as many answers as it may. */
  get isOwedTooMuch(): boolean {
    return this.#unanswered >= this.#maxUnanswered || this.#unansweredBytes >= MAX_UNANSWERED_BYTES;
  }

  /** Once the session is ending: nobody owes anybody an answer to what was asked before. */
  get isQuiet(): boolean {
    return this.#awaited === 0 && this.window.count === 0;
  }

  /** The session begins to end. What the peer brings from now on is not waited for: a busy one never stops. */
  beginEnd(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#awaited = this.#unanswered;
  }

  /** Puts a request into the window, which the caller has found to have room. */
  send(body: MessageRequestBody, context: Context, nowMs: number): SendResult {
    const sequence = this.#sequences.take();
    try {
      this.#outbox.putRequest(body, sequence);
    } catch (error) {
      if (!(error instanceof PduFieldError)) throw error;
      return { ok: false, reason: "unencodable", field: error.field, message: error.message };
    }
    this.window.add(sequence, body.command, context, nowMs);
    return SENT;
  }

  /** False when the request was answered before, or its session has ended. */
  respond(request: IncomingRequest, body: MessageResponseBody, commandStatus: number): boolean {
    if (!(request instanceof TakenRequest) || request.takenBy !== this) return false;
    if (!request.isOwed || this.#hasEnded) return false;
    this.#outbox.putAnswer(body, request.pdu.sequence, commandStatus);
    request.isOwed = false;
    this.#unanswered--;
    if (this.#isEnding && !request.isLate) this.#awaited--;
    this.#unansweredBytes -= request.bytes;
    return true;
  }

  /** Hands a request of the peer, of so many bytes, to the owner, who now owes an answer. */
  takeRequest(pdu: MessageRequest, flaws: readonly PduFlaw[], bytes: number, receivedAtMs: number): void {
    this.#unanswered++;
    this.#unansweredBytes += bytes;
    this.#actions.request(new TakenRequest(pdu, flaws, bytes, receivedAtMs, this, this.#isEnding));
  }

  refuseRequest(pdu: MessageRequest): void {
    this.#outbox.putAnswer(plainResponse(pdu.command, ""), pdu.sequence, COMMAND_STATUS.ESME_RINVBNDSTS);
  }

  takeResponse(response: MessageResponse, nowMs: number): void {
    const pending = this.window.get(response.sequence);
    // Late, repeated, or the answer to something that we never asked.
    if (pending === undefined || RESPONSE_COMMAND[pending.command] !== response.command) return;
    this.window.remove(pending);
    const { context, sentAtMs } = pending;
    this.#actions.outcome({ kind: "answered", context, response, latencyMs: nowMs - sentAtMs });
  }

  /** An answer of which only the header says something: generic_nack, or a response whose body is broken. */
  takeBareAnswer(kind: "nacked" | "unreadable", sequence: number, commandStatus: number): void {
    const pending = this.window.get(sequence);
    if (pending === undefined) return;
    this.window.remove(pending);
    this.#actions.outcome({ kind, context: pending.context, commandStatus });
  }

  expire(nowMs: number): void {
    for (const { context } of this.window.takeExpired(nowMs))
      this.#actions.outcome({ kind: "timed-out", context });
  }

  /** Gives back what has not reached the socket. */
  withdrawUnwritten(): void {
    this.#outbox.discardRequests();
    for (const request of this.window.withdrawUnwritten()) this.#giveBack(request);
  }

  /** The session has ended: every request is given back, and no answer is owed any more. */
  end(): void {
    this.#outbox.discardRequests();
    this.#unanswered = 0;
    this.#unansweredBytes = 0;
    this.#hasEnded = true;
    for (const request of this.window.takeAll()) this.#giveBack(request);
  }

  #giveBack({ context, isWritten }: PendingRequest<Context>): void {
    this.#actions.outcome({ kind: isWritten ? "lost" : "not-written", context });
  }
}
