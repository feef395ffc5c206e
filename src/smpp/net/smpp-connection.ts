import type { Socket } from "node:net";
import { COMMAND_STATUS } from "../pdu/command-status.ts";
import type {
  AlertNotificationBody,
  BindRequest,
  MessageRequestBody,
  MessageResponseBody,
} from "../pdu/pdu.ts";
import { NO_TLVS } from "../pdu/tlv.ts";
import { integerTlv } from "../pdu/tlv-values.ts";
import type { CloseReason } from "../session/close-reason.ts";
import type { IncomingRequest } from "../session/incoming-request.ts";
import type { SendResult } from "../session/request-outcome.ts";
import type { SessionState } from "../session/session-options.ts";
import { SmppSession } from "../session/smpp-session.ts";
import type { ConnectionHandlers } from "./connection-handlers.ts";
import {
  type BindDecision,
  type ConnectionSetup,
  type SmppPeer,
  sessionOptions,
} from "./connection-setup.ts";
import { DeadlineTimer } from "./deadline-timer.ts";

/** Bytes that the socket has not taken, beyond which we stop reading: only a peer that never reads its answers gets there. */
export const MAX_SOCKET_BACKLOG_BYTES = 2 * 1024 * 1024;
/** How long a closed connection waits for the peer to close its side. */
const LINGER_MS = 2_000;
const SMPP_3_4 = 0x34;

/**
 * One SMPP connection, of a client or of a server: a socket, a session and one timer. All that is queued in one turn of the event
 * loop leaves in one write.
 */
export class SmppConnection<Context> {
  readonly peer: SmppPeer;
  readonly #setup: ConnectionSetup<Context>;
  readonly #socket: Socket;
  readonly #session: SmppSession<Context>;
  readonly #monotonicMs: () => number;
  readonly #timer: DeadlineTimer;
  #mayWrite: () => boolean;
  /** A server's connection has none until its client is let in. */
  #handlers: ConnectionHandlers<Context> | undefined;
  #connectDeadlineMs = Infinity;
  #lingerDeadlineMs = Infinity;
  #socketError: Error | undefined = undefined;
  #closeReason: CloseReason | undefined = undefined;
  #immediate: ReturnType<typeof setImmediate> | undefined = undefined;
  #isTickDue = false;
  #isHoldingBack = false;
  #isReading = true;

  /** Use `connectSmpp` or `SmppServer`. */
  constructor(setup: ConnectionSetup<Context>) {
    const { socket, side, peer } = setup;
    this.peer = peer;
    this.#setup = setup;
    this.#socket = socket;
    this.#monotonicMs = setup.monotonicMs ?? (() => performance.now());
    this.#mayWrite = setup.mayWrite ?? (() => true);
    this.#session = new SmppSession(side.role, sessionOptions(setup.session), this.#monotonicMs());
    this.#timer = new DeadlineTimer(this.#monotonicMs, () => this.#onDeadline());
    this.#handlers = side.role === "esme" ? side.handlers : undefined;
    this.#listen();
  }

  get state(): SessionState {
    return this.#session.state;
  }

  /** Our requests without an outcome. */
  get pendingRequests(): number {
    return this.#session.pendingRequests;
  }

  /** The peer's requests that we have not answered. */
  get unansweredRequests(): number {
    return this.#session.unansweredRequests;
  }

  /** Requests that would be taken now: 0 unless bound in that direction, with room in the window and a socket that drains. */
  writableWindow(): number {
    return this.#session.writableWindow();
  }

  /** Takes a request into the window: its outcome will come with `context`, unless it is refused here. */
  request(body: MessageRequestBody, context: Context): SendResult {
    const result = this.#session.request(body, context, this.#monotonicMs());
    if (result.ok) this.#schedule();
    return result;
  }

  /**
   * Answers a request with the response that belongs to it, and a message id where that has one. False when it was answered
   * before or the session has ended: then the peer never hears it.
   */
  answer(request: IncomingRequest, commandStatus: number, messageId = ""): boolean {
    return this.#afterwards(this.#session.answer(request, commandStatus, messageId));
  }

