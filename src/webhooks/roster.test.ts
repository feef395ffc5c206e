import { describe, expect, it } from "vitest";
import type { WebhookEndpoint } from "../domain/endpoint.ts";
import type { CustomerId, EndpointId, EventId, MessageId, NodeId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import type { Outcome } from "../outbound-http/outcome.ts";
import type { Delivery } from "../store/announcing.ts";
import { EndpointBook } from "./endpoint-book.ts";
import { ManualTime } from "./fixtures/manual-time.ts";
import { until } from "./fixtures/until.ts";
import { HIGHEST_LIMIT, LOWEST_LIMIT } from "./pace.ts";
import { Roster } from "./roster.ts";
import { Settler } from "./settler.ts";

const DELIVERED: Outcome = { kind: "answered", status: 200, headers: {}, body: Buffer.alloc(0) };
const REFUSED: Outcome = { kind: "answered", status: 500, headers: {}, body: Buffer.alloc(0) };

describe("Roster", () => {
  it("serves as many endpoints at a time as it has places, and the next when one is free", async () => {
    const { roster, queue, calls } = rosterOf(3);
    for (const id of ["a", "b", "c", "d"]) queue(id, 1);
    expect(roster.counts).toEqual({ active: 3, waiting: 1 });
    await until(() => calls.length === 3);
    calls[0]?.end(DELIVERED);
    await until(() => calls.length === 4);
    expect(calls[3]?.id).toBe("d");
    expect(roster.counts).toEqual({ active: 3, waiting: 0 });
  });

  it("forgets an endpoint that has nothing more", async () => {
    const { roster, queue, calls } = rosterOf(3);
    queue("a", 1);
    await until(() => calls.length === 1);
    calls[0]?.end(DELIVERED);
    await until(() => roster.counts.active === 0);
    expect(roster.counts).toEqual({ active: 0, waiting: 0 });
  });

  it("gives endpoints in trouble half of the places at most", async () => {
    const { roster, queue, calls, time } = rosterOf(4);
    const troubled = ["t1", "t2", "t3", "t4"];
    for (const id of troubled) queue(id, 6);
    await until(() => calls.length === 24);
    for (const call of calls) call.end(REFUSED);
    await until(() => roster.counts.active === 0);
    for (const id of troubled) queue(id, 6);
    expect(roster.counts).toEqual({ active: 2, waiting: 2 });
    await until(() => calls.length === 24 + 2 * LOWEST_LIMIT);
    queue("calm 1", 1);
    queue("calm 2", 1);
    await until(() => calls.filter((call) => call.id.startsWith("calm")).length === 2);
    expect(roster.counts).toEqual({ active: 4, waiting: 2 });
    expect(time.waits).toBe(0);
  });

  it("ends a turn after ten seconds when others wait, and not before", async () => {
    const { roster, queue, calls, time, endAll } = rosterOf(1);
    queue("long", 1_000);
    queue("short", 1);
    await until(() => calls.length === 16);
    time.advance(9_999);
    roster.endTurns();
    endAll();
    await until(() => calls.length > 16);
    expect(calls.at(-1)?.id).toBe("long");
    time.advance(1);
    roster.endTurns();
    const before = calls.length;
    await until(() => {
      endAll();
      return calls.at(-1)?.id === "short";
    });
    expect(calls.length - before).toBeLessThan(100);
  });

  it("serves an endpoint again for what came while it left, once the others had their turn", async () => {
    const { roster, queue, calls, time, endAll } = rosterOf(1);
    queue("long", 16);
    queue("short", 1);
    await until(() => calls.length === 16);
    time.advance(10_000);
    roster.endTurns();
    queue("long", 1);
    await until(() => {
      endAll();
      return calls.length === 18;
    });
    expect(calls.slice(-2).map(({ id }) => id)).toEqual(["short", "long"]);
  });

  it("lets a turn last while nobody waits", async () => {
    const { roster, queue, calls, time, endAll } = rosterOf(1);
    queue("long", 100);
    await until(() => calls.length === 16);
    time.advance(60_000);
    roster.endTurns();
    endAll();
    await until(() => calls.length > 16);
    expect(roster.counts).toEqual({ active: 1, waiting: 0 });
  });

  it("shares the attempts among the endpoints it serves", async () => {
    const { roster, queue } = rosterOf(40, 100);
    queue("first", 1);
    expect(roster.share()).toBe(100);
    for (let index = 0; index < 9; index++) queue(`more ${index}`, 1);
    expect(roster.share()).toBe(10);
    for (let index = 0; index < 30; index++) queue(`many ${index}`, 1);
    expect(roster.share()).toBe(4);
  });

  it("holds an endpoint to its share", async () => {
    const { queue, calls, mostAtOnce, endAll } = rosterOf(1, 10);
    queue("a", 100);
    await until(() => {
      endAll();
      return calls.length === 100;
    });
    expect(mostAtOnce()).toBe(10);
  });

  it("gives an endpoint that does well more and more, up to the highest limit", async () => {
    const { queue, calls, mostAtOnce, endAll } = rosterOf(1);
    queue("a", 1_000);
    await until(() => {
      endAll();
      return calls.length === 1_000;
    });
    expect(mostAtOnce()).toBe(HIGHEST_LIMIT);
  });

  it("starts nothing more once it is to be empty, and is when the last has ended", async () => {
    const { roster, queue, calls } = rosterOf(1);
    queue("a", 1);
    queue("b", 1);
    await until(() => calls.length === 1);
    let isEmpty = false;
    const emptied = roster.empty().then(() => (isEmpty = true));
    queue("c", 1);
    expect(isEmpty).toBe(false);
    calls[0]?.end(DELIVERED);
    await emptied;
    expect(calls.map((call) => call.id)).toEqual(["a"]);
  });
});

interface Call {
  readonly id: string;
  end(outcome: Outcome): void;
}

/** A roster over queues in memory and receivers that answer when the test says so. */
function rosterOf(workers: number, attempts = 1_000) {
  const time = new ManualTime();
  const queues = new Map<string, Delivery[]>();
  const calls: Call[] = [];
  let underway = 0;
  let most = 0;
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const roster = new Roster(
    {
      store: {
        claimDeliveries: async ({ endpointId, limit }) => queues.get(endpointId)?.splice(0, limit) ?? [],
      },
      client: {
        request: ({ lane = "" }) =>
          new Promise((resolve) => {
            most = Math.max(most, ++underway);
            let isOpen = true;
            const end = (outcome: Outcome): void => {
              if (isOpen) underway -= 1;
              isOpen = false;
              resolve(outcome);
            };
            calls.push({ id: lane, end });
          }),
      },
      book: new EndpointBook({
        store: { getEndpoint: async (id) => endpointOf(id) },
        clock: time,
        secrets: { seal: (text) => text, open: (text) => text },
        allowPrivate: false,
      }),
      settler: new Settler({
        store: { settleDeliveries: async () => {}, noteEndpointHealth: async () => {} },
        after: time.after,
        logger,
      }),
      clock: time,
      after: time.after,
      random: () => 0.5,
      node: "n" as NodeId,
      logger,
      metrics: { count: () => {}, gauge: () => {}, observe: () => {} },
      timeoutMs: 15_000,
    },
    { workers, attempts },
  );
  const queue = (id: string, count: number): void => {
    queues.set(
      id,
      Array.from({ length: count }, (_, index) => deliveryOf(id, index)),
    );
    roster.wake(id as EndpointId);
  };
  const endAll = (): void => {
    for (const call of calls) call.end(DELIVERED);
  };
  return { roster, queue, calls, time, endAll, mostAtOnce: () => most };
}

function deliveryOf(endpoint: string, index: number): Delivery {
  const [messageId, eventId] = [`m${index}` as MessageId, `0000000${index}` as EventId];
  const customerId = "c" as CustomerId;
  const event = {
    id: eventId,
    customerId,
    messageId,
    type: "message_created",
    version: 1,
    changed: [],
  } as const;
  return {
    endpointId: endpoint as EndpointId,
    messageId,
    eventId,
    event,
    attempts: 0,
    body: "{}",
    message: null,
  };
}

function endpointOf(id: EndpointId): WebhookEndpoint {
  return {
    id,
    customerId: "c" as CustomerId,
    isPrimary: true,
    uri: "https://hooks.example.com/",
    method: "POST",
    events: [],
    statuses: [],
    sealedSecrets: [],
    tmSecretRetire: null,
    disabledReason: null,
    tmFailingSince: null,
    tmCreate: micros(1),
    tmUpdate: null,
  };
}
