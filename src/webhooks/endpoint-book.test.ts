import { describe, expect, it } from "vitest";
import type { WebhookEndpoint } from "../domain/endpoint.ts";
import type { CustomerId, EndpointId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import { EndpointBook, ENDPOINTS_KEPT, FAILING_NOTED_EVERY_MS, FRESH_MS } from "./endpoint-book.ts";
import { ManualTime } from "./fixtures/manual-time.ts";
import type { Receiver } from "./receiver.ts";

const ID = "00000000-0000-7000-8000-000000000001" as EndpointId;

describe("EndpointBook", () => {
  it("knows an endpoint for five seconds after it was read", async () => {
    const { book, time } = bookOf();
    expect(book.fresh(ID)).toBeUndefined();
    await book.load(ID);
    time.advance(FRESH_MS - 1);
    expect(book.fresh(ID)).toMatchObject({ kind: "callable", method: "POST" });
    time.advance(1);
    expect(book.fresh(ID)).toBeUndefined();
  });

  it("knows nothing any more once an endpoint changed, nor what was read in that moment", async () => {
    const { book } = bookOf();
    await book.load(ID);
    const underway = book.load(ID);
    book.forget();
    expect(book.fresh(ID)).toBeUndefined();
    await underway;
    expect(book.fresh(ID)).toBeUndefined();
    await book.load(ID);
    expect(book.fresh(ID)).toBeDefined();
  });

  it("reads an endpoint once for all who ask at the same time", async () => {
    const { book, reads } = bookOf();
    await Promise.all([book.load(ID), book.load(ID), book.load(ID)]);
    expect(reads).toHaveLength(1);
  });

  it("knows no endpoint that was removed", async () => {
    const { book } = bookOf({}, () => null);
    expect(await book.load(ID)).toBeNull();
    expect(book.fresh(ID)).toBeUndefined();
  });

  it("keeps a limited number of endpoints, and forgets the one read longest ago", async () => {
    const { book } = bookOf();
    for (let index = 0; index < ENDPOINTS_KEPT; index++) await book.load(`e${index}` as EndpointId);
    expect(book.fresh("e0" as EndpointId)).toBeDefined();
    await book.load("one more" as EndpointId);
    expect(book.fresh("e0" as EndpointId)).toBeUndefined();
    expect(book.fresh("e1" as EndpointId)).toBeDefined();
  });
});

describe("what an attempt shows of an endpoint", () => {
  it("is news when failures begin, and not while they go on", async () => {
    const { book, time, receiver } = await loaded();
    const at = time.now();
    expect(book.note(receiver(), failure(at))).toMatchObject({ tmFailingSince: at, disabledReason: null });
    expect(book.note(receiver(), failure(time.now()))).toBeNull();
  });

  it("is news when failures end, and not while all is well", async () => {
    const { book, time, receiver } = await loaded({ tmFailingSince: micros(5) });
    expect(book.note(receiver(), success(time.now()))).toMatchObject({ tmFailingSince: null });
    expect(book.note(receiver(), success(time.now()))).toBeNull();
  });

  it("ends a run of failures once, though the end was not written yet when it was read again", async () => {
    const { book, receiver } = await loaded({ tmFailingSince: micros(5) });
    const beforeEnd = receiver();
    expect([book.endsRun(beforeEnd), book.endsRun(beforeEnd)]).toEqual([true, false]);
    await book.load(ID);
    expect(book.endsRun(receiver())).toBe(false);
    const next = { ...beforeEnd, endpoint: { ...beforeEnd.endpoint, tmFailingSince: micros(9) } };
    expect(book.endsRun(next)).toBe(true);
  });

  it("is written once a minute at most when successes and failures alternate, but a success always", async () => {
    const { book, time, receiver } = await loaded();
    expect(book.note(receiver(), failure(time.now()))).not.toBeNull();
    expect(book.note(receiver(), success(time.now()))).not.toBeNull();
    time.advance(FAILING_NOTED_EVERY_MS / 2);
    await book.load(ID);
    expect(book.note(receiver(), failure(time.now()))).toBeNull();
    time.advance(FAILING_NOTED_EVERY_MS / 2);
    await book.load(ID);
    expect(book.note(receiver(), failure(time.now()))).not.toBeNull();
  });

  it("switches it off for those who ask next, with the time since when it fails", async () => {
    const { book, time, receiver } = await loaded({ tmFailingSince: micros(5) });
    const at = time.now();
    const health = book.note(receiver(), { ...failure(at), disabledReason: "gone" });
    expect(health).toEqual({
      endpointId: ID,
      uri: endpoint({}).uri,
      tmFailingSince: 5,
      disabledReason: "gone",
      at,
    });
    expect(book.fresh(ID)).toMatchObject({ kind: "off", reason: "gone" });
  });

  it("says nothing of an endpoint that has another address by now", async () => {
    const { book, time, receiver } = await loaded();
    const earlier = receiver();
    if (earlier === undefined) throw new Error("not loaded");
    const elsewhere: Receiver = {
      ...earlier,
      endpoint: { ...earlier.endpoint, uri: "https://before.example/" },
    };
    expect(book.note(elsewhere, { ...failure(time.now()), disabledReason: "gone" })).toMatchObject({
      uri: "https://before.example/",
    });
    expect(book.fresh(ID)).toMatchObject({ kind: "callable" });
  });
});

async function loaded(changes: Partial<WebhookEndpoint> = {}) {
  const { book, time } = bookOf(changes);
  await book.load(ID);
  return {
    book,
    time,
    receiver: (): Receiver => {
      const receiver = book.fresh(ID);
      if (receiver === undefined) throw new Error("not fresh");
      return receiver;
    },
  };
}

function bookOf(
  changes: Partial<WebhookEndpoint> = {},
  read: (id: EndpointId) => WebhookEndpoint | null = (id) => ({ ...endpoint(changes), id }),
) {
  const time = new ManualTime();
  const reads: EndpointId[] = [];
  const book = new EndpointBook({
    store: {
      getEndpoint: async (id) => {
        reads.push(id);
        return read(id);
      },
    },
    clock: time,
    secrets: { seal: (text) => text, open: (text) => text },
    allowPrivate: false,
  });
  return { book, time, reads };
}

function endpoint(changes: Partial<WebhookEndpoint>): WebhookEndpoint {
  return {
    id: ID,
    customerId: "00000000-0000-7000-8000-000000000002" as CustomerId,
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
    ...changes,
  };
}

function failure(at: ReturnType<typeof micros>) {
  return { at, isSuccess: false, disabledReason: null };
}

function success(at: ReturnType<typeof micros>) {
  return { at, isSuccess: true, disabledReason: null };
}