  /** Answers a request with a body of the owner's; false as in `answer`. */
  respond(request: IncomingRequest, body: MessageResponseBody, commandStatus = 0): boolean {
    return this.#afterwards(this.#session.respond(request, body, commandStatus));
  }

  /** As server: tells a client that a handset is back; false when it is not bound for that. */
  alert(body: AlertNotificationBody): boolean {
    return this.#afterwards(this.#session.alert(body));
  }

  /** Ends the session in order: outstanding answers, unbind, its answer, close. `onClosed` says when it is done. */
  unbind(): void {
    this.#session.unbind(this.#monotonicMs());
    this.#schedule();
  }

  /** Ends the connection at once, without a word to the peer. */
  destroy(): void {
    this.#session.destroy({ kind: "destroyed" });
    this.#socket.destroy();
  }

  /** Ends the connection at once; a bound one says unbind, and waits for nothing. */
  abandon(): void {
    this.#session.abandon();
    this.#write(this.#monotonicMs());
    this.#socket.destroy();
  }

  /** Puts bytes on the wire as they are: for a simulator of faulty peers. */
  writeRaw(bytes: Uint8Array): void {
    this.#session.putRaw(bytes);
    this.#schedule();
  }

  #listen(): void {
    const socket = this.#socket;
    const { side } = this.#setup;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Uint8Array) => this.#onData(chunk));
    socket.on("drain", () => this.#onDrain());
    socket.on("error", (error) => {
      this.#socketError ??= error;
    });
    socket.on("close", () => this.#onSocketClosed());
    if (side.role === "esme") {
      this.#connectDeadlineMs = this.#monotonicMs() + side.connectTimeoutMs;
      socket.once(side.connectedEvent, () => this.#onConnected());
    }
    this.#armTimer();
  }

  #onConnected(): void {
    const { side } = this.#setup;
    this.#connectDeadlineMs = Infinity;
    if (side.role === "esme") this.#session.bind(side.bind, this.#monotonicMs());
    this.#flush();
  }

  #onData(chunk: Uint8Array): void {
    this.#session.receive(chunk, this.#monotonicMs());
    this.#dispatch();
    this.#adjustReading();
    this.#schedule();
  }

