import { describe, expect, it } from "vitest";
import { createClock } from "../../domain/clock.ts";
import { createIds, type CustomerId, type EventId, type MessageId } from "../../domain/ids.ts";
import { addMs } from "../../domain/micros.ts";
import type { Message } from "../../domain/message.ts";
import type { FedEvent } from "../../store/recounting.ts";
import { SOCKET_ANSWERS_MAX, SOCKET_BACKLOG_MAX_BYTES, SOCKET_SLOW_MAX_MS } from "../limits.ts";
import { CURSOR_PAGE, LONG_LOOK_EVERY_MS } from "./event-cursor.ts";
import { LiveSocket, STEPS_PER_TURN } from "./live-socket.ts";

const CUSTOMER = "00000000-0000-7000-8000-000000000001" as CustomerId;
const TOPIC = `customer_id:${CUSTOMER}:message`;

/** A socket before a store with so many events, and a wire that takes what it is told to. */
function setUp(count: number) {
  let nowMs = 0;
  const clock = createClock(() => Date.UTC(2026, 0, 1) + nowMs);
  const ids = createIds((bytes) => crypto.getRandomValues(bytes));
  const said: string[] = [];
  const ends: string[] = [];
  const wire = {
    bufferedAmount: 0,
    pings: 0,
    send: (text: string, _onTaken: () => void) => said.push(text),
    ping: () => (wire.pings += 1),
    close: (code: number, reason: string) => ends.push(`${code} ${reason}`),
    terminate: () => ends.push("cut"),
  };
  const events: FedEvent[] = [];
  const closed: string[] = [];
  const message = {
    options: {},
    targets: [],
    tmCreate: clock.now(),
    tmUpdate: null,
    tmDelete: null,
  } as unknown as Message; // what the view reads
  let turnsAsked = 0;
  const deps = {
    store: {
      listEvents: async (_customer: CustomerId, after: EventId, limit: number) =>
        events.filter(({ id }) => id > after).slice(0, limit),
      closeEvents: async (told: readonly { readonly id: EventId }[]) =>
        void closed.push(...told.map(({ id }) => id)),
      getMessageDeletedToo: async () => message,
    },
    clock,
    monotonicMs: () => nowMs,
  };
  const socket = new LiveSocket(wire, CUSTOMER, deps, () => (turnsAsked += 1));
  const start = ids.at(clock.now());
  for (let n = 0; n < count; n++) {
    const id = ids.at(clock.now()) as EventId;
    events.push({
      id,
      customerId: CUSTOMER,
      messageId: ids.at(clock.now()) as MessageId,
      type: "message_updated",
      version: 1,
      changed: [],
      isOpen: true,
    });
  }
  const pass = (ms: number) => (nowMs += ms);
  return { socket, wire, said, ends, events, closed, start, pass, clock, ids, turnsAsked: () => turnsAsked };
}

