import { describe, expect, it } from "vitest";
import type { MessageEvent } from "../../domain/event.ts";
import { createIds, type CustomerId, type EventId, firstIdAt, type MessageId } from "../../domain/ids.ts";
import { addMs, type Micros, micros } from "../../domain/micros.ts";
import { CURSOR_PAGE, EventCursor, LONG_LOOK_EVERY_MS, REMEMBERED_MAX } from "./event-cursor.ts";

const CUSTOMER = "00000000-0000-7000-8000-000000000001" as CustomerId;
const BEGUN = micros(Date.UTC(2026, 0, 1) * 1_000);
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** A reader of a customer's events, and the store that it reads from. Times are milliseconds after the reader's beginning. */
function setUp() {
  const ids = createIds((bytes) => crypto.getRandomValues(bytes));
  const events: MessageEvent[] = [];
  let reads = 0;
  const store = {
    async listEvents(_customer: CustomerId, after: EventId, limit: number) {
      reads += 1;
      const first = events.findLastIndex(({ id }) => id <= after) + 1;
      return events.slice(first, first + limit);
    },
  };
  const cursor = new EventCursor(store, CUSTOMER, firstIdAt(BEGUN) as EventId);
  const at = (ms: number): Micros => addMs(BEGUN, ms);

  /** Commits an event whose id was made at a time. */
  function commit(madeMs: number): EventId {
    const id = ids.at(at(madeMs)) as EventId;
    const messageId = ids.at(at(madeMs)) as MessageId;
    const place = events.findLastIndex((event) => event.id < id) + 1;
    const type = "message_created";
    events.splice(place, 0, { id, customerId: CUSTOMER, messageId, type, version: 1, changed: [] });
    return id;
  }

  /** What a poll tells. */
  async function poll(ms: number): Promise<readonly EventId[]> {
    const told: EventId[] = [];
    for (;;) {
      const { events: read, isMore } = await cursor.read(at(ms));
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

  return { commit, poll, pollOn, reads: () => reads };
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

  it("tells nothing that came before its beginning", async () => {
    const { commit, pollOn } = setUp();
    await pollOn(0, 10_000);
    commit(-1);
    expect(await pollOn(10_000, MINUTE_MS)).toEqual([]);
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
