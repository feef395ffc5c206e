import type { MessageEvent } from "../../domain/event.ts";
import { type CustomerId, type EventId, firstIdAt } from "../../domain/ids.ts";
import { addMs, type Micros } from "../../domain/micros.ts";
import type { RecountStore } from "../../store/recounting.ts";

/**
 * An event's id is made before its commit, so one may come to light after another with a greater id. So far back is looked
 * again each time, which is more than nearly all commits take.
 */
const LOOK_BACK_MS = 3_000;
/**
 * Commits that wait for a lock or a standby are answered later, and settlements are tried again until they are. So now and
 * then it is looked back a minute, and for as long as passes between two such looks.
 */
const LONG_LOOK_BACK_MS = 70_000;
export const LONG_LOOK_EVERY_MS = 5_000;
/** Events read at once. */
export const CURSOR_PAGE = 200;
/** Ids remembered beside those of the short look, half a mebibyte: where more come, the long look goes back less far. */
export const REMEMBERED_MAX = 5_000;
/** Of them, so many make room at a time. */
const FORGOTTEN_AT_ONCE = 1_000;

/** Where a reader of a customer's events stands. */
export class EventCursor {
  readonly #store: Pick<RecountStore, "listEvents">;
  readonly #customerId: CustomerId;
  /** Everything up to here has been read and will not be looked at again. */
  #floor: EventId;
  /** Where the next page begins: beyond the floor while there is more to catch up with. */
  #at: EventId;
  /** What was read beyond the floor. */
  readonly #seen = new Set<EventId>();
  /** When to look far back the next time. */
  #longLookAt: Micros | null = null;

  /** @param after the event after which to begin */
  constructor(store: Pick<RecountStore, "listEvents">, customerId: CustomerId, after: EventId) {
    this.#store = store;
    this.#customerId = customerId;
    this.#floor = after;
    this.#at = after;
  }

  /** The next events that were not read before; `isMore` when the next call may bring some at once. */
  async read(now: Micros): Promise<{ readonly events: readonly MessageEvent[]; readonly isMore: boolean }> {
    const page = await this.#store.listEvents(this.#customerId, this.#at, CURSOR_PAGE);
    const events = page.filter(({ id }) => !this.#seen.has(id));
    for (const { id } of events) this.#seen.add(id);
    const recent = before(now, LOOK_BACK_MS);
    const last = page.at(-1)?.id;
    const isMore = page.length === CURSOR_PAGE && last !== undefined;
    // Nothing is forgotten that a page to come, or any look, will show again.
    if (this.#seen.size > REMEMBERED_MAX) this.#makeRoom(isMore && last < recent ? last : recent);
    this.#at = isMore ? last : this.#beginAgain(now, recent);
    return { events, isMore };
  }

  /** All pages were read: answers where the next look begins. */
  #beginAgain(now: Micros, recent: EventId): EventId {
    if (this.#longLookAt !== null && now < this.#longLookAt)
      return recent > this.#floor ? recent : this.#floor;
    this.#longLookAt = addMs(now, LONG_LOOK_EVERY_MS);
    this.#forget(before(now, LONG_LOOK_BACK_MS));
    return this.#floor;
  }

  #makeRoom(until: EventId): void {
    const id = [...this.#seen].toSorted()[FORGOTTEN_AT_ONCE - 1];
    this.#forget(id !== undefined && id < until ? id : until);
  }

  #forget(until: EventId): void {
    if (until <= this.#floor) return;
    this.#floor = until;
    for (const id of this.#seen) if (id <= until) this.#seen.delete(id);
  }
}

/** Sorts before every id that was made since. */
function before(now: Micros, ms: number): EventId {
  return firstIdAt(addMs(now, -ms)) as EventId; // branded: compared with ids only
}
