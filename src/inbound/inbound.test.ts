import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../test/support/postgres.ts";
import { takeInbound } from "../app/take-inbound.ts";
import { createClock } from "../domain/clock.ts";
import { type CarrierId, createIds, type CustomerId, type NumberId } from "../domain/ids.ts";
import type { InboundPart } from "../domain/inbound.ts";
import { addMs } from "../domain/micros.ts";
import type { OwnedNumber } from "../domain/owned-number.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { KeptPart, Reception } from "../store/gathering.ts";
import { customerRecord } from "../store/contract/customer-record.ts";
import { openPostgresStore } from "../store/postgres/postgres-store.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { createInbound, GATHERING_TIMEOUT_MS } from "./inbound.ts";
import { createNumberOwners } from "./number-owners.ts";

const PART: InboundPart = {
  carrierId: "00000000-0000-7000-8000-00000000ca00" as CarrierId, // as ids are spelled
  source: "+31600000001",
  destination: "+821100000001",
  encoding: "gsm7",
  text: "a text",
  data: "",
  udh: "",
  concatenation: null,
  transportId: null,
};
const lost = (): Promise<never> => Promise.reject(new StoreUnavailable("connection_lost", "it is gone"));
const quiet = (): void => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const metrics = { count: quiet, gauge: quiet, observe: quiet };
/** No handset is answered here. */
const nobody = () => ({ accept: lost, preview: lost });
const clock = createClock(() => Date.now());
const monotonicMs = (): number => performance.now();
const ids = createIds((bytes) => crypto.getRandomValues(bytes));

it("rejects once when the store is lost under whole messages and parts of others, and leaves no failure behind", async () => {
  const behind: unknown[] = [];
  const note = (reason: unknown): void => void behind.push(reason);
  process.on("unhandledRejection", note);
  try {
    const inbound = createInbound({
      store: { keepParts: lost, findGatherings: lost, receiveMessages: lost },
      owners: { find: lost, forget: quiet },
      optOuts: { read: lost },
      clock,
      monotonicMs,
      ids,
      logger,
      metrics,
    });
    const part: InboundPart = { ...PART, concatenation: { reference: 1, total: 2, sequence: 1 } };
    await expect(inbound.receive([PART, part, PART])).rejects.toThrow("it is gone");
    await new Promise((resolve) => setImmediate(resolve)); // Node tells of them at the end of a turn
    expect(behind).toEqual([]);
  } finally {
    process.off("unhandledRejection", note);
  }
});

it("logs at once that nobody owns a number, and then at times how many messages came for such", async () => {
  const lines: unknown[] = [];
  let now = 0;
  const inbound = createInbound({
    store: {
      keepParts: lost,
      findGatherings: lost,
      receiveMessages: (entries) => Promise.resolve(entries.map(() => ({ kind: "received" }))),
    },
    owners: { find: () => null, forget: quiet },
    optOuts: { read: () => Promise.resolve(null) },
    clock,
    monotonicMs: () => now,
    ids,
    logger: { ...logger, warn: (fields) => lines.push(fields) },
    metrics,
  });
  await inbound.receive([PART, PART, PART]);
  now = 10_000;
  await inbound.receive([PART]);
  const number = "…001";
  expect(lines).toEqual([
    { count: 1, number },
    { count: 3, number },
  ]);
});

