import type { MessageRequestBody } from "../pdu/pdu.ts";

/** A request that was accepted and has had no outcome yet. */
export interface PendingRequest<Context> {
  readonly sequence: number;
  readonly command: MessageRequestBody["command"];
  readonly context: Context;
  readonly sentAtMs: number;
  readonly deadlineMs: number;
  /** Whether its bytes were handed to the socket: from then on nobody knows what the peer saw of it. */
  isWritten: boolean;
}

/** How long overdue requests are spared after a time in which their responses could not be read. */
const RESUME_GRACE_MS = 5_000;

/**
 * The unanswered requests of one direction, by sequence number. The response time-out is the same for all, so the order of adding
 * is the order of deadlines, and the first of the map is always the next to expire.
 */
export class RequestWindow<Context> {
  readonly #pending = new Map<number, PendingRequest<Context>>();
  readonly #timeoutMs: number;
  #unwritten: PendingRequest<Context>[] = [];
  #size: number;
  #sparedUntilMs = -Infinity;

  constructor(size: number, timeoutMs: number) {
    this.#size = size;
    this.#timeoutMs = timeoutMs;
  }

  get count(): number {
    return this.#pending.size;
  }

  get free(): number {
    return Math.max(0, this.#size - this.#pending.size);
  }

  resize(size: number): void {
    this.#size = size;
  }

  add(sequence: number, command: MessageRequestBody["command"], context: Context, nowMs: number): void {
    const deadlineMs = nowMs + this.#timeoutMs;
    const request = { sequence, command, context, sentAtMs: nowMs, deadlineMs, isWritten: false };
    this.#pending.set(sequence, request);
    this.#unwritten.push(request);
  }

  get(sequence: number): PendingRequest<Context> | undefined {
    return this.#pending.get(sequence);
  }

  remove(request: PendingRequest<Context>): void {
    this.#pending.delete(request.sequence);
  }

  /** All that were added up to now are on the socket. */
  markWritten(): void {
    for (const request of this.#unwritten) request.isWritten = true;
    this.#unwritten = [];
  }

  /** Takes back what never reached the socket. */
  withdrawUnwritten(): readonly PendingRequest<Context>[] {
    const withdrawn = this.#unwritten.filter((request) => this.#pending.delete(request.sequence));
    this.#unwritten = [];
    return withdrawn;
  }

  /** Infinity when nothing is pending. */
  nextDeadlineMs(): number {
    for (const { deadlineMs } of this.#pending.values()) return Math.max(deadlineMs, this.#sparedUntilMs);
    return Infinity;
  }

  takeExpired(nowMs: number): readonly PendingRequest<Context>[] {
    const expired: PendingRequest<Context>[] = [];
    if (nowMs < this.#sparedUntilMs) return expired;
    for (const request of this.#pending.values()) {
      if (request.deadlineMs > nowMs) break;
      this.#pending.delete(request.sequence);
      expired.push(request);
    }
    return expired;
  }

  /** Empties the window: its session has ended. */
  takeAll(): readonly PendingRequest<Context>[] {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    this.#unwritten = [];
    return all;
  }

  /** Nothing was read for a while, so that responses may lie unread: requests overdue meanwhile get a moment more. */
  spareOverdue(nowMs: number): void {
    this.#sparedUntilMs = nowMs + Math.min(RESUME_GRACE_MS, this.#timeoutMs);
  }
}
