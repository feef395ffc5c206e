import type { Clock } from "../../domain/clock.ts";
import type { MessageEvent } from "../../domain/event.ts";
import { type CustomerId, type EventId, firstIdAt } from "../../domain/ids.ts";
import type { RecountStore } from "../../store/recounting.ts";
import { SOCKET_BACKLOG_MAX_BYTES, SOCKET_SLOW_MAX_MS, TOPICS_PER_SOCKET_MAX } from "../limits.ts";
import { readCommand } from "./command.ts";
import { EventCursor } from "./event-cursor.ts";
import { type FrameDeps, renderFrame } from "./frame.ts";
import { isOwnTopic, takesIn } from "./topics.ts";

/** The part of a WebSocket that is needed here. */
export interface Wire {
  readonly bufferedAmount: number;
  send(text: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface LiveSocketDeps extends FrameDeps {
  readonly store: FrameDeps["store"] & Pick<RecountStore, "listEvents" | "closeEvents">;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
}

/** Events told, or pages read, before others have their turn: one that catches up must not hold up those that live. */
export const STEPS_PER_TURN = 100;

/** RFC 6455 §7.4.1 and IANA: 1013 asks to come back later. */
const TRY_AGAIN_LATER = 1013;

/**
 * One client's WebSocket. Events are read from the store as fast as the client reads from us: what it has not taken waits in
 * the store and not in memory, and one that does not read at all is sent away, to come back with `last_event_id`.
 */
export class LiveSocket {
  readonly customerId: CustomerId;
  readonly #wire: Wire;
  readonly #deps: LiveSocketDeps;
  readonly #topics = new Map<string, EventId>();
  #cursor: EventCursor | null = null;
  /** Read and not told yet; never more than a page. */
  #pending: readonly MessageEvent[] = [];
  #slowSinceMs: number | null = null;
  #isOpen = true;
  #hasAnswered = true;

  constructor(wire: Wire, customerId: CustomerId, deps: LiveSocketDeps) {
    this.#wire = wire;
    this.customerId = customerId;
    this.#deps = deps;
  }

  /** Takes what the client says. */
  hear(text: string): void {
    const command = readCommand(text);
    switch (command.kind) {
      case "wrong":
        this.#complain(command.message);
        return;
      case "unsubscribe":
        for (const topic of command.topics) this.#topics.delete(topic);
        if (this.#topics.size === 0) this.#cursor = null;
        if (command.wantsAck) this.#say({ type: "unsubscribed", topics: command.topics });
        return;
      case "subscribe":
        if (!this.#subscribe(command.topics, command.lastEventId)) return;
        if (command.wantsAck) this.#say({ type: "subscribed", topics: command.topics });
        return;
      default:
        throw new Error("a command of no known kind", { cause: command satisfies never });
    }
  }

  #subscribe(topics: readonly string[], lastEventId: EventId | null): boolean {
    const foreign = topics.filter((topic) => !isOwnTopic(topic, this.customerId));
    const all = new Set([...this.#topics.keys(), ...topics]);
    if (foreign.length > 0)
      return this.#complain("a topic begins with customer_id: and your own id", foreign);
    if (all.size > TOPICS_PER_SOCKET_MAX)
      return this.#complain(`there may be ${TOPICS_PER_SOCKET_MAX} topics at most`);
    const { store, clock } = this.#deps;
    const after = lastEventId ?? (firstIdAt(clock.now()) as EventId); // branded: compared with ids only
    for (const topic of topics) {
      if (lastEventId !== null || !this.#topics.has(topic)) this.#topics.set(topic, after);
    }
    if (this.#cursor !== null && lastEventId === null) return true;
    this.#cursor = new EventCursor(store, this.customerId, after);
    this.#pending = [];
    return true;
  }

  /**
   * Tells the client what is new, as far as it keeps up and its turn goes. One call at a time.
   * @returns whether there is more to be had at once
   */
  async pump(): Promise<boolean> {
    for (let step = 0; step < STEPS_PER_TURN; step++) {
      if (!this.#isOpen || this.#topics.size === 0 || !this.#hasRoom()) return false;
      const [event, ...rest] = this.#pending;
      if (event !== undefined) {
        this.#pending = rest;
        await this.#tell(event);
      } else if (!(await this.#readOn())) return false;
    }
    return true;
  }

  /** Whether there was something to read, or more may be had at once. */
  async #readOn(): Promise<boolean> {
    const { store, clock } = this.#deps;
    const cursor = this.#cursor;
    if (cursor === null) return false;
    const { events, isMore } = await cursor.read(clock.now());
    if (cursor !== this.#cursor) return true; // the client has asked to begin elsewhere meanwhile
    const wanted = events.filter((event) => takesIn(this.#topics, event));
    if (wanted.length > 0) await store.closeEvents(wanted);
    this.#pending = cursor === this.#cursor ? wanted : [];
    return isMore || this.#pending.length > 0;
  }

  async #tell(event: MessageEvent): Promise<void> {
    const frame = await renderFrame(event, this.#deps);
    if (frame !== null && this.#isOpen) this.#wire.send(frame);
  }

  #hasRoom(): boolean {
    const nowMs = this.#deps.monotonicMs();
    if (this.#wire.bufferedAmount <= SOCKET_BACKLOG_MAX_BYTES) {
      this.#slowSinceMs = null;
      return true;
    }
    this.#slowSinceMs ??= nowMs;
    if (nowMs - this.#slowSinceMs >= SOCKET_SLOW_MAX_MS)
      this.leave(TRY_AGAIN_LATER, "you read too slowly: come back with last_event_id");
    return false;
  }

  /** Sends a ping; a client that has not answered the one before is cut off. */
  beat(): void {
    if (!this.#isOpen) return;
    if (!this.#hasAnswered) {
      this.cut();
      return;
    }
    this.#hasAnswered = false;
    this.#wire.ping();
  }

  /** The client answered a ping. */
  answered(): void {
    this.#hasAnswered = true;
  }

  /** Ends it with a reason of at most 123 bytes (RFC 6455 §5.5). */
  leave(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#wire.close(code, reason);
  }

  /** Ends it without a word. */
  cut(): void {
    this.#isOpen = false;
    this.#wire.terminate();
  }

  #complain(message: string, topics?: readonly string[]): false {
    this.#say({ type: "error", message, ...(topics !== undefined && { topics }) });
    return false;
  }

  /** Answers to commands wait in memory too, so who sends many and reads none is cut off. */
  #say(answer: Readonly<Record<string, unknown>>): void {
    if (!this.#isOpen) return;
    if (this.#wire.bufferedAmount > SOCKET_BACKLOG_MAX_BYTES)
      this.leave(TRY_AGAIN_LATER, "you read too slowly: come back with last_event_id");
    else this.#wire.send(JSON.stringify(answer));
  }
}
