import { describe, expect, it } from "vitest";
import {
  createIds,
  type CustomerId,
  type EventId,
  firstIdAt,
  isUuid,
  type MessageId,
} from "../../domain/ids.ts";
import { addMs, type Micros, micros } from "../../domain/micros.ts";
import { ABSORBING_MAX_MS } from "../../store/absorbing.ts";
import type { FedEvent } from "../../store/recounting.ts";
import { CURSOR_PAGE, EventCursor, LONG_LOOK_EVERY_MS, REMEMBERED_MAX } from "./event-cursor.ts";

const CUSTOMER = "00000000-0000-7000-8000-000000000001" as CustomerId;
const BEGUN = micros(Date.UTC(2026, 0, 1) * 1_000);
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** A reader of a customer's events, and the store that it reads from. Times are milliseconds after the reader's beginning. */
function setUp({ isResumed = false } = {}) {
  const ids = createIds((bytes) => crypto.getRandomValues(bytes));
  const order: EventId[] = [];
  const events = new Map<EventId, FedEvent>();
  let reads = 0;
  const store = {
    async listEvents(_customer: CustomerId, after: EventId, limit: number) {
      reads += 1;
      const first = order.findLastIndex((id) => id <= after) + 1;
      return order.slice(first, first + limit).flatMap((id) => events.get(id) ?? []);
    },
    async closeEvents(told: readonly { readonly id: EventId }[]) {
      for (const { id } of told) change(id, { isOpen: false });
    },
  };
  const cursor = new EventCursor(store, CUSTOMER, { after: firstIdAt(BEGUN) as EventId, isResumed });
  const at = (ms: number): Micros => addMs(BEGUN, ms);

  /** Commits an event whose id was made at a time. */
  function commit(madeMs: number, changes: Partial<FedEvent> = {}): EventId {
    const id = ids.at(at(madeMs)) as EventId;
    const messageId = ids.at(at(madeMs)) as MessageId;
    order.splice(order.findLastIndex((other) => other < id) + 1, 0, id);
    const event = { id, customerId: CUSTOMER, messageId, version: 1, changed: [], isOpen: true } as const;
    events.set(id, { ...event, type: "message_updated", ...changes });
    return id;
  }

  function change(id: EventId, changes: Partial<FedEvent>): void {
    const event = events.get(id);
    if (event !== undefined) events.set(id, { ...event, ...changes });
  }

  /** What a poll tells; `meanwhile` happens before what was read is closed. */
  async function poll(ms: number, meanwhile = () => {}): Promise<readonly EventId[]> {
    const told: EventId[] = [];
    for (;;) {
      const { events: read, isMore } = await cursor.read(at(ms));
      meanwhile();
      await cursor.close(read);
      told.push(...read.map(({ id }) => id));
      if (!isMore) return told;
    }
  }

  /** Polls every second from a time until another, and answers all that was told. */
  async function pollOn(fromMs: number, untilMs: number): Promise<readonly EventId[]> {
    const told: EventId[] = [];
    for (let ms = fromMs; ms < untilMs; ms += SECOND_MS) told.push(...(await poll(ms)));
    return told;
  }

  return { commit, change, poll, pollOn, reads: () => reads };
}

