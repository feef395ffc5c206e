/* oxlint-disable max-lines -- a state machine, readable only in one piece */
import { COMMAND_ID, isResponseId } from "../pdu/command-id.ts";
import { COMMAND_STATUS } from "../pdu/command-status.ts";
import type { PduError } from "../pdu/decode-pdu.ts";
import type { PduFlaw } from "../pdu/pdu-flaw.ts";
import { PduFramer } from "../pdu/pdu-framer.ts";
import type {
  AlertNotificationBody,
  BindRequest,
  BindRequestBody,
  BindResponse,
  HeaderOnlyBody,
  MessageRequestBody,
  MessageResponse,
  MessageResponseBody,
  OutbindBody,
  Pdu,
  PduHeader,
} from "../pdu/pdu.ts";
import { NO_TLVS, type Tlv } from "../pdu/tlv.ts";
import type { CloseReason } from "./close-reason.ts";
import {
  BIND_RESPONSE_COMMAND,
  BOUND_AS,
  type BoundAs,
  isOpenForSending,
  mayReceive,
  maySend,
  plainResponse,
} from "./command-rules.ts";
import type { IncomingRequest } from "./incoming-request.ts";
import { KeepAlive } from "./keep-alive.ts";
import { MessageExchange } from "./message-exchange.ts";
import { Outbox } from "./outbox.ts";
import type { SendResult } from "./request-outcome.ts";
import { SequenceNumbers } from "./sequence-numbers.ts";
import { ActionLog, type SessionActions } from "./session-actions.ts";
import { checkSessionOptions, checkWindowSize, MAX_UNSENT_BYTES } from "./session-options.ts";
import type { SessionOptions, SessionRole, SessionState } from "./session-options.ts";

const WINDOW_FULL: SendResult = Object.freeze({ ok: false, reason: "window-full" });
const NOT_BOUND: SendResult = Object.freeze({ ok: false, reason: "not-bound" });
const WRONG_DIRECTION: SendResult = Object.freeze({ ok: false, reason: "wrong-direction" });
const NO_BYTES = new Uint8Array(0);
const { ESME_ROK, ESME_RINVCMDID, ESME_RINVBNDSTS, ESME_RALYBND } = COMMAND_STATUS;

/** What the server grants with a bind. */
export interface BindGrant {
  readonly systemId: string;
  readonly tlvs: readonly Tlv[];
  /** Else the session's own. */
  readonly windowSize?: number | undefined;
}

/** An unbind under way: first both sides' answers are waited for, then, if it is ours, the peer's consent. */
interface Unbinding {
  readonly by: "us" | "peer";
  sequence: number | undefined;
  deadlineMs: number;
}

/**
 * One SMPP session, on either side of it: bytes and time go in, bytes and actions come out; it owns no socket and no timer.
 *
 * It begins `open`. As client `bind` is sent and the session stays open until the answer: ESME_ROK makes it `bound_tx`,
 * `bound_rx` or `bound_trx`, anything else ends it. As server the peer's bind is handed to the owner, who accepts or rejects it.
 * No bind within its time ends the session.
 *
 * A bound session takes requests from its owner up to the window and hands over the peer's up to the limits of unanswered ones. It
 * becomes `unbinding` by `unbind()`, which waits for outstanding answers and then says unbind, or by the peer's unbind, which is
 * answered at once; from then on no new request is taken and what was not written is given back.
 *
 * When the unbind is answered, or the peer's is drained, it is `unbound`: nothing is sent or read any more and the owner closes the
 * socket. Everything else that ends it (refusal, silence, lost frames, the socket itself) makes it `closed`. Ending gives every
 * pending request back: `lost` when it was written, else `not-written`.
 */
