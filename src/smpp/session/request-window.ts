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

interface PlacedRequest<Context> extends PendingRequest<Context> {
  older: PlacedRequest<Context> | null;
  newer: PlacedRequest<Context> | null;
}

const PLACES_AT_FIRST = 64;

/** How long overdue requests are spared after a time in which their responses could not be read. */
const RESUME_GRACE_MS = 5_000;

/**
 * The unanswered requests of one direction, by sequence number. The response time-out is the same for all, so the order of adding
 * is the order of deadlines, and the oldest is always the next to expire.
 *
 * A ring has them by the last bits of their numbers, and each knows its neighbours in age: not a Map, see
 * docs/decisions/0016-what-is-on-its-way-stays-young.md.
 */
export class RequestWindow<Context> {
  /** A power of two of them; twice as many when two requests meet at one, so at most twice the numbers between the oldest and the newest. */
  #places: (PlacedRequest<Context> | undefined)[] = emptyPlaces(PLACES_AT_FIRST);
  #oldest: PlacedRequest<Context> | null = null;
  #newest: PlacedRequest<Context> | null = null;
  #count = 0;
  readonly #timeoutMs: number;
  #unwritten: PlacedRequest<Context>[] = [];
  #size: number;
  #sparedUntilMs = -Infinity;

  constructor(size: number, timeoutMs: number) {
    this.#size = size;
    this.#timeoutMs = timeoutMs;
  }

  get count(): number {
    return this.#count;
  }

  get free(): number {
    return Math.max(0, this.#size - this.#count);
  }

  resize(size: number): void {
    this.#size = size;
  }

  /** Throws when a request of the same number is pending: numbers come again after two thousand million. */
  add(sequence: number, command: MessageRequestBody["command"], context: Context, nowMs: number): void {
    if (this.#find(sequence) !== undefined) throw new Error(`request ${sequence} is pending already`);
    const deadlineMs = nowMs + this.#timeoutMs;
    const older = this.#newest;
    const request: PlacedRequest<Context> = {
      sequence,
      command,
      context,
      sentAtMs: nowMs,
      deadlineMs,
      isWritten: false,
      older,
      newer: null,
    };
    while (this.#places[this.#placeOf(sequence)] !== undefined) this.#widen();
    this.#places[this.#placeOf(sequence)] = request;
    if (older === null) this.#oldest = request;
    else older.newer = request;
    this.#newest = request;
    this.#count++;
    this.#unwritten.push(request);
  }

  get(sequence: number): PendingRequest<Context> | undefined {
    return this.#find(sequence);
  }

  /** False when it was removed before. */
  remove({ sequence }: PendingRequest<Context>): boolean {
    const request = this.#find(sequence);
    if (request === undefined) return false;
    this.#places[this.#placeOf(sequence)] = undefined;
    const { older, newer } = request;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    request.older = request.newer = null;
    this.#count--;
    return true;
  }

  /** All that were added up to now are on the socket. */
  markWritten(): void {
    for (const request of this.#unwritten) request.isWritten = true;
    this.#unwritten = [];
  }

  /** Takes back what never reached the socket. */
  withdrawUnwritten(): readonly PendingRequest<Context>[] {
    const withdrawn = this.#unwritten.filter((request) => this.remove(request));
    this.#unwritten = [];
    return withdrawn;
  }

  /** Infinity when nothing is pending. */
  nextDeadlineMs(): number {
    return this.#oldest === null ? Infinity : Math.max(this.#oldest.deadlineMs, this.#sparedUntilMs);
  }

  takeExpired(nowMs: number): readonly PendingRequest<Context>[] {
    const expired: PendingRequest<Context>[] = [];
    if (nowMs < this.#sparedUntilMs) return expired;
    while (this.#oldest !== null && this.#oldest.deadlineMs <= nowMs) {
      expired.push(this.#oldest);
      this.remove(this.#oldest);
    }
    return expired;
  }

  /** Empties the window: its session has ended. */
  takeAll(): readonly PendingRequest<Context>[] {
    const all: PendingRequest<Context>[] = [];
    while (this.#oldest !== null) {
      all.push(this.#oldest);
      this.remove(this.#oldest);
    }
    this.#unwritten = [];
    return all;
  }

  /** Nothing was read for a while, so that responses may lie unread: requests overdue meanwhile get a moment more. */
  spareOverdue(nowMs: number): void {
    this.#sparedUntilMs = nowMs + Math.min(RESUME_GRACE_MS, this.#timeoutMs);
  }

  #placeOf(sequence: number): number {
    return sequence & (this.#places.length - 1);
  }

  #find(sequence: number): PlacedRequest<Context> | undefined {
    const request = this.#places[this.#placeOf(sequence)];
    return request?.sequence === sequence ? request : undefined;
  }

  #widen(): void {
    this.#places = emptyPlaces(this.#places.length * 2);
    for (let request = this.#oldest; request !== null; request = request.newer)
      this.#places[this.#placeOf(request.sequence)] = request;
  }
}

function emptyPlaces<Request>(count: number): (Request | undefined)[] {
  return Array.from({ length: count });
}
