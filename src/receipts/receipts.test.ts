import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createClock } from "../domain/clock.ts";
import type { CarrierId, CustomerId, MessageId } from "../domain/ids.ts";
import { addMs, micros } from "../domain/micros.ts";
import type { Receipt } from "../domain/receipt.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type {
  ExpiryRequest,
  ExpiryResult,
  ReceiptOutcome,
  ReceiptStore,
} from "../store/receiving-receipts.ts";
import { createReceipts } from "./receipts.ts";

const CARRIER = "0190a000-0000-7000-8000-00000000000a" as CarrierId;
const AT = micros(Date.UTC(2026, 0, 1) * 1_000);

function receiptOf(key: string): Receipt {
  return {
    carrierId: CARRIER,
    keys: [key],
    destination: "",
    state: "delivered",
    failure: null,
    at: AT,
    words: "",
  };
}

const APPLIED: ReceiptOutcome = {
  kind: "applied",
  customerId: "c" as CustomerId,
  messageId: "m" as MessageId,
  status: "delivered",
  sentAt: addMs(AT, -2_500),
};

const NOTHING: ExpiryResult = {
  gwTimeouts: 0,
  dlrTimeouts: 0,
  unmatchedReceipts: 0,
  idempotencyKeys: 0,
  more: false,
};

/** Answers what it is told, and remembers what it was asked. */
class TellingStore implements ReceiptStore {
  readonly applied: (readonly Receipt[])[] = [];
  readonly expiries: ExpiryRequest[] = [];
  outcomes: ReceiptOutcome[] = [];
  results: ExpiryResult[] = [];
  failure: Error | null = null;

  applyReceipts(receipts: readonly Receipt[]): Promise<readonly ReceiptOutcome[]> {
    this.applied.push(receipts);
    return this.failure === null ? Promise.resolve(this.outcomes) : Promise.reject(this.failure);
  }

  expire(request: ExpiryRequest): Promise<ExpiryResult> {
    this.expiries.push(request);
    return this.failure === null
      ? Promise.resolve(this.results.shift() ?? NOTHING)
      : Promise.reject(this.failure);
  }
}

function setUp() {
  const store = new TellingStore();
  const counts = new Map<string, number>();
  const lines: string[] = [];
  const note = (_: unknown, line: string): number => lines.push(line);
  const receipts = createReceipts({
    store,
    clock: createClock(() => AT / 1_000),
    nameOf: () => "north",
    metrics: {
      count: (name, labels = {}, by = 1) => {
        const key = [name, ...Object.values(labels)].join(" ");
        counts.set(key, (counts.get(key) ?? 0) + by);
      },
      gauge: () => {},
      observe: (name, seconds) => counts.set(name, seconds),
    },
    logger: { debug: note, info: note, warn: note, error: note },
  });
  return { store, receipts, counts, lines };
}

describe("receipts", () => {
  it("are applied in order, and done when the store has committed them", async () => {
    const { store, receipts } = setUp();
    const given = [receiptOf("a"), receiptOf("b")];
    await receipts.apply(given);
    expect(store.applied).toEqual([given]);
  });

  it("that cannot be stored are not done: the carrier keeps them", async () => {
    const { store, receipts } = setUp();
    store.failure = new StoreUnavailable("disk_full", "no room");
    await expect(receipts.apply([receiptOf("a")])).rejects.toBe(store.failure);
  });

  it("are counted by what became of them, and the time from sending is measured", async () => {
    const { store, receipts, counts } = setUp();
    store.outcomes = [APPLIED, { kind: "noted" }, { kind: "parked" }, { ...APPLIED, status: "failed" }];
    await receipts.apply(["a", "b", "c", "d"].map(receiptOf));
    expect(Object.fromEntries(counts)).toEqual({
      "msgbin_receipts_total north delivered": 1,
      "msgbin_receipts_total north failed": 1,
      "msgbin_receipts_total north noted": 1,
      "msgbin_receipts_total north parked": 1,
      msgbin_receipt_seconds: 2.5,
    });
  });

  it("do not trouble the store when there are none", async () => {
    const { store, receipts } = setUp();
    await receipts.apply([]);
    expect(store.applied).toEqual([]);
  });
});

describe("the sweep", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("looks at the start and every five seconds, until it is stopped", async () => {
    const { store, receipts } = setUp();
    receipts.start();
    await vi.advanceTimersByTimeAsync(12_000);
    expect(store.expiries).toHaveLength(3);
    await receipts.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.expiries).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("goes on at once while there is more, 500 rows a call", async () => {
    const { store, receipts, counts } = setUp();
    store.results = Array.from({ length: 30 }, () => ({ ...NOTHING, dlrTimeouts: 500, more: true }));
    receipts.start();
    await vi.advanceTimersByTimeAsync(1);
    expect(store.expiries).toHaveLength(20);
    await vi.advanceTimersByTimeAsync(100);
    expect(store.expiries).toHaveLength(31);
    expect(store.expiries.every(({ limit }) => limit === 500)).toBe(true);
    expect(counts.get("msgbin_expired_total dlr_timeout")).toBe(15_000);
    await receipts.stop();
  });

  it("tells of receipts that never found a target", async () => {
    const { store, receipts, counts, lines } = setUp();
    store.results = [{ ...NOTHING, unmatchedReceipts: 2, gwTimeouts: 1, idempotencyKeys: 3 }];
    receipts.start();
    await vi.advanceTimersByTimeAsync(10);
    expect(lines).toEqual(["delivery reports came for messages that were never sent from here"]);
    expect(counts.get("msgbin_expired_total gw_timeout")).toBe(1);
    expect(counts.get("msgbin_expired_total idempotency_key")).toBe(3);
    await receipts.stop();
  });

  it("goes on by itself when the store cannot be written, and says so once", async () => {
    const { store, receipts, counts, lines } = setUp();
    store.failure = new StoreUnavailable("disk_full", "no room");
    receipts.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines).toHaveLength(1);
    store.failure = null;
    store.results = [{ ...NOTHING, gwTimeouts: 7 }];
    await vi.advanceTimersByTimeAsync(5_000);
    expect(counts.get("msgbin_expired_total gw_timeout")).toBe(7);
    await receipts.stop();
  });

  it("is done when stop resolves", async () => {
    const { store, receipts } = setUp();
    const held = Promise.withResolvers<ExpiryResult>();
    store.expire = () => held.promise;
    receipts.start();
    await vi.advanceTimersByTimeAsync(1);
    let isStopped = false;
    const stopping = receipts.stop().then(() => (isStopped = true));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isStopped).toBe(false);
    held.resolve({ ...NOTHING, more: true });
    await stopping;
    expect(vi.getTimerCount()).toBe(0);
  });
});
