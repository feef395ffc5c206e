import type { Clock } from "../../domain/clock.ts";
import { type CustomerId, type EventId, firstIdAt, timeOfId } from "../../domain/ids.ts";
import { addMs } from "../../domain/micros.ts";
import type { RecountStore } from "../../store/recounting.ts";
import {
  SOCKET_ANSWERS_MAX,
  SOCKET_BACKLOG_MAX_BYTES,
  SOCKET_SLOW_MAX_MS,
  TOPICS_PER_SOCKET_MAX,
} from "../limits.ts";
import { readCommand } from "./command.ts";
import { type Beginning, EventCursor, type ReadEvent } from "./event-cursor.ts";
import { type FrameDeps, renderFrame } from "./frame.ts";
import { isOwnTopic, takesIn } from "./topics.ts";

/** The part of a WebSocket that is needed here. */
export interface Wire {
  readonly bufferedAmount: number;
  /** @param onTaken called once it has left this process */
  send(text: string, onTaken: () => void): void;
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

/** So far may the clocks of nodes be apart: whoever went on after an event of a later time would hear nothing until then. */
const CLOCKS_APART_MAX_MS = 60_000;

/** RFC 6455 §7.4.1 and IANA: 1013 asks to come back later. */
const [POLICY_VIOLATION, TRY_AGAIN_LATER] = [1008, 1013];

/** Sorts before every id. */
const FIRST = "" as EventId; // branded: compared with ids only

/** An answer that is given once a look for events went so far: the client hears of every change from then on. */
interface OwedAnswer {
  readonly type: "subscribed" | "unsubscribed";
  readonly topics: readonly string[];
  readonly upTo: EventId;
}

/**
 * One client's WebSocket. Events are read from the store as fast as the client reads from us: what it has not taken waits in
 * the store and not in memory, and one that does not read at all is sent away, to come back with `last_event_id`.
 */
export class LiveSocket {
  readonly customerId: CustomerId;
  readonly #wire: Wire;
  readonly #deps: LiveSocketDeps;
  readonly #onTaken: () => void;
  readonly #topics = new Map<string, EventId>();
  #cursor: EventCursor | null = null;
  /** Whether the store may have something that was not read. */
  #mayHaveNews = false;
  /** Read and not told yet; never more than a page. */
  #pending: readonly ReadEvent[] = [];
  /** The client has heard of what it wants up to here. */
  #heardTo: EventId | null = null;
  #owed: readonly OwedAnswer[] = [];
  #slowSinceMs: number | null = null;
  #isOpen = true;
  #hasAnswered = true;
  #sentBytes = 0;
  /** What the client had taken of it at the last beat. */
  #takenBytes = 0;

  /** @param onRoom called when it was slow and there is room again for what waits */
  constructor(wire: Wire, customerId: CustomerId, deps: LiveSocketDeps, onRoom: () => void) {
    this.#wire = wire;
    this.customerId = customerId;
    this.#deps = deps;
    this.#onTaken = () => {
      if (this.#slowSinceMs !== null && wire.bufferedAmount <= SOCKET_BACKLOG_MAX_BYTES) onRoom();
    };
  }

  /** The store has something new of the customer. */
  expectNews(): void {
    this.#mayHaveNews = true;
  }