describe.each(["SQLite", "PostgreSQL"] as const)("what handsets send, kept by %s", (engine) => {
  let postgres: PostgresServer | null = null;
  let directory: string;
  let store: Store;
  let made = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "msgbin-inbound-"));
    postgres = engine === "PostgreSQL" ? await sharedPostgres() : null;
    const url = (await postgres?.createDatabase()) ?? "";
    store =
      postgres === null
        ? await openSqliteStore({ file: join(directory, "msgbin.db"), clock, logger, metrics })
        : await openPostgresStore({ url, directUrl: url, clock, logger, metrics });
  });
  afterAll(async () => {
    await store.close();
    await postgres?.stop();
    await rm(directory, { recursive: true });
  });

  /** A number that a customer owns and the service takes messages for, with some operations of the store replaced. */
  async function setUp(replaced: Partial<Store> = {}) {
    const tmCreate = clock.now();
    const number: OwnedNumber = {
      id: ids.at(tmCreate) as NumberId,
      customerId: ids.at(tmCreate) as CustomerId,
      number: `+8211${String(++made).padStart(8, "0")}`,
      type: "normal",
      name: "",
      detail: "",
      optOut: null,
      tmCreate,
      tmUpdate: null,
      tmDelete: null,
    };
    await store.putCustomer(customerRecord({ customerId: number.customerId, now: () => clock.now() }));
    await store.putNumber(number);
    const handed = new Proxy(store, {
      get(target, name) {
        const own: unknown = Reflect.get(replaced, name) ?? Reflect.get(target, name);
        return typeof own === "function" ? (own.bind(target) as unknown) : own;
      },
    });
    const owners = createNumberOwners(handed, monotonicMs);
    const inbound = takeInbound({
      store: handed,
      owners,
      accept: nobody,
      clock,
      monotonicMs,
      ids,
      logger,
      metrics,
    });
    const { customerId, number: destination } = number;
    const part = (text: string, wishes: Partial<InboundPart> = {}): InboundPart => ({
      ...PART,
      destination,
      text,
      ...wishes,
    });
    const messages = () => store.listMessages({ customerId, before: null, limit: 100, targetLimit: 100 });
    const lastingOptOuts = () =>
      store.listOptOuts({ customerId, sender: null, handset: null, lasting: true, before: null, limit: 100 });
    /** A part whose wait for the others is over. */
    const overdue = (sequence: number, text: string, source: string): KeptPart => ({
      carrierId: PART.carrierId,
      source,
      destination,
      reference: 7,
      total: 2,
      sequence,
      content: { encoding: "gsm7", text, data: "", udh: "" },
      at: addMs(clock.now(), -GATHERING_TIMEOUT_MS - 1_000),
    });
    return { inbound, part, overdue, messages, lastingOptOuts };
  }

  it("obeys a keyword with U+0000 in it, and keeps the message", async () => {
    const { inbound, part, messages, lastingOptOuts } = await setUp();
    await inbound.receive([part("Stop.\0")]);
    expect(await messages()).toHaveLength(1);
    expect(await lastingOptOuts()).toMatchObject([{ handset: PART.source, beganBy: "keyword:STOP" }]);
  });

  it("holds up nobody's waiting parts for a message that cannot be stored", async () => {
    const unlucky = "+31600000666";
    const { inbound, overdue, messages } = await setUp({
      receiveMessages: (entries: readonly Reception[]) =>
        entries.some(({ message }) => message.source.target === unlucky)
          ? Promise.reject(new Error("a defect"))
          : store.receiveMessages(entries),
    });
    await store.keepParts([
      overdue(1, "half", unlucky),
      overdue(1, "half", "+31600000002"),
      overdue(2, "half", "+31600000003"),
    ]);
    inbound.start();
    await expect.poll(async () => (await messages()).length, { timeout: 50_000 }).toBe(2);
    await inbound.stop();
    expect((await messages()).map(({ text }) => text).toSorted()).toEqual(["[…]half", "half[…]"]);
  });

  it("reads no wish from what is left of a message when parts of it never came", async () => {
    const { inbound, overdue, messages, lastingOptOuts } = await setUp();
    await store.keepParts([overdue(2, "stop.", "+31600000002")]);
    inbound.start();
    await expect.poll(async () => (await messages()).length, { timeout: 50_000 }).toBe(1);
    await inbound.stop();
    expect(await lastingOptOuts()).toEqual([]);
  });

  it("obeys the last of two words, in one read or in two", async () => {
    const { inbound, part, lastingOptOuts } = await setUp();
    const handsets = Array.from({ length: 40 }, (_, n) => `+3160001${String(n).padStart(4, "0")}`);
    await Promise.all(
      handsets.map(async (source, n) => {
        const [last, first] = n % 2 === 0 ? ["START", "STOP"] : ["STOP", "START"];
        if (first === "START") await inbound.receive([part("STOP", { source })]);
        const words = [part(first ?? "", { source }), part(last ?? "", { source })];
        if (n % 4 < 2) await inbound.receive(words);
        else await Promise.all(words.map((word) => inbound.receive([word])));
      }),
    );
    const lasting = (await lastingOptOuts()).map(({ handset }) => handset);
    expect(lasting.toSorted()).toEqual(handsets.filter((_, n) => n % 2 === 1));
  });

  it("obeys the last word also when the settings for the one before it are read slowly", async () => {
    const slow = Promise.withResolvers<null>();
    const answers = [slow.promise, Promise.resolve(null)];
    const getSetting = () => answers.shift() ?? Promise.resolve(null);
    const { inbound, part, lastingOptOuts } = await setUp({ getSetting });
    const both = ["STOP", "START"].map((word) => inbound.receive([part(word)]));
    await expect.poll(() => answers.length).toBe(0);
    await new Promise((resolve) => setImmediate(resolve)); // by then the second has done what it can
    slow.resolve(null);
    await Promise.all(both);
    expect(await lastingOptOuts()).toEqual([]);
  });

  it("obeys the last word also when the read before brought a part of another's long text", async () => {
    const slow = Promise.withResolvers<void>();
    const { inbound, part, lastingOptOuts } = await setUp({
      async keepParts(parts: readonly KeptPart[]) {
        await slow.promise;
        return store.keepParts(parts);
      },
    });
    const concatenation = { reference: 9, total: 2, sequence: 1 };
    const first = inbound.receive([part("long", { source: "+31700000001", concatenation }), part("STOP")]);
    await inbound.receive([part("START")]);
    slow.resolve();
    await first;
    expect(await lastingOptOuts()).toEqual([]);
  });

  it("obeys the last word also when the one before it came in parts", async () => {
    const slow = Promise.withResolvers<void>();
    let settingsRead = 0;
    const { inbound, part, lastingOptOuts } = await setUp({
      async getSetting() {
        settingsRead++;
        return null;
      },
      async keepParts(parts: readonly KeptPart[]) {
        await slow.promise;
        return store.keepParts(parts);
      },
    });
    const halves = ["ST", "OP"].map((half, index) =>
      part(half, { concatenation: { reference: 9, total: 2, sequence: index + 1 } }),
    );
    const both = [inbound.receive(halves), inbound.receive([part("START")])];
    await expect.poll(() => settingsRead).toBe(1);
    await new Promise((resolve) => setImmediate(resolve)); // by then the second has done what it can
    slow.resolve();
    await Promise.all(both);
    expect(await lastingOptOuts()).toEqual([]);
  });

  it("counts the parts that came, or that a text takes which its carrier had put together", async () => {
    const { inbound, part, messages } = await setUp();
    const inParts = Array.from({ length: 3 }, (_, index) =>
      part(String(index), { concatenation: { reference: 5, total: 3, sequence: index + 1 } }),
    );
    await inbound.receive([...inParts, part("x".repeat(160)), part("y".repeat(161))]);
    const counted = (await messages()).map(({ text, targets }) => [text.slice(0, 3), targets[0]?.parts]);
    expect(Object.fromEntries(counted)).toEqual({ "012": 3, xxx: 1, yyy: 2 });
  });

  it("keeps a sender's name whole, digits and all, and a number as it is normalised", async () => {
    const { inbound, part, messages } = await setUp();
    await inbound.receive(["Shop24", "O2", "Bank", "+31 6 1234 5678"].map((source) => part("x", { source })));
    const sources = (await messages()).map(({ source }) => source);
    expect(sources.map(({ target }) => target).toSorted()).toEqual(["+31612345678", "Bank", "O2", "Shop24"]);
    expect(new Set(sources.map(({ type }) => type))).toEqual(new Set(["tel"]));
  });
});