describe("a reader of events", () => {
  it("tells at once what is committed within a little after later ones", async () => {
    const { commit, poll } = setUp();
    const later = commit(1_500);
    expect(await poll(1_500)).toEqual([later]);
    const late = commit(10);
    expect(await poll(2_500)).toEqual([late]);
  });

  it("tells once, and soon, what is committed up to a minute after its id was made", async () => {
    const { commit, pollOn } = setUp();
    const later = [commit(5_000), commit(30_000), commit(MINUTE_MS)];
    expect(await pollOn(0, MINUTE_MS)).toEqual(later);
    const late = commit(0);
    expect(await pollOn(MINUTE_MS, MINUTE_MS + LONG_LOOK_EVERY_MS + SECOND_MS)).toEqual([late]);
    expect(await pollOn(2 * MINUTE_MS, 4 * MINUTE_MS)).toEqual([]);
  });

  it("tells nothing that was there at its beginning, but what comes to light later", async () => {
    const { commit, pollOn } = setUp();
    commit(-1);
    commit(-1, { version: 2 });
    expect(await pollOn(0, 10_000)).toEqual([]);
    const late = commit(-1);
    expect(await pollOn(10_000, 2 * MINUTE_MS)).toEqual([late]);
  });

  it("tells at the next poll what was there at its beginning and took in a change since", async () => {
    const { commit, change, poll, pollOn } = setUp();
    const old = commit(-ABSORBING_MAX_MS + SECOND_MS);
    const young = commit(-1);
    await poll(0);
    change(old, { version: 2 });
    expect(await poll(1_000)).toEqual([old]);
    expect(await pollOn(2_000, ABSORBING_MAX_MS - 1_000)).toEqual([]);
    change(young, { version: 2 });
    expect(await poll(ABSORBING_MAX_MS - 1_000)).toEqual([young]);
    expect(await pollOn(ABSORBING_MAX_MS, 3 * MINUTE_MS)).toEqual([]);
  });

  it("tells a change that took half a minute to be committed", async () => {
    const { commit, change, pollOn } = setUp();
    const old = commit(-ABSORBING_MAX_MS + SECOND_MS);
    await pollOn(0, 30_000);
    change(old, { version: 2 });
    expect(await pollOn(30_000, 30_000 + LONG_LOOK_EVERY_MS + SECOND_MS)).toEqual([old]);
  });

  it("tells once what takes in another change before it is closed", async () => {
    const { commit, change, poll, pollOn } = setUp();
    await poll(0);
    const id = commit(500);
    expect(await poll(1_000, () => change(id, { version: 2 }))).toEqual([id]);
    expect(await pollOn(2_000, MINUTE_MS)).toEqual([]);
  });

  it("tells who goes on after a break what took in changes that nobody was told of", async () => {
    const { commit, poll, pollOn } = setUp({ isResumed: true });
    commit(-3_000);
    commit(-2_000, { version: 2, isOpen: false });
    const missed = commit(-1_000, { version: 2 });
    const later = commit(1_000);
    expect(await poll(2_000)).toEqual([missed, later]);
    expect(await pollOn(3_000, MINUTE_MS)).toEqual([]);
  });

  it("begins anywhere, be it with the least of all ids", async () => {
    const first = "00000000-0000-0000-0000-000000000000" as EventId;
    const places: EventId[] = [];
    const listEvents = async (_customer: CustomerId, after: EventId) => (places.push(after), []);
    const store = { listEvents, closeEvents: async () => undefined };
    await new EventCursor(store, CUSTOMER, { after: first, isResumed: true }).read(BEGUN);
    expect(places.filter((place) => !isUuid(place))).toEqual([]);
  });

  it("reads no more often for looking far back, while little comes", async () => {
    const { commit, pollOn, reads } = setUp();
    for (let ms = 0; ms < MINUTE_MS; ms += 2 * SECOND_MS) commit(ms);
    await pollOn(0, MINUTE_MS);
    expect(reads()).toBe(MINUTE_MS / SECOND_MS);
  });

  it("remembers so many that a late one is still told", async () => {
    const { commit, pollOn } = setUp();
    for (let n = 0; n < REMEMBERED_MAX; n++) commit(1 + n / REMEMBERED_MAX);
    expect(await pollOn(0, 20_000)).toHaveLength(REMEMBERED_MAX);
    const late = commit(0);
    expect(await pollOn(20_000, 30_000)).toEqual([late]);
  });

  it("looks back less far when more come than it remembers, and tells none of them twice", async () => {
    const { commit, pollOn } = setUp();
    const many = REMEMBERED_MAX + 1;
    for (let n = 0; n < many; n++) commit(1 + n / many);
    expect(await pollOn(0, 20_000)).toHaveLength(many);
    commit(0); // before what was forgotten
    const late = commit(1.9);
    expect(await pollOn(20_000, 40_000)).toEqual([late]);
  });

  it("tells each of very many once, among them late ones, as they come", async () => {
    const { commit, poll } = setUp();
    const committed: EventId[] = [];
    const told: EventId[] = [];
    for (let ms = 0; ms < 2 * MINUTE_MS; ms += SECOND_MS) {
      for (let n = 0; n < CURSOR_PAGE; n++) committed.push(commit(ms + n));
      if (ms >= 10_000) committed.push(commit(ms - 9_900));
      told.push(...(await poll(ms + 500)));
    }
    for (let ms = 2 * MINUTE_MS; ms < 3 * MINUTE_MS; ms += SECOND_MS) told.push(...(await poll(ms)));
    expect(told.toSorted()).toEqual(committed.toSorted());
  });
});