export class SmppSession<Context> {
  readonly #role: SessionRole;
  readonly #options: SessionOptions;
  readonly #framer = new PduFramer();
  readonly #outbox = new Outbox();
  readonly #actions = new ActionLog<Context>();
  readonly #sequences: SequenceNumbers;
  readonly #exchange: MessageExchange<Context>;
  readonly #keepAlive: KeepAlive;
  #state: SessionState = "open";
  #boundAs: BoundAs | undefined = undefined;
  /** The bind that waits for its answer: the peer's, or our owner's. */
  #bind: { readonly command: BindRequestBody["command"]; readonly sequence: number } | undefined = undefined;
  #bindDeadlineMs: number;
  #unbinding: Unbinding | undefined = undefined;
  #blockedSinceMs = Infinity;

  /** Throws RangeError when an option is out of its limits. */
  constructor(role: SessionRole, options: SessionOptions, nowMs: number) {
    checkSessionOptions(options);
    this.#role = role;
    this.#options = options;
    this.#sequences = new SequenceNumbers(options.firstSequence);
    this.#exchange = new MessageExchange(options, this.#outbox, this.#actions, this.#sequences);
    this.#keepAlive = new KeepAlive(options, nowMs);
    this.#bindDeadlineMs = nowMs + options.bindTimeoutMs;
  }

  get state(): SessionState {
    return this.#state;
  }

  get pendingRequests(): number {
    return this.#exchange.window.count;
  }

  get unansweredRequests(): number {
    return this.#exchange.unansweredCount;
  }

  /** Bytes received and not yet read. */
  get bufferedBytes(): number {
    return this.#framer.bufferedBytes;
  }

  /** Whether there is something for `takeBytes`. */
  get hasBytes(): boolean {
    return this.#outbox.length > 0;
  }

  /** The owner owes too many answers: the driver stops reading the socket until `resumeReading`. */
  get isReadingPaused(): boolean {
    return this.#exchange.isOwedTooMuch && !this.#isOver();
  }

