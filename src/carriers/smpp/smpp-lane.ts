import type { Clock } from "../../domain/clock.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";
import type { SmppConnection } from "../../smpp/net/smpp-connection.ts";
import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import type { SubmitSmBody } from "../../smpp/pdu/pdu.ts";
import type { IncomingRequest } from "../../smpp/session/incoming-request.ts";
import type { RequestOutcome, SendResult } from "../../smpp/session/request-outcome.ts";
import type { LaneLease, LaneState, Submission, SubmitOutcome } from "../carrier.ts";
import { Attempt, wantedParts } from "./attempt.ts";
import { bindOptions } from "./bind-options.ts";
import { BindTrust } from "./bind-trust.ts";
import { Congestion } from "./congestion.ts";
import { partResult, type PartResult } from "./part-result.ts";
import { type BindDeps, ReconnectingBind } from "./reconnecting-bind.ts";
import type { SmppAccount } from "./smpp-url.ts";
import type { SubmitWriter } from "./submit-bodies.ts";
import type { StatusMeanings } from "./submit-failures.ts";

/** What a lane shares with the other lanes of its carrier. */
export interface LaneDeps extends BindDeps {
  readonly name: string;
  readonly account: SmppAccount;
  readonly clock: Clock;
  readonly writer: SubmitWriter;
  readonly meanings: StatusMeanings;
  /** Room appeared, or the lane came up or went down. */
  readonly onRoom: () => void;
  readonly onRequests: (requests: readonly IncomingRequest[], connection: SmppConnection<SentPart>) => void;
  /** Once: the lane was left and all that was sent over it is settled. */
  readonly onGone: (lane: SmppLane) => void;
}

/** One submit_sm on its way. */
export interface SentPart {
  readonly attempt: Attempt;
  readonly part: number;
  readonly expectsReceipt: boolean;
}

interface WaitingPart {
  readonly body: SubmitSmBody;
  readonly sent: SentPart;
}

/**
 * One bind slot under one lease: a transceiver, or a transmitter with a receiver beside it. Parts go out as the window allows; those
 * of the last target that do not fit wait here, before everything that is submitted later.
 *
 * It is up while the sending bind is bound and the lease has not run out. When the lease has run out nothing more is written,
 * but the bind stays, for a renewal may come. `leave` is for good. While it is on trial (bind-trust.ts) its window is one part.
 */
export class SmppLane {
  readonly bind: number;
  readonly epoch: number;
  readonly #deps: LaneDeps;
  readonly #congestion: Congestion;
  readonly #sender: ReconnectingBind<SentPart>;
  readonly #receiver: ReconnectingBind<SentPart> | null;
  #deadlineMs: number;
  #waiting: WaitingPart[] = [];
  /** Last parts that may not be written before the carrier has taken all the others. */
  readonly #held = new Map<Attempt, WaitingPart>();
  #pauseTimer: NodeJS.Timeout | null = null;
  #isLeaving = false;
  readonly #trust = new BindTrust();
  #bindsLeft: number;

  constructor(lease: LaneLease, deps: LaneDeps) {
    const { account } = deps;
    this.bind = lease.bind;
    this.epoch = lease.epoch;
    this.#deadlineMs = lease.deadlineMs;
    this.#deps = deps;
    this.#congestion = new Congestion(account.windowSize);
    const isPair = account.bind.mode === "txrx";
    this.#bindsLeft = isPair ? 2 : 1;
    this.#sender = this.#open(account.bind.mode === "trx" ? "bind_transceiver" : "bind_transmitter");
    this.#receiver = isPair ? this.#open("bind_receiver") : null;
  }