  /** Whether a turn may come to something. */
  isDue(): boolean {
    if (!this.#isOpen || this.#cursor === null) return false;
    if (this.#mayHaveNews || this.#pending.length > 0 || this.#slowSinceMs !== null) return true;
    return this.#cursor.isDue(this.#deps.clock.now());
  }

  /** Takes what the client says. */
  hear(text: string): void {
    if (!this.#isOpen) return;
    const command = readCommand(text);
    switch (command.kind) {
      case "wrong":
        this.#complain(command.message);
        return;
      case "unsubscribe":
        for (const topic of command.topics) this.#topics.delete(topic);
        if (this.#topics.size === 0) this.#end();
        if (command.wantsAck) this.#owe({ type: "unsubscribed", topics: command.topics, upTo: FIRST });
        return;
      case "subscribe": {
        const after = command.lastEventId ?? (firstIdAt(this.#deps.clock.now()) as EventId); // branded: compared with ids only
        if (!this.#subscribe(command.topics, { after, isResumed: command.lastEventId !== null })) return;
        if (command.wantsAck) this.#owe({ type: "subscribed", topics: command.topics, upTo: after });
        return;
      }
      default:
        throw new Error("a command of no known kind", { cause: command satisfies never });
    }
  }

  #subscribe(topics: readonly string[], beginning: Beginning): boolean {
    const foreign = topics.filter((topic) => !isOwnTopic(topic, this.customerId));
    const all = new Set([...this.#topics.keys(), ...topics]);
    if (foreign.length > 0)
      return this.#complain("a topic begins with customer_id: and your own id", foreign);
    if (all.size > TOPICS_PER_SOCKET_MAX)
      return this.#complain(`there may be ${TOPICS_PER_SOCKET_MAX} topics at most`);
    const { after, isResumed } = beginning;
    if (timeOfId(after) > addMs(this.#deps.clock.now(), CLOCKS_APART_MAX_MS))
      return this.#complain("last_event_id is of a time that has not come");
    if (this.#cursor === null) this.#begin(beginning);
    else if (isResumed) this.#beginAgain(after);
    for (const topic of topics) {
      if (isResumed || !this.#topics.has(topic)) this.#topics.set(topic, after);
    }
    return true;
  }

  #begin(beginning: Beginning): void {
    this.#cursor = new EventCursor(this.#deps.store, this.customerId, beginning);
    this.#pending = [];
    this.#heardTo = beginning.after;
  }

  /** Nothing is looked for that answers could wait for. */
  #end(): void {
    this.#cursor = null;
    while (this.#owed.length > 0) this.#giveAnswer();
  }

  /** Reads from another event on, for some topics; all others go on with what was not heard of yet. */
  #beginAgain(after: EventId): void {
    const heardTo = this.#heardTo ?? after;
    for (const [topic, its] of this.#topics) if (its < heardTo) this.#topics.set(topic, heardTo);
    this.#begin({ after: after < heardTo ? after : heardTo, isResumed: true });
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
    const [cursor, owed] = [this.#cursor, this.#owed];
    if (cursor === null) return false;
    this.#mayHaveNews = false;
    const { events, isMore, reached } = await cursor.read(this.#deps.clock.now());
    if (cursor !== this.#cursor) return true; // the client has asked to begin elsewhere meanwhile
    this.#mayHaveNews ||= isMore;
    for (const answer of owed) {
      if (reached !== null && answer.upTo > reached) break;
      this.#giveAnswer();
    }
    const wanted = events.filter((event) => takesIn(this.#topics, event));
    await cursor.close(wanted);
    if (cursor !== this.#cursor) return true;
    this.#pending = wanted;
    return isMore || wanted.length > 0;
  }

  async #tell(event: ReadEvent): Promise<void> {
    if (this.#heardTo === null || event.id > this.#heardTo) this.#heardTo = event.id;
    const frame = await renderFrame(event, this.#deps);
    if (frame !== null && this.#isOpen && takesIn(this.#topics, event)) this.#send(frame);
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

  /** Sends a ping; a client is cut off that has not answered the one before, nor taken of what waits before it. */
  beat(): void {
    if (!this.#isOpen) return;
    const takenBytes = this.#sentBytes - this.#wire.bufferedAmount;
    const hasTaken = takenBytes > this.#takenBytes;
    this.#takenBytes = takenBytes;
    if (!this.#hasAnswered && !hasTaken) {
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

  /** The connection is no more: nothing is read for it. */
  gone(): void {
    this.#isOpen = false;
  }

  #complain(message: string, topics?: readonly string[]): false {
    this.#say({ type: "error", message, ...(topics !== undefined && { topics }) });
    return false;
  }

  #owe(answer: OwedAnswer): void {
    this.#owed = [...this.#owed, answer];
    if (this.#owed.length > SOCKET_ANSWERS_MAX)
      this.leave(POLICY_VIOLATION, `you wait for ${SOCKET_ANSWERS_MAX} answers already`);
    this.#mayHaveNews = true; // an answer comes after a look
    if (this.#cursor === null) this.#end();
  }

  #giveAnswer(): void {
    const [answer, ...rest] = this.#owed;
    this.#owed = rest;
    if (answer !== undefined) this.#say({ type: answer.type, topics: answer.topics });
  }

  /** Answers to commands wait in memory too, so who sends many and reads none is cut off. */
  #say(answer: Readonly<Record<string, unknown>>): void {
    if (!this.#isOpen) return;
    if (this.#wire.bufferedAmount > SOCKET_BACKLOG_MAX_BYTES)
      this.leave(TRY_AGAIN_LATER, "you read too slowly: come back with last_event_id");
    else this.#send(JSON.stringify(answer));
  }

  #send(text: string): void {
    this.#sentBytes += Buffer.byteLength(text);
    this.#wire.send(text, this.#onTaken);
  }
}