  /** Requests that would be taken now: 0 unless bound in that direction, with room in the window and a socket that drains. */
  writableWindow(): number {
    if (this.#boundAs === undefined || !isOpenForSending(this.#role, this.#boundAs)) return 0;
    if (this.#unbinding !== undefined || this.#blockedSinceMs !== Infinity) return 0;
    return this.#outbox.requestBytes < MAX_UNSENT_BYTES ? this.#exchange.window.free : 0;
  }

  // Bytes and time in.

  receive(chunk: Uint8Array, nowMs: number): void {
    if (this.#isOver()) return;
    this.#keepAlive.received(nowMs);
    this.#framer.push(chunk);
    this.#readOn(nowMs);
  }

  /** Goes on, after a pause, with what was received before it; `isReadingPaused` may be true again after. */
  resumeReading(nowMs: number): void {
    if (this.#isOver() || this.isReadingPaused) return;
    this.#keepAlive.forgive(nowMs);
    this.#exchange.window.spareOverdue(nowMs);
    this.#readOn(nowMs);
  }

  /** The earliest time at which `tick` has something to do; Infinity when there is none. */
  nextDeadlineMs(): number {
    if (this.#isOver()) return Infinity;
    const stallMs = this.#blockedSinceMs + this.#options.writeStallTimeoutMs;
    const ownMs = Math.min(stallMs, this.#unbinding?.deadlineMs ?? Infinity, this.#bindDeadlineMs);
    // While we do not read, the peer's silence proves nothing.
    if (this.isReadingPaused || this.#boundAs === undefined) return ownMs;
    return Math.min(ownMs, this.#keepAlive.nextDeadlineMs(), this.#exchange.window.nextDeadlineMs());
  }

  /** Lets time pass: time-outs, keep-alive, unbind. Called early or late it does no harm. */
  tick(nowMs: number): void {
    if (this.#isOver()) return;
    if (nowMs >= this.#bindDeadlineMs) return this.#end({ kind: "bind-timeout" });
    if (nowMs >= this.#blockedSinceMs + this.#options.writeStallTimeoutMs)
      return this.#end({ kind: "write-stalled" });
    if (!this.isReadingPaused && this.#boundAs !== undefined) {
      this.#exchange.expire(nowMs);
      this.#watchPeer(nowMs);
    }
    this.#advanceUnbind(nowMs);
  }

  /** The driver says whether the socket takes bytes; while it does not, no request is taken. */
  setWritable(isWritable: boolean, nowMs: number): void {
    this.#blockedSinceMs = isWritable ? Infinity : Math.min(this.#blockedSinceMs, nowMs);
  }

  /** The socket is gone. `reason` counts unless the session had ended before, or was about to by an unbind. */
  socketClosed(reason: CloseReason): void {
    this.#end(this.#unbinding === undefined ? reason : unboundBy(this.#unbinding.by, false));
    this.#state = "closed";
  }

  // What the owner wants.

  /** As client, once: asks to be bound. Throws `PduFieldError` when a credential does not fit. */
  bind(body: BindRequestBody, nowMs: number): void {
    const sequence = this.#sequences.take();
    this.#outbox.putAnswer(body, sequence, ESME_ROK);
    this.#bind = { command: body.command, sequence };
    this.#bindDeadlineMs = nowMs + this.#options.bindTimeoutMs;
  }

  /** As server: lets the peer in. False when it has gone meanwhile. */
  acceptBind(grant: BindGrant, nowMs: number): boolean {
    const bind = this.#bind;
    if (bind === undefined || this.#state !== "open") return false;
    const { systemId, tlvs, windowSize } = grant;
    if (windowSize !== undefined) {
      checkWindowSize(windowSize);
      this.#exchange.window.resize(windowSize);
    }
    const body = { command: BIND_RESPONSE_COMMAND[bind.command], systemId, tlvs };
    this.#outbox.putAnswer(body, bind.sequence, ESME_ROK);
    this.#becomeBound(BOUND_AS[bind.command], nowMs);
    return true;
  }

  /** As server: turns the peer away and ends the session. */
  rejectBind(commandStatus: number): void {
    const bind = this.#bind;
    if (bind === undefined || this.#state !== "open") return;
    this.#refuseBind(bind, commandStatus);
    this.#end({ kind: "bind-refused", commandStatus });
  }

  /** Takes a request into the window: its outcome will come with `context`, unless it is refused here. */
  request(body: MessageRequestBody, context: Context, nowMs: number): SendResult {
    if (this.#boundAs === undefined || this.#unbinding !== undefined) return NOT_BOUND;
    if (!maySend(this.#role, this.#boundAs, body.command)) return WRONG_DIRECTION;
    return this.writableWindow() > 0 ? this.#exchange.send(body, context, nowMs) : WINDOW_FULL;
  }

  /** Answers with a body of the owner's; false when the request was answered before or the session has ended. */
  respond(request: IncomingRequest, body: MessageResponseBody, commandStatus: number): boolean {
    return this.#exchange.respond(request, body, commandStatus);
  }

  /** Answers with the response that belongs to the request and nothing in it but, where it has one, the message id. */
  answer(request: IncomingRequest, commandStatus: number, messageId: string): boolean {
    const { command } = request.pdu;
    if (command === "alert_notification" || command === "outbind") return false;
    return this.#exchange.respond(request, plainResponse(command, messageId), commandStatus);
  }

  /** As server: tells a client that a handset is back. It has no answer and takes no place in the window. */
  alert(body: AlertNotificationBody): boolean {
    const mayTravel = this.#boundAs !== undefined && isOpenForSending(this.#role, this.#boundAs);
    if (this.#role !== "smsc" || this.#unbinding !== undefined || !mayTravel) return false;
    this.#outbox.putAnswer(body, this.#sequences.take(), ESME_ROK);
    return true;
  }

  /** As message centre on a connection that it made itself: asks the other side to bind. */
  outbind(body: OutbindBody): boolean {
    if (this.#role !== "smsc" || this.#state !== "open") return false;
    this.#outbox.putAnswer(body, this.#sequences.take(), ESME_ROK);
    return true;
  }

  /** Ends a bound session in order: no new requests, outstanding answers awaited, unbind, its answer awaited. */
  unbind(nowMs: number): void {
    if (this.#isOver() || this.#unbinding !== undefined) return;
    if (this.#boundAs === undefined) return this.#end({ kind: "destroyed" });
    this.#beginUnbind("us", nowMs);
    this.#advanceUnbind(nowMs);
  }

  /** Ends a bound session at once, but not without an unbind: a carrier that hears it does not take us for bound any longer. */
  abandon(): void {
    if (this.#boundAs !== undefined && this.#unbinding?.sequence === undefined)
      this.#putHeader("unbind", this.#sequences.take(), ESME_ROK);
    this.#end({ kind: "destroyed" });
  }

  /** Ends the session at once. */
  destroy(reason: CloseReason): void {
    this.#end(reason);
  }

  /** Puts bytes on the wire as they are: for a simulator of faulty peers. */
  putRaw(bytes: Uint8Array): void {
    this.#outbox.putRaw(bytes);
  }

  // Bytes and actions out.

  /**
   * What goes to the socket now. With `mayWriteRequests` false the owner's requests among it are taken back, their outcome
   * `not-written`; everything else counts as written from here on.
   */
  takeBytes(mayWriteRequests: boolean, nowMs: number): Uint8Array {
    if (!mayWriteRequests) this.#exchange.withdrawUnwritten();
    this.#advanceUnbind(nowMs);
    this.#exchange.window.markWritten();
    return this.#outbox.take();
  }

  /** What the owner must be told; undefined when there is nothing. */
  takeActions(): SessionActions<Context> | undefined {
    return this.#actions.take();
  }

  // The peer's PDUs.

  #readOn(nowMs: number): void {
    while (!this.#isOver() && !this.isReadingPaused) {
      const bytesBefore = this.#framer.bufferedBytes;
      const result = this.#framer.next();
      if (result === undefined) break;
      const bytes = bytesBefore - this.#framer.bufferedBytes;
      if (result.ok) this.#take(result.pdu, result.flaws, bytes, nowMs);
      else this.#takeBroken(result.error, nowMs);
    }
    this.#advanceUnbind(nowMs);
  }

  #take(pdu: Pdu, flaws: readonly PduFlaw[], bytes: number, nowMs: number): void {
    switch (pdu.command) {
      case "submit_sm":
      case "submit_multi":
      case "deliver_sm":
      case "data_sm":
      case "query_sm":
      case "cancel_sm":
      case "replace_sm":
        if (this.#mayReceive(pdu.command)) return this.#exchange.takeRequest(pdu, flaws, bytes, nowMs);
        return this.#exchange.refuseRequest(pdu);
      case "submit_sm_resp":
      case "submit_multi_resp":
      case "deliver_sm_resp":
      case "data_sm_resp":
      case "query_sm_resp":
      case "cancel_sm_resp":
      case "replace_sm_resp":
        // The cast drops the other commands of HeaderOnlyBody, which this arm does not match.
        return this.#exchange.takeResponse(pdu as MessageResponse, nowMs);
      case "enquire_link":
        // Before the bind too: some peers ask first and wait for the answer.
        if (this.#options.answersEnquireLink) this.#putHeader("enquire_link_resp", pdu.sequence, ESME_ROK);
        return;
      case "enquire_link_resp":
        this.#keepAlive.answered(pdu.sequence);
        return;
      case "bind_receiver":
      case "bind_transmitter":
      case "bind_transceiver":
        return this.#takeBind(pdu);
      case "bind_receiver_resp":
      case "bind_transmitter_resp":
      case "bind_transceiver_resp":
        if (this.#isOurBind(pdu.sequence)) this.#takeBindAnswer(pdu, nowMs);
        return;
      case "unbind":
        return this.#takeUnbind(pdu.sequence, nowMs);
      case "unbind_resp":
        if (this.#isOurUnbind(pdu.sequence)) this.#end(unboundBy("us", true));
        return;
      case "generic_nack":
        return this.#takeNack(pdu);
      case "alert_notification":
      case "outbind":
        // Neither has a response (§4.1.7, §4.12.1), so one that comes at a wrong time is dropped.
        if (this.#isNoticeWelcome(pdu.command)) this.#actions.request({ pdu, flaws, receivedAtMs: nowMs });
        return;
      case "unknown":
        if (!isResponseId(pdu.commandId)) this.#putHeader("generic_nack", pdu.sequence, ESME_RINVCMDID);
        return;
      default:
        return pdu satisfies never;
    }
  }

  #takeNack({ sequence, commandStatus }: PduHeader): void {
    if (this.#keepAlive.answered(sequence)) return;
    if (this.#isOurBind(sequence)) this.#end({ kind: "bind-refused", commandStatus });
    else if (this.#isOurUnbind(sequence)) this.#end(unboundBy("us", true));
    else this.#exchange.takeBareAnswer("nacked", sequence, commandStatus);
  }

  #takeBroken(
    { kind, commandId, commandStatus, sequence, receivedStatus, message }: PduError,
    nowMs: number,
  ): void {
    if (kind === "fatal") {
      this.#putHeader("generic_nack", sequence, commandStatus);
      this.#end({ kind: "protocol-error", message });
    } else if (!isResponseId(commandId)) {
      this.#refuseBroken(commandId, sequence, commandStatus);
    } else if (this.#isOurBind(sequence)) {
      const command = BIND_RESPONSE_COMMAND[this.#bind?.command ?? "bind_transceiver"];
      const header = { commandStatus: receivedStatus, sequence };
      this.#takeBindAnswer({ command, ...header, systemId: "", tlvs: NO_TLVS }, nowMs);
    } else {
      this.#exchange.takeBareAnswer("unreadable", sequence, receivedStatus);
    }
  }

  #refuseBroken(commandId: number, sequence: number, commandStatus: number): void {
    const hasResponse = commandId !== COMMAND_ID.alert_notification && commandId !== COMMAND_ID.outbind;
    const responseId = hasResponse ? (commandId | COMMAND_ID.generic_nack) >>> 0 : COMMAND_ID.generic_nack;
    const bareHeader = { command: "unknown", commandId: responseId, body: NO_BYTES } as const;
    this.#outbox.putAnswer(bareHeader, sequence, commandStatus);
  }

  #mayReceive(command: MessageRequestBody["command"]): boolean {
    const boundAs = this.#boundAs ?? this.#soonBoundAs;
    if (boundAs === undefined || this.#unbinding?.by === "peer") return false;
    return mayReceive(this.#role, boundAs, command);
  }

  /** A carrier's first deliver_sm may overtake its answer to our bind: refused, a receipt would be lost. */
  get #soonBoundAs(): BoundAs | undefined {
    return this.#role === "esme" && this.#bind !== undefined ? BOUND_AS[this.#bind.command] : undefined;
  }

  #isNoticeWelcome(command: "alert_notification" | "outbind"): boolean {
    if (this.#role !== "esme") return false;
    return command === "outbind" ? this.#state === "open" : this.#boundAs !== undefined;
  }

  // Bind.

  #takeBind(pdu: BindRequest): void {
    const { command, sequence } = pdu;
    if (this.#role === "esme") return this.#refuseBind(pdu, ESME_RINVBNDSTS);
    if (this.#bind !== undefined) return this.#refuseBind(pdu, ESME_RALYBND);
    this.#bind = { command, sequence };
    this.#actions.bindRequested(pdu);
  }

  #refuseBind({ command, sequence }: Pick<BindRequest, "command" | "sequence">, commandStatus: number): void {
    const body = { command: BIND_RESPONSE_COMMAND[command], systemId: "", tlvs: NO_TLVS };
    this.#outbox.putAnswer(body, sequence, commandStatus);
  }

  #isOurBind(sequence: number): boolean {
    return this.#role === "esme" && this.#state === "open" && this.#bind?.sequence === sequence;
  }

  #takeBindAnswer(response: BindResponse, nowMs: number): void {
    const { commandStatus } = response;
    if (commandStatus !== ESME_ROK || this.#bind === undefined)
      return this.#end({ kind: "bind-refused", commandStatus });
    this.#becomeBound(BOUND_AS[this.#bind.command], nowMs);
    this.#actions.bound(response);
  }

  #becomeBound(boundAs: BoundAs, nowMs: number): void {
    this.#boundAs = boundAs;
    this.#state = `bound_${boundAs}`;
    this.#bindDeadlineMs = Infinity;
    this.#keepAlive.forgive(nowMs);
  }

  // Unbind and end.

  #isOurUnbind(sequence: number): boolean {
    return this.#unbinding?.sequence === sequence;
  }

  #takeUnbind(sequence: number, nowMs: number): void {
    this.#putHeader("unbind_resp", sequence, ESME_ROK);
    // Both said unbind: ours is answered as well, or the peer closes.
    if (this.#unbinding?.sequence !== undefined) return;
    this.#exchange.withdrawUnwritten();
    this.#beginUnbind("peer", nowMs);
  }

  #beginUnbind(by: "us" | "peer", nowMs: number): void {
    this.#state = "unbinding";
    this.#bindDeadlineMs = Infinity;
    this.#unbinding = { by, sequence: undefined, deadlineMs: nowMs + this.#options.unbindTimeoutMs };
    this.#exchange.beginEnd();
  }

  #advanceUnbind(nowMs: number): void {
    const unbinding = this.#unbinding;
    if (unbinding === undefined || this.#isOver()) return;
    const isLate = nowMs >= unbinding.deadlineMs;
    if (unbinding.sequence !== undefined) {
      if (isLate) this.#end(unboundBy("us", false));
    } else if (isLate || this.#exchange.isQuiet) {
      if (unbinding.by === "peer") return this.#end(unboundBy("peer", true));
      unbinding.sequence = this.#sequences.take();
      unbinding.deadlineMs = nowMs + this.#options.unbindTimeoutMs;
      this.#putHeader("unbind", unbinding.sequence, ESME_ROK);
    }
  }

  #watchPeer(nowMs: number): void {
    const verdict = this.#keepAlive.verdict(nowMs);
    if (verdict === "fine") return;
    const sequence = this.#sequences.take();
    if (verdict === "ask") {
      this.#putHeader("enquire_link", sequence, ESME_ROK);
      this.#keepAlive.asked(sequence, nowMs);
    } else {
      // A carrier that hears this frees the bind, instead of refusing our next one until it notices by itself.
      this.#putHeader("unbind", sequence, ESME_ROK);
      this.#end({ kind: verdict === "dead" ? "keepalive-timeout" : "inactivity" });
    }
  }

  #isOver(): boolean {
    return this.#state === "unbound" || this.#state === "closed";
  }

  #end(reason: CloseReason): void {
    if (this.#isOver()) return;
    const isUnbound = reason.kind === "unbound-by-us" || reason.kind === "unbound-by-peer";
    this.#state = isUnbound ? "unbound" : "closed";
    this.#boundAs = undefined;
    this.#exchange.end();
    this.#actions.closed(reason);
  }

  #putHeader(command: HeaderOnlyBody["command"], sequence: number, commandStatus: number): void {
    this.#outbox.putAnswer({ command, tlvs: NO_TLVS }, sequence, commandStatus);
  }
}

function unboundBy(by: "us" | "peer", isAnswered: boolean): CloseReason {
  return by === "peer" ? { kind: "unbound-by-peer" } : { kind: "unbound-by-us", isAnswered };
}