  /** The lane as the dispatcher sees it; null while nothing may be sent over it. */
  state(): LaneState | null {
    if (!this.isUp) return null;
    const nowMs = this.#deps.monotonicMs();
    const { isOnTrial } = this.#trust;
    const size = isOnTrial ? TRIAL_WINDOW : this.#congestion.size;
    const taken = this.#sender.pendingRequests + this.#waiting.length;
    const room = this.#congestion.pauseLeftMs(nowMs) > 0 ? 0 : Math.max(0, size - taken);
    const { bind, epoch } = this;
    return { bind, epoch, windowSize: size, room: Math.min(room, this.#writable()), isOnTrial };
  }

  get isUp(): boolean {
    return !this.#isLeaving && this.#sender.connection !== null && this.#mayWrite();
  }

  get isThrottled(): boolean {
    return this.#congestion.pauseLeftMs(this.#deps.monotonicMs()) > 0;
  }

  get isOnTrial(): boolean {
    return this.#trust.isOnTrial;
  }

  get pendingRequests(): number {
    return this.#sender.pendingRequests;
  }

  get windowSize(): number {
    return this.#deps.account.windowSize;
  }

  /** In words, what is wrong with its binds. */
  get detail(): string {
    const down = [this.#sender, this.#receiver].find((bind) => bind !== null && bind.connection === null);
    return down?.detail ?? (this.isOnTrial ? ON_TRIAL_WORDS : "");
  }

  /** Whether it is on its way up for the first time. */
  get isFresh(): boolean {
    return this.#sender.isFresh;
  }

  /** Whether its latest attempt did not reach the carrier. */
  get isUnreachable(): boolean {
    return this.#sender.isUnreachable;
  }

  /** Whether the carrier's latest answer was that the bind failed. */
  get isTurnedAway(): boolean {
    return this.#sender.isTurnedAway;
  }

  renew(deadlineMs: number): void {
    const wasUp = this.isUp;
    this.#deadlineMs = deadlineMs;
    if (!wasUp) this.#deps.onRoom();
  }

  /** Sends targets in order; see `Carrier.submit`. */
  submit<Each extends Submission>(
    submissions: readonly Each[],
    settle: (submission: Each, outcome: SubmitOutcome) => void,
  ): void {
    for (const each of submissions) {
      if (this.isUp) this.#submitOne(each.target, (outcome) => settle(each, outcome));
      else settle(each, { kind: "unsent", words: "the bind is down" });
    }
  }

  /** Gives the slot up: nothing more is written, what is outstanding may still be answered. */
  leave(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#stopPause();
    this.#sender.leave();
    this.#receiver?.leave();
    this.#dropWaiting("the bind was given up before it was written");
  }

  /** Gives the slot up at once: what is outstanding is settled as unknown. */
  destroy(): void {
    this.leave();
    this.#sender.destroy();
    this.#receiver?.destroy();
  }

  #open(command: "bind_transceiver" | "bind_transmitter" | "bind_receiver"): ReconnectingBind<SentPart> {
    const { account, name, onRequests, onRoom, monotonicMs } = this.#deps;
    const options = { ...bindOptions(account, command), monotonicMs, mayWrite: () => this.#mayWrite() };
    return new ReconnectingBind<SentPart>(
      name,
      this.bind,
      options,
      {
        onUp: onRoom,
        onDown: () => this.#down(),
        onGone: () => this.#bindGone(),
        onOutcomes: (outcomes) => this.#takeOutcomes(outcomes),
        onRequests,
        onWindow: () => this.#windowOpened(),
      },
      this.#deps,
    );
  }

  #mayWrite(): boolean {
    return this.#deps.monotonicMs() < this.#deadlineMs;
  }

  #writable(): number {
    return this.#sender.connection?.writableWindow() ?? 0;
  }

  // ── out ──

  #submitOne(target: OutboundTarget, settle: (outcome: SubmitOutcome) => void): void {
    const { clock, writer } = this.#deps;
    const written = writer.write(target, clock.now());
    if (!written.ok) {
      const { failure } = written;
      return settle({ kind: "refused", failure, elsewhere: true, tookMs: 0, words: failure.message });
    }
    const { bodies, reference, partsPerReceipt } = written;
    const wanted = wantedParts(target, bodies.length);
    const attempt = new Attempt(target, reference, wanted, settle, partsPerReceipt);
    if (attempt.isDone) return this.#finish(attempt);
    const heldPart = attempt.holdsLast ? bodies.length - 1 : -1;
    for (const [part, body] of bodies.entries()) {
      if (!attempt.wants(part)) continue;
      const sent = { attempt, part, expectsReceipt: body.registeredDelivery !== 0 };
      if (part === heldPart) this.#hold(sent, body);
      else this.#send(sent, body);
    }
  }