describe("a WebSocket that is fed", () => {
  it("catches up turn by turn, each event once, in order, closed before it is told", async () => {
    const { socket, said, events, closed, start } = setUp(1_001);
    socket.hear(JSON.stringify({ type: "subscribe", topics: [TOPIC], last_event_id: start }));
    let turns = 1;
    while (await socket.pump()) turns += 1;
    expect(turns).toBeGreaterThan(1_001 / STEPS_PER_TURN);
    expect(said.map((text) => (JSON.parse(text) as { readonly id: string }).id)).toEqual(
      events.map(({ id }) => id),
    );
    expect(closed).toEqual(events.map(({ id }) => id));
  });

  it("tells an event that came to light after a later one", async () => {
    const { socket, said, events, start } = setUp(3);
    const [late] = events.splice(1, 1);
    socket.hear(JSON.stringify({ type: "subscribe", topics: [TOPIC], last_event_id: start }));
    await socket.pump();
    if (late !== undefined) events.splice(1, 0, late);
    await socket.pump();
    expect(said).toHaveLength(3);
    expect(said[2]).toContain(late?.id);
  });

  it("leaves in the store what its reader has not taken, and sends a reader away that takes nothing", async () => {
    const { socket, wire, said, ends, start, pass } = setUp(10);
    socket.hear(JSON.stringify({ type: "subscribe", topics: [TOPIC], last_event_id: start }));
    wire.bufferedAmount = SOCKET_BACKLOG_MAX_BYTES;
    wire.send = (text) => {
      wire.bufferedAmount += 1;
      return said.push(text);
    };
    await socket.pump();
    expect(said).toHaveLength(1);
    pass(SOCKET_SLOW_MAX_MS - 1);
    await socket.pump();
    expect(ends).toEqual([]);
    wire.bufferedAmount = 0;
    await socket.pump();
    expect(said).toHaveLength(10);
    wire.bufferedAmount = SOCKET_BACKLOG_MAX_BYTES + 1;
    await socket.pump();
    pass(SOCKET_SLOW_MAX_MS);
    await socket.pump();
    expect(ends).toEqual(["1013 you read too slowly: come back with last_event_id"]);
  });

  it("tells nothing more of a topic that was unsubscribed, not even what was read before", async () => {
    const { socket, said, start } = setUp(STEPS_PER_TURN + 50);
    const topics = [TOPIC, `${TOPIC}:none`];
    socket.hear(JSON.stringify({ type: "subscribe", topics, last_event_id: start }));
    expect(await socket.pump()).toBe(true);
    const before = said.length;
    socket.hear(JSON.stringify({ type: "unsubscribe", topics: [TOPIC] }));
    while (await socket.pump());
    expect(said).toHaveLength(before);
  });

  it.each([
    ["an old event", 0],
    ["a new event", 140],
  ])("goes on with a topic where it is while another begins after %s", async (_which, place) => {
    const { socket, said, events, start } = setUp(150);
    socket.hear(JSON.stringify({ type: "subscribe", topics: [TOPIC], last_event_id: start }));
    await socket.pump();
    const other = { topics: [`${TOPIC}:none`], last_event_id: events[place]?.id };
    socket.hear(JSON.stringify({ type: "subscribe", ...other }));
    while (await socket.pump());
    expect(said.map((text) => (JSON.parse(text) as { readonly id: string }).id)).toEqual(
      events.map(({ id }) => id),
    );
  });

  it("answers once it has looked, in the order of the questions", async () => {
    const { socket, said, start } = setUp(1);
    const subscribe = { type: "subscribe", topics: [TOPIC], ack: true };
    socket.hear(JSON.stringify({ ...subscribe, last_event_id: start }));
    socket.hear(JSON.stringify({ ...subscribe, type: "unsubscribe", topics: [`${TOPIC}:none`] }));
    expect(said).toEqual([]);
    while (await socket.pump());
    const types = () => said.map((text) => (JSON.parse(text) as { readonly type: string }).type);
    expect(types()).toEqual(["subscribed", "unsubscribed", "message_updated"]);
    socket.hear(JSON.stringify(subscribe));
    socket.hear(JSON.stringify({ ...subscribe, type: "unsubscribe" })); // the last: nothing is looked for any more
    expect(types().slice(3)).toEqual(["subscribed", "unsubscribed"]);
  });

  it("answers what it still owes when nothing is looked for any more", () => {
    const { socket, said } = setUp(0);
    const topics = [TOPIC];
    socket.hear(JSON.stringify({ type: "subscribe", topics, ack: true }));
    socket.hear(JSON.stringify({ type: "unsubscribe", topics }));
    expect(said).toEqual([JSON.stringify({ type: "subscribed", topics })]);
  });

  it("goes on after an event of a node whose clock is ahead, and not after one of next year", async () => {
    const { socket, said, clock, ids, events } = setUp(1);
    const subscribe = (aheadMs: number) =>
      socket.hear(
        JSON.stringify({
          type: "subscribe",
          topics: [TOPIC],
          last_event_id: ids.at(addMs(clock.now(), aheadMs)),
        }),
      );
    subscribe(365 * 86_400_000);
    expect(said.splice(0)).toEqual([
      JSON.stringify({ type: "error", message: "last_event_id is of a time that has not come" }),
    ]);
    const [late] = events.splice(0);
    subscribe(50_000);
    while (await socket.pump());
    if (late !== undefined) events.push(late);
    while (await socket.pump());
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(late?.id);
  });

  it("owes so many answers and not one more", () => {
    const { socket, ends } = setUp(0);
    const ask = () => socket.hear(JSON.stringify({ type: "subscribe", topics: [TOPIC], ack: true }));
    for (let n = 0; n < SOCKET_ANSWERS_MAX; n++) ask();
    expect(ends).toEqual([]);
    ask();
    expect(ends).toEqual([`1008 you wait for ${SOCKET_ANSWERS_MAX} answers already`]);
  });

  it("leaves events alone once its client is gone", async () => {
    const { socket, closed, said, start } = setUp(3);
    socket.hear(JSON.stringify({ type: "subscribe", topics: [TOPIC], last_event_id: start }));
    socket.gone();
    expect(await socket.pump()).toBe(false);
    expect([closed, said]).toEqual([[], []]);
  });

  it("is due for a turn when there may be news, when it is time to look far back, and while it is slow", async () => {
    const { socket, wire, start, pass } = setUp(1);
    expect(socket.isDue()).toBe(false);
    socket.hear(JSON.stringify({ type: "subscribe", topics: [TOPIC], last_event_id: start }));
    expect(socket.isDue()).toBe(true);
    while (await socket.pump());
    expect(socket.isDue()).toBe(false);
    pass(LONG_LOOK_EVERY_MS - 1_000);
    expect(socket.isDue()).toBe(false);
    pass(1_001);
    expect(socket.isDue()).toBe(true);
    while (await socket.pump());
    expect(socket.isDue()).toBe(false);
    socket.expectNews();
    expect(socket.isDue()).toBe(true);
    wire.bufferedAmount = SOCKET_BACKLOG_MAX_BYTES + 1;
    expect(await socket.pump()).toBe(false);
    expect(socket.isDue()).toBe(true);
    socket.gone();
    expect(socket.isDue()).toBe(false);
  });

  it("stays due when its turn ends between two pages", async () => {
    const { socket, said, events, start } = setUp(CURSOR_PAGE + 1);
    const later = events.splice(0);
    socket.hear(JSON.stringify({ type: "subscribe", topics: [`${TOPIC}:told`], last_event_id: start }));
    while (await socket.pump());
    // A turn reads the first page and tells all that is wanted of it.
    for (const [n, event] of later.entries()) {
      const isWanted = n < STEPS_PER_TURN - 1 || n === CURSOR_PAGE;
      events.push({ ...event, messageId: (isWanted ? "told" : "other") as MessageId });
    }
    socket.expectNews();
    expect(await socket.pump()).toBe(true);
    expect([said.length, socket.isDue()]).toEqual([STEPS_PER_TURN - 1, true]);
    await socket.pump();
    expect([said.length, socket.isDue()]).toEqual([STEPS_PER_TURN, false]);
  });

  it("asks for a turn once its slow reader has taken enough", async () => {
    const { socket, wire, said, start, turnsAsked } = setUp(2);
    const taken: (() => void)[] = [];
    wire.send = (text, onTaken) => {
      wire.bufferedAmount += SOCKET_BACKLOG_MAX_BYTES + 1;
      taken.push(onTaken);
      return said.push(text);
    };
    socket.hear(JSON.stringify({ type: "subscribe", topics: [TOPIC], last_event_id: start }));
    expect(await socket.pump()).toBe(false);
    for (const onTaken of taken) onTaken(); // of it the system has much
    expect(turnsAsked()).toBe(0);
    wire.bufferedAmount = 0;
    for (const onTaken of taken) onTaken();
    expect([said.length, turnsAsked()]).toEqual([1, 1]);
    await socket.pump();
    expect(said).toHaveLength(2);
  });

  it("is not cut off while it takes what waits before the ping", () => {
    const { socket, wire, ends } = setUp(0);
    wire.send = (text) => (wire.bufferedAmount += text.length);
    for (let n = 0; n < 100; n++) socket.hear("no json");
    for (let n = 0; n < 5; n++) {
      socket.beat();
      wire.bufferedAmount -= 10;
    }
    expect(ends).toEqual([]);
    socket.beat();
    socket.beat();
    expect(ends).toEqual(["cut"]);
  });

  it("is cut off when it does not answer a ping", () => {
    const { socket, wire, ends } = setUp(0);
    socket.beat();
    socket.answered();
    socket.beat();
    expect([wire.pings, ends]).toEqual([2, []]);
    socket.beat();
    expect(ends).toEqual(["cut"]);
  });
});
