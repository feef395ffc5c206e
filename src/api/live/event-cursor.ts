import { type CustomerId, type EventId, firstIdAt, timeOfId } from "../../domain/ids.ts";
import { addMs, type Micros, micros } from "../../domain/micros.ts";
import { ABSORBING_MAX_MS } from "../../store/absorbing.ts";
import type { FedEvent, RecountStore } from "../../store/recounting.ts";

/**
 * An event's id is made before its commit, so one may come to light after another with a greater id. So far back is looked
 * again each time, which is more than nearly all commits take.
 */
const LOOK_BACK_MS = 3_000;
/**
 * Commits that wait for a lock or a standby are answered later, and settlements are tried again until they are. And an event
 * takes in changes for half a minute. So now and then it is looked back a minute, and for as long as passes between two such
 * looks.
 */
const LONG_LOOK_BACK_MS = 2 * ABSORBING_MAX_MS + 10_000;
export const LONG_LOOK_EVERY_MS = 5_000;
/** Events read at once. */
export const CURSOR_PAGE = 200;
/** Events remembered beside those of the short look, half a mebibyte: where more come, the long look goes back less far. */
export const REMEMBERED_MAX = 5_000;
/** Of them, so many make room at a time. */
const FORGOTTEN_AT_ONCE = 1_000;
/** Remembered as the version of an event that takes in nothing more. */
const LAST_VERSION = Number.POSITIVE_INFINITY;

/** Where a reader begins: after an event it was told of, or at a time from which on it wants to be told. */
export interface Beginning {
  readonly after: EventId;
  /** Whether it was told of what is before, as far as that was to be told then. */
  readonly isResumed: boolean;
}

/** An event that a look brought. */
export interface ReadEvent extends FedEvent {
  /** It is from before the beginning, or was read before, and came to light or changed since. */
  readonly isLate: boolean;
}

interface Look {
  readonly events: readonly ReadEvent[];
  /** Whether the next look may bring some at once. */
  readonly isMore: boolean;
  /** So far it went: null for as far as there are events. */
  readonly reached: EventId | null;
}

type FedStore = Pick<RecountStore, "listEvents" | "closeEvents">;

/** Where a reader of a customer's events stands. */
export class EventCursor {
  readonly #store: FedStore;
  readonly #customerId: CustomerId;
  readonly #beginning: Beginning;
  /** Until then an event from before the beginning may take in changes. */
  readonly #watchUntil: Micros;
  /** Whether what was there at the beginning has been looked at: what comes to light there from now on is new. */
  #hasBegun = false;
  /** Everything up to here has been read and will not be looked at again. */
  #floor: EventId;
  /** Where the next page begins: beyond the floor while there is more to catch up with. */
  #at: EventId;
  /** What was read beyond the floor, each in its last version that was. */
  readonly #seen = new Map<EventId, number>();
  /** When to look far back the next time. */
  #longLookAt: Micros | null = null;

  constructor(store: FedStore, customerId: CustomerId, beginning: Beginning) {
    this.#store = store;
    this.#customerId = customerId;
    this.#beginning = beginning;
    const begun = timeOfId(beginning.after);
    this.#watchUntil = addMs(begun, ABSORBING_MAX_MS);
    this.#floor = before(begun, LONG_LOOK_BACK_MS);
    this.#at = this.#floor;
  }

  /** Whether it is time to look far back, though nobody said that there is something new. */
  isDue(now: Micros): boolean {
    return this.#longLookAt === null || now >= this.#longLookAt;
  }

  /** The next events that were not read before, or not as they are now. */
  async read(now: Micros): Promise<Look> {
    const page = await this.#store.listEvents(this.#customerId, this.#at, CURSOR_PAGE);
    const events = page
      .filter(({ id, version }) => version > (this.#seen.get(id) ?? 0))
      .map((event) => ({ ...event, isLate: this.#isOld(event) || this.#seen.has(event.id) }));
    for (const { id, version } of events) this.#seen.set(id, version);
    const recent = before(now, LOOK_BACK_MS);
    const last = page.at(-1)?.id;
    const isMore = page.length === CURSOR_PAGE && last !== undefined;
    const reached = isMore ? last : null;
    const told = this.#hasBegun ? events : events.filter((event) => this.#isToBeTold(event));
    this.#hasBegun ||= reached === null || reached >= this.#beginning.after;
    // Nothing is forgotten that a page to come, or any look, will show again.
    if (this.#seen.size > REMEMBERED_MAX) this.#makeRoom(isMore && last < recent ? last : recent);
    this.#at = isMore ? last : this.#beginAgain(now, recent);
    return { events: told, isMore, reached };
  }

  /**
   * Makes events take in nothing more, which are told from now on. What they took in since they were read is told with them:
   * their messages are read after this.
   */
  async close(events: readonly FedEvent[]): Promise<void> {
    const open = events.filter(({ isOpen }) => isOpen);
    if (open.length > 0) await this.#store.closeEvents(open);
    for (const { id } of open) if (this.#seen.has(id)) this.#seen.set(id, LAST_VERSION);
  }

  #isOld({ id }: FedEvent): boolean {
    return id <= this.#beginning.after;
  }

  /**
   * Of what was there at the beginning a reader need not hear. Who goes on after a break was not told of what took in changes
   * and is open still.
   */
  #isToBeTold(event: FedEvent): boolean {
    if (!this.#isOld(event)) return true;
    return this.#beginning.isResumed && event.isOpen && event.version > 1;
  }

  /** All pages were read: answers where the next look begins. */
  #beginAgain(now: Micros, recent: EventId): EventId {
    const costsNothing = now < this.#watchUntil && this.#seen.size < CURSOR_PAGE;
    if (!this.isDue(now) && !costsNothing) return recent > this.#floor ? recent : this.#floor;
    this.#longLookAt = addMs(now, LONG_LOOK_EVERY_MS);
    this.#forget(before(now, LONG_LOOK_BACK_MS));
    return this.#floor;
  }

  #makeRoom(until: EventId): void {
    const id = [...this.#seen.keys()].toSorted()[FORGOTTEN_AT_ONCE - 1];
    this.#forget(id !== undefined && id < until ? id : until);
  }

  #forget(until: EventId): void {
    if (until <= this.#floor) return;
    this.#floor = until;
    for (const id of this.#seen.keys()) if (id <= until) this.#seen.delete(id);
  }
}

/** Sorts before every id that was made since; the least of all where a client names an event of 1970. */
function before(time: Micros, ms: number): EventId {
  return firstIdAt(micros(Math.max(0, addMs(time, -ms)))) as EventId; // branded: compared with ids only
}