  #send(sent: SentPart, body: SubmitSmBody): void {
    const result = this.#waiting.length > 0 ? WAIT : this.#request(body, sent);
    if (result.ok) return;
    if (result.reason === "window-full") this.#waiting.push({ body, sent });
    else this.#note(sent, resultOfRefusal(result));
  }

  #request(body: SubmitSmBody, sent: SentPart): SendResult {
    const connection = this.#sender.connection;
    return connection === null ? NOT_BOUND : connection.request(body, sent);
  }

  #windowOpened(): void {
    this.#sendWaiting();
    this.#deps.onRoom();
  }

  #sendWaiting(): void {
    if (this.isThrottled) return;
    let count = 0;
    for (const { body, sent } of this.#waiting) {
      const result = this.#request(body, sent);
      if (!result.ok && result.reason === "window-full") break;
      count++;
      if (!result.ok) this.#note(sent, resultOfRefusal(result));
    }
    if (count > 0) this.#waiting = this.#waiting.slice(count);
  }

  // ── what became of it ──

  #takeOutcomes(outcomes: readonly RequestOutcome<SentPart>[]): void {
    const nowMs = this.#deps.monotonicMs();
    const wasOnTrial = this.isOnTrial;
    for (const outcome of outcomes) {
      const { context } = outcome;
      const result = partResult(outcome, context.expectsReceipt);
      if (result.kind === "taken") this.#tookOne(nowMs);
      else if (result.kind === "error") this.#heed(result.commandStatus, nowMs);
      else if (outcome.kind === "timed-out") this.#renewIf(this.#trust.unanswered(context.attempt));
      else if (outcome.kind === "lost") this.#trust.cutShort(context.attempt);
      this.#note(context, result);
    }
    if (this.isOnTrial !== wasOnTrial && !this.#isLeaving) this.#reportTrial();
    if (!this.isUp) this.#dropWaiting("the bind went down before it was written");
  }

  #tookOne(nowMs: number): void {
    this.#congestion.taken(nowMs);
    this.#trust.answered();
  }

  #heed(commandStatus: number, nowMs: number): void {
    if (commandStatus === COMMAND_STATUS.ESME_RINVBNDSTS) this.#renewIf(this.#trust.answeredNotBound());
    else this.#trust.answered();
    if (this.#deps.meanings.of(commandStatus).kind !== "throttled") return;
    this.#congestion.throttled(nowMs);
    this.#deps.metrics.count("msgbin_carrier_throttled_total", { carrier: this.#deps.name });
    if (this.#pauseTimer === null && !this.#isLeaving) this.#pause();
  }

  #renewIf(isLost: boolean): void {
    if (isLost) this.#sender.renew();
  }

  #reportTrial(): void {
    const { logger, name } = this.#deps;
    const fields = { carrier: name, bind: this.bind };
    if (this.isOnTrial)
      logger.warn(fields, "the carrier leaves messages unanswered: it gets one at a time until it answers");
    else logger.info(fields, "the carrier answers messages again");
  }

  /** Goes on when the pause is over: timers may fire a little early, and nobody else would wake us. */
  #pause(): void {
    const leftMs = this.#congestion.pauseLeftMs(this.#deps.monotonicMs());
    this.#pauseTimer = null;
    if (leftMs > 0) this.#pauseTimer = setTimeout(() => this.#pause(), Math.ceil(leftMs));
    else this.#windowOpened();
  }

  #note(sent: SentPart, result: PartResult): void {
    const { attempt } = sent;
    if (attempt.note(sent.part, result)) this.#finish(attempt);
    else if (attempt.isLastDue) this.#release(attempt);
  }

  #hold(sent: SentPart, body: SubmitSmBody): void {
    this.#held.set(sent.attempt, { body, sent });
    // None of the others may have been written at all.
    if (sent.attempt.isLastDue) this.#release(sent.attempt);
  }

  /** All other parts have their results: the last one goes out before all that waits, or not at all this time. */
  #release(attempt: Attempt): void {
    const last = this.#held.get(attempt);
    if (last === undefined) return;
    this.#held.delete(attempt);
    // Those results opened the window: what waits is sent when the last of them is read, unless there is a pause or no bind.
    if (attempt.holdsLast) this.#note(last.sent, { kind: "unsent", words: "held back for the other parts" });
    else this.#waiting.unshift(last);
  }

  #finish(attempt: Attempt): void {
    const { meanings, writer, monotonicMs } = this.#deps;
    const outcome = attempt.finish(meanings, this.#congestion.pauseLeftMs(monotonicMs()));
    if (attempt.reference === null) return;
    if (outcome.kind === "later" || outcome.kind === "unknown")
      writer.keepReference(attempt.target, attempt.reference);
    // What was not written changes nothing: parts of an earlier attempt may be on the handset.
    else if (outcome.kind !== "unsent") writer.forgetReference(attempt.target);
  }

  // ── the end ──

  #down(): void {
    if (this.#sender.connection === null) this.#trust.ended();
    if (!this.isUp) this.#dropWaiting("the bind went down before it was written");
    this.#deps.onRoom();
  }

  #dropWaiting(words: string): void {
    const dropped = this.#waiting;
    this.#waiting = [];
    for (const { sent } of dropped) this.#note(sent, { kind: "unsent", words });
  }

  #bindGone(): void {
    this.#bindsLeft--;
    if (this.#bindsLeft === 0) this.#deps.onGone(this);
  }

  #stopPause(): void {
    if (this.#pauseTimer !== null) clearTimeout(this.#pauseTimer);
    this.#pauseTimer = null;
  }
}

/** Parts for which a lane on trial has room: so one message at a time. */
const TRIAL_WINDOW = 1;
const ON_TRIAL_WORDS =
  "bound, but it left the last messages unanswered; it gets one at a time until it answers";

const WAIT: SendResult = { ok: false, reason: "window-full" };
const NOT_BOUND: SendResult = { ok: false, reason: "not-bound" };

function resultOfRefusal(result: Exclude<SendResult, { ok: true }>): PartResult {
  return result.reason === "unencodable"
    ? { kind: "unwritable", field: result.field, words: result.message }
    : { kind: "unsent", words: "the bind is down" };
}