  #onDrain(): void {
    this.#session.setWritable(true, this.#monotonicMs());
    this.#tellWindow();
    this.#schedule();
  }

  #onDeadline(): void {
    this.#isTickDue = true;
    // After the poll phase: a process that was stopped for a while first reads what arrived meanwhile.
    this.#schedule();
  }

  #onSocketClosed(): void {
    this.#session.socketClosed(this.#lossReason());
    clearImmediate(this.#immediate);
    this.#timer.clear();
    this.#dispatch();
    const { side } = this.#setup;
    if (side.role === "smsc") side.onEnd();
    this.#handlers?.onClosed(this.#closeReason ?? { kind: "destroyed" }, this);
  }

  #lossReason(): CloseReason {
    const error = this.#socketError;
    const message = error?.message ?? "";
    const code = errorCode(error);
    if (this.#connectDeadlineMs !== Infinity) return { kind: "connect-failed", message, code };
    return { kind: "connection-lost", message, code };
  }

  #afterwards(isQueued: boolean): boolean {
    if (isQueued) this.#schedule();
    return isQueued;
  }

  #schedule(): void {
    this.#immediate ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    const nowMs = this.#monotonicMs();
    if (nowMs >= this.#connectDeadlineMs || nowMs >= this.#lingerDeadlineMs) return this.#giveUp();
    if (this.#isTickDue) this.#session.tick(nowMs);
    this.#isTickDue = false;
    this.#readHeldBack(nowMs);
    this.#write(nowMs);
    this.#dispatch();
    this.#adjustReading();
    this.#armTimer();
  }

  #giveUp(): void {
    this.#socketError ??= new Error("timed out");
    this.#socket.destroy();
  }

  #readHeldBack(nowMs: number): void {
    if (this.#isHoldingBack && !this.#session.isReadingPaused) this.#session.resumeReading(nowMs);
  }

  /** The permission to write is asked for here, right before the write: a process that was stopped in between must not send. */
  #write(nowMs: number): void {
    const bytes = this.#session.takeBytes(this.#mayWrite(), nowMs);
    if (bytes.length === 0 || !this.#socket.writable) return;
    if (!this.#socket.write(bytes)) this.#session.setWritable(false, nowMs);
  }

  #dispatch(): void {
    let hasRoom = false;
    for (
      let actions = this.#session.takeActions();
      actions !== undefined;
      actions = this.#session.takeActions()
    ) {
      const { bound, bindRequest, outcomes, requests, closed } = actions;
      if (bound !== undefined) this.#handlers?.onBound?.(bound, this);
      if (bindRequest !== undefined) void this.#authenticate(bindRequest);
      if (outcomes.length > 0) this.#handlers?.onOutcomes(outcomes, this);
      if (requests.length > 0) this.#handlers?.onRequests(requests, this);
      if (closed !== undefined) this.#onSessionEnded(closed);
      hasRoom ||= bound !== undefined || outcomes.length > 0;
    }
    if (hasRoom) this.#tellWindow();
  }

  #tellWindow(): void {
    const freeSlots = this.#session.writableWindow();
    if (freeSlots > 0) this.#handlers?.onWindow?.(freeSlots, this);
  }

  #onSessionEnded(reason: CloseReason): void {
    this.#closeReason = reason;
    const nowMs = this.#monotonicMs();
    const isConnecting = this.#connectDeadlineMs !== Infinity;
    if (reason.kind === "write-stalled" || isConnecting || this.#socket.destroyed) {
      this.#socket.destroy();
      return;
    }
    this.#write(nowMs);
    this.#socket.end();
    this.#lingerDeadlineMs = nowMs + LINGER_MS;
    this.#schedule();
  }

  /** Stops reading while the owner owes too many answers or the peer does not read the ones it got. */
  #adjustReading(): void {
    const isPaused = this.#session.isReadingPaused;
    this.#isHoldingBack = isPaused;
    const mayRead = !isPaused && this.#socket.writableLength <= MAX_SOCKET_BACKLOG_BYTES;
    if (mayRead === this.#isReading) return;
    this.#isReading = mayRead;
    if (mayRead) this.#socket.resume();
    else this.#socket.pause();
  }

  #armTimer(): void {
    const deadlineMs = Math.min(this.#connectDeadlineMs, this.#lingerDeadlineMs);
    // Until the connection stands, only its own time limit counts.
    this.#timer.set(deadlineMs === Infinity ? this.#session.nextDeadlineMs() : deadlineMs);
  }

  async #authenticate(bind: BindRequest): Promise<void> {
    const { side } = this.#setup;
    if (side.role !== "smsc") return;
    try {
      this.#conclude(bind, await side.authenticate(bind, this.peer, this), side.systemId);
    } catch (error) {
      side.onError(error);
      this.#session.rejectBind(COMMAND_STATUS.ESME_RSYSERR);
    }
    this.#schedule();
  }

  #conclude(bind: BindRequest, decision: BindDecision<Context>, systemId: string): void {
    if (!decision.ok) return this.#session.rejectBind(decision.commandStatus);
    const { handlers, windowSize, mayWrite } = decision;
    // §4.1.2: told only to those who speak 3.4 or later; older ones know no optional parameters.
    const tlvs = bind.interfaceVersion >= SMPP_3_4 ? [integerTlv("sc_interface_version", SMPP_3_4)] : NO_TLVS;
    if (!this.#session.acceptBind({ systemId, tlvs, windowSize }, this.#monotonicMs())) return;
    this.#handlers = handlers;
    this.#mayWrite = mayWrite ?? this.#mayWrite;
    this.#tellWindow();
  }
}

function errorCode(error: Error | undefined): string | null {
  return error !== undefined && "code" in error && typeof error.code === "string" ? error.code : null;
}
