import type { MessageEvent } from "../../domain/event.ts";
import { type CustomerId, type EventId, firstIdAt } from "../../domain/ids.ts";
import { addMs, type Micros } from "../../domain/micros.ts";
import type { RecountStore } from "../../store/recounting.ts";

/**
 * An event's id is made before its commit, so one may come to light after another with a greater id. So far back is looked
 * again; a commit that takes longer than that answers no client either.
 */
export const LOOK_BACK_MS = 3_000;
/** Events read at once. */
export const CURSOR_PAGE = 200;

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
    const recent = firstIdAt(addMs(now, -LOOK_BACK_MS)) as EventId; // branded: compared with ids only
    for (const { id } of events) if (id >= recent) this.#seen.add(id);
    const last = page.at(-1)?.id;
    if (page.length === CURSOR_PAGE && last !== undefined) {
      this.#at = last;
      return { events, isMore: true };
    }
    if (recent > this.#floor) this.#floor = recent;
    this.#at = this.#floor;
    for (const id of this.#seen) if (id < this.#floor) this.#seen.delete(id);
    return { events, isMore: false };
  }
}
