import { describe, expect, it, vi } from "vitest";
import type { AddressInput } from "../domain/address.ts";
import { type Clock, createClock } from "../domain/clock.ts";
import { type CarrierId, createIds, type CustomerId, type NodeId, timeOfId } from "../domain/ids.ts";
import type { Message } from "../domain/message.ts";
import { addMs, micros } from "../domain/micros.ts";
import type { Departure, HandOver, OutboundTarget } from "../domain/outbound-target.ts";
import type { OwnedNumber } from "../domain/owned-number.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { DEFAULT_TEXT_PROFILE, type TextProfile } from "../gsm/text-profile.ts";
import type { Acceptance, AcceptanceOutcome } from "../store/accepting.ts";
import { type Accept, type AcceptDependencies, createAccept } from "./accept.ts";
import type { AcceptRequest, AcceptResult, Rejection } from "./accept-request.ts";

const CUSTOMER = "00000000-0000-4000-8000-000000000001" as CustomerId;
const NORTH = "00000000-0000-4000-8000-00000000000a" as CarrierId;
const SOUTH = "00000000-0000-4000-8000-00000000000b" as CarrierId;
const NODE = "00000000-0000-4000-8000-0000000000ff" as NodeId;
const DAY_MS = 86_400_000;

/** Keeps acceptances and idempotency keys as an engine does; a gate can hold its commits back. */
class MemoryStore {
  readonly acceptances: Acceptance[] = [];
  failure: Error | null = null;
  gate: Promise<void> = Promise.resolve();
  readonly #keys = new Map<string, { readonly fingerprint: string; readonly answer: string }>();

  async acceptMessages(entries: readonly Acceptance[]): Promise<readonly AcceptanceOutcome[]> {
    await this.gate;
    if (this.failure !== null) throw this.failure;
    return entries.map((entry) => this.#accept(entry));
  }

  findIdempotent(customerId: CustomerId, key: string) {
    return Promise.resolve(this.#keys.get(`${customerId} ${key}`) ?? null);
  }

  optedOut(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set());
  }

  /** As another process would, behind this one's back. */
  claimKey(key: string, fingerprint: string, answer: string): void {
    this.#keys.set(`${CUSTOMER} ${key}`, { fingerprint, answer });
  }

  #accept(entry: Acceptance): AcceptanceOutcome {
    const { idempotency, message } = entry;
    const name = `${message.customerId} ${idempotency?.key}`;
    const known = this.#keys.get(name);
    if (idempotency !== null && known !== undefined)
      return known.fingerprint === idempotency.fingerprint
        ? { kind: "replayed", answer: known.answer }
        : { kind: "key_reused" };
    if (idempotency !== null) this.#keys.set(name, idempotency);
    this.acceptances.push(entry);
    return { kind: "accepted" };
  }
}

/** A hand-over with so much room at each carrier, and so many targets that may depart. */
class RoomyHandOver implements HandOver {
  room: Partial<Record<CarrierId, number>>;
  departing = 0;
  readonly delivered: OutboundTarget[] = [];
  readonly left: OutboundTarget[] = [];

  constructor(room: Partial<Record<CarrierId, number>>) {
    this.room = room;
  }

  depart(_: CarrierId, targets: readonly OutboundTarget[]): Departure | null {
    if (targets.length > this.departing) return null;
    this.departing -= targets.length;
    return {
      bind: 1,
      epoch: 7,
      leave: () => this.left.push(...targets),
      stay: () => (this.departing += targets.length),
    };
  }

  reserve(carrierId: CarrierId, targets: readonly OutboundTarget[]): boolean {
    const left = (this.room[carrierId] ?? 0) - targets.length;
    if (left < 0) return false;
    this.room[carrierId] = left;
    return true;
  }

  deliver(targets: readonly OutboundTarget[]): void {
    this.delivered.push(...targets);
  }

  release(carrierId: CarrierId, targets: readonly OutboundTarget[]): void {
    this.room[carrierId] = (this.room[carrierId] ?? 0) + targets.length;
  }
}

interface Setting {
  readonly accept: Accept;
  readonly store: MemoryStore;
  readonly handOver: RoomyHandOver;
  readonly clock: Clock;
  readonly profilesAsked: CarrierId[];
  readonly counts: string[];
}

function setUp(options: Partial<AcceptDependencies> = {}, room = 10_000): Setting {
  const store = new MemoryStore();
  const handOver = new RoomyHandOver({ [NORTH]: room });
  let wallMs = Date.UTC(2026, 0, 1);
  const clock = createClock(() => (wallMs += 0.01));
  const profilesAsked: CarrierId[] = [];
  const counts: string[] = [];
  const defaultRoute = [NORTH, SOUTH];
  const accept = createAccept({
    store,
    handOver,
    clock,
    ids: createIds((bytes) => crypto.getRandomValues(bytes)),
    node: NODE,
    metrics: {
      count: (name, labels, by = 1) => counts.push(`${name} ${labels?.["reason"] ?? ""} ${by}`),
      gauge: () => {},
      observe: () => {},
    },
    route: () => defaultRoute,
    profileOf: (carrierId) => {
      profilesAsked.push(carrierId);
      return DEFAULT_TEXT_PROFILE;
    },
    ownerOf: () => null,
    ...options,
  });
  return { accept, store, handOver, clock, profilesAsked, counts };
}

function request(change: Partial<AcceptRequest> = {}): AcceptRequest {
  return {
    customerId: CUSTOMER,
    source: { type: "tel", target: "+821100000001" },
    destinations: [{ type: "tel", target: "+31616818985" }],
    text: "hello, this is test message.",
    options: {},
    render: ({ id }) => `answer for ${id}`,
    ...change,
  };
}

function numbers(count: number): AddressInput[] {
  return Array.from({ length: count }, (_, index) => ({ target: `+316${String(10_000_000 + index)}` }));
}

/** The customer owns one number. */
function ownerOf(number: string): OwnedNumber | null {
  return number === "+821100000001" ? ({ customerId: CUSTOMER } as OwnedNumber) : null;
}

function acceptedMessage(result: AcceptResult): Message {
  if (result.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(result)}`);
  return result.message;
}

async function rejection(change: Partial<AcceptRequest>, setting = setUp()): Promise<Rejection> {
  const result = await setting.accept.accept(request(change));
  if (result.kind !== "rejected") throw new Error(`not rejected: ${result.kind}`);
  expect(setting.store.acceptances).toEqual([]);
  expect(setting.handOver.delivered).toEqual([]);
  return result;
}

describe("accepting", () => {
  it("stores message, targets and queue rows in one acceptance before it answers", async () => {
    const { accept, store } = setUp();
    const result = await accept.accept(request());
    const message = acceptedMessage(result);
    const [acceptance] = store.acceptances;
    expect(store.acceptances).toHaveLength(1);
    const { targets, ...head } = message;
    expect(acceptance?.message).toEqual(head);
    expect(acceptance?.targets).toEqual(targets);
    expect(targets).toMatchObject([
      { n: 0, status: "queued", parts: 1, tmUpdate: message.tmCreate, failure: null },
    ]);
    expect(acceptance?.queue).toMatchObject([
      {
        messageId: message.id,
        n: 0,
        carrierId: NORTH,
        fallbacks: [SOUTH],
        attempts: 0,
        partStates: "",
        priority: 1,
      },
    ]);
    expect(result).toMatchObject({ kind: "accepted", answer: `answer for ${message.id}` });
  });

  it("gives the message an id that holds its time of creation", async () => {
    const message = acceptedMessage(await setUp().accept.accept(request()));
    expect(timeOfId(message.id)).toBe(message.tmCreate);
    expect(message).toMatchObject({ direction: "outbound", type: "sms", tmUpdate: null, tmDelete: null });
  });

  it("lets carriers try for 24 hours unless told otherwise", async () => {
    const { accept, store } = setUp();
    const { tmCreate } = acceptedMessage(await accept.accept(request()));
    expect(store.acceptances[0]?.queue[0]).toMatchObject({
      dueAt: tmCreate,
      expiresAt: addMs(tmCreate, DAY_MS),
    });
    const tmExpire = addMs(tmCreate, 60_000);
    await accept.accept(request({ options: { tmExpire } }));
    expect(store.acceptances[1]?.queue[0]?.expiresAt).toBe(tmExpire);
  });

  it("normalises addresses and completes their keys", async () => {
    const message = acceptedMessage(
      await setUp().accept.accept(
        request({ source: { target: " +82 (11) 0000-0001 " }, destinations: [{ target: "0031 616" }] }),
      ),
    );
    expect(message.source).toEqual({
      type: "tel",
      target: "+821100000001",
      target_name: "",
      name: "",
      detail: "",
    });
    expect(message.targets[0]?.destination.target).toBe("0031616");
  });

  it("keeps a destination that is named twice as two targets", async () => {
    const [twice] = numbers(1);
    const message = acceptedMessage(
      await setUp().accept.accept(request({ destinations: [twice ?? {}, twice ?? {}] })),
    );
    expect(message.targets.map(({ n, destination }) => [n, destination.target])).toEqual([
      [0, "+31610000000"],
      [1, "+31610000000"],
    ]);
  });

  it("counts parts by the profile of the first carrier on the route, once for all targets of that route", async () => {
    const { accept, profilesAsked } = setUp();
    const text = "x".repeat(161);
    const message = acceptedMessage(await accept.accept(request({ text, destinations: numbers(1_000) })));
    expect(message.targets).toHaveLength(1_000);
    expect(new Set(message.targets.map(({ parts }) => parts))).toEqual(new Set([2]));
    expect(profilesAsked).toEqual([NORTH]);
  });

  it("stores half a surrogate pair as the replacement character that will be sent", async () => {
    const message = acceptedMessage(await setUp().accept.accept(request({ text: "a\ud83d" })));
    expect(message.text).toBe("a\ufffd");
  });

  it("takes a name as sender", async () => {
    const message = acceptedMessage(await setUp().accept.accept(request({ source: { target: "My Shop" } })));
    expect(message.source.target).toBe("My Shop");
  });

  it("sends from a number that is the customer's or nobody's, and from no other customer's", async () => {
    const own = setUp({ ownerOf });
    for (const target of ["+821100000001", "+821100000002", "My Shop"])
      acceptedMessage(await own.accept.accept(request({ source: { target } })));
    for (const owned of [ownerOf, async (number: string) => ownerOf(number)]) {
      const setting = setUp({ ownerOf: owned });
      const customerId = "00000000-0000-4000-8000-000000000002" as CustomerId;
      const refused = { kind: "rejected", reason: "invalid_argument", field: "source.target" };
      expect(await rejection({ customerId }, setting)).toMatchObject(refused);
      expect(await setting.accept.preview(request({ customerId }))).toMatchObject(refused);
    }
  });

  it.each(["My Shop", "12345", "+12345", "0612345678"])(
    "asks nobody who owns %s: a name, a short code, a national number",
    async (target) => {
      const { accept } = setUp({ ownerOf: () => Promise.reject(new Error("asked")) });
      const message = acceptedMessage(await accept.accept(request({ source: { target } })));
      expect(message.source.target).toBe(target);
    },
  );

  it.each(["+821100000001", "821100000001", "+82 11-0000-0001"])("asks who owns %s", async (target) => {
    const { accept } = setUp({ ownerOf: () => Promise.reject(new Error("asked")) });
    await expect(accept.accept(request({ source: { target } }))).rejects.toThrow("asked");
  });

  it("keeps a scheduled message in the store until it is due", async () => {
    const { accept, store, handOver, clock } = setUp();
    const tmSchedule = addMs(clock.now(), 3_600_000);
    const message = acceptedMessage(await accept.accept(request({ options: { tmSchedule } })));
    expect(message.targets[0]?.status).toBe("scheduled");
    expect(store.acceptances[0]).toMatchObject({ leasedTo: null });
    expect(store.acceptances[0]?.queue[0]).toMatchObject({
      dueAt: tmSchedule,
      expiresAt: addMs(tmSchedule, DAY_MS),
    });
    expect(handOver.delivered).toEqual([]);
  });

  it("queues by the priority that is asked for", async () => {
    const { accept, store } = setUp();
    await accept.accept(request({ options: { priority: 0 } }));
    expect(store.acceptances[0]?.queue[0]?.priority).toBe(0);
  });

  it("counts what it accepts and what it turns down", async () => {
    const { accept, counts } = setUp();
    await accept.accept(request({ destinations: numbers(3) }));
    await accept.accept(request({ text: "" }));
    expect(counts).toEqual([
      "msgbin_messages_accepted_total  1",
      "msgbin_targets_accepted_total  3",
      "msgbin_messages_rejected_total invalid_argument 1",
    ]);
  });
});

describe("a request with something wrong is turned down whole", () => {
  it("without a destination", async () => {
    expect(await rejection({ destinations: [] })).toMatchObject({
      reason: "invalid_argument",
      field: "destinations",
    });
  });

  it("with 1,001 destinations, and not with 1,000", async () => {
    expect(await rejection({ destinations: numbers(1_001) })).toMatchObject({
      field: "destinations",
      message: expect.stringContaining("at most 1000"),
    });
    acceptedMessage(await setUp().accept.accept(request({ destinations: numbers(1_000) })));
  });

  it("over a limit of destinations that the operator set", async () => {
    const setting = setUp({ limits: { destinations: 2 } });
    expect(await rejection({ destinations: numbers(3) }, setting)).toMatchObject({ field: "destinations" });
    acceptedMessage(await setting.accept.accept(request({ destinations: numbers(2) })));
  });

  it.each(["", "abc", "+12", "12", "1234567890123456", "+0123456789"])(
    "with the destination %j, naming its index",
    async (target) => {
      expect(await rejection({ destinations: [...numbers(3), { target }] })).toMatchObject({
        reason: "invalid_argument",
        field: "destinations[3].target",
      });
    },
  );

  it("with a destination that is no telephone", async () => {
    const destinations = [{ type: "sip", target: "+31616818985" }];
    expect(await rejection({ destinations })).toMatchObject({ field: "destinations[0].type" });
  });

  const MISTYPED = ["+3160000O01", "+1234567x", "+31(0)612345"];

  it.each([undefined, "", "a name too long", "Käse", ...MISTYPED])("with the source %j", async (target) => {
    const source = target === undefined ? {} : { target };
    expect(await rejection({ source })).toMatchObject({ field: "source.target" });
  });

  it("with words beside an address over 255 characters, and not with 255", async () => {
    const [target] = numbers(1);
    const named = (count: number) => [{ ...target, name: "n".repeat(count) }];
    expect(await rejection({ destinations: named(256) })).toMatchObject({ field: "destinations[0].name" });
    acceptedMessage(await setUp().accept.accept(request({ destinations: named(255) })));
    const source = { target: "+821100000001", detail: "a\0b" };
    expect(await rejection({ source })).toMatchObject({ field: "source.detail" });
  });

  it("with a type of a source over 64 characters, and not with 64", async () => {
    const type = "t".repeat(64);
    expect(await rejection({ source: { type: `${type}t`, target: "Shop" } })).toMatchObject({
      field: "source.type",
      message: "source.type is longer than 64 characters",
    });
    acceptedMessage(await setUp().accept.accept(request({ source: { type, target: "Shop" } })));
  });

  it("with an empty text", async () => {
    expect(await rejection({ text: "" })).toMatchObject({ reason: "invalid_argument", field: "text" });
  });

  it("with a NUL in the text", async () => {
    expect(await rejection({ text: "a\0b" })).toMatchObject({ field: "text" });
  });

  it("with a text of eleven parts, saying so, and not with ten", async () => {
    expect(await rejection({ text: "x".repeat(1_531) })).toMatchObject({
      field: "text",
      message: "the text takes 11 parts, at most 10 are allowed",
    });
    const message = acceptedMessage(await setUp().accept.accept(request({ text: "x".repeat(1_530) })));
    expect(message.targets[0]?.parts).toBe(10);
  });

  it("over the part limit of the carrier's profile", async () => {
    const profile: TextProfile = { ...DEFAULT_TEXT_PROFILE, maxParts: 1 };
    expect(await rejection({ text: "x".repeat(161) }, setUp({ profileOf: () => profile }))).toMatchObject({
      field: "text",
    });
  });

  it("with a text that the encoding asked for cannot write, without quoting it", async () => {
    const turnedDown = await rejection({ text: "secret 猫", options: { encoding: "gsm7" } });
    expect(turnedDown).toMatchObject({ field: "text", message: expect.stringContaining("character 8") });
    expect(turnedDown.message).not.toContain("猫");
  });

  it("with a time of sending in the past, or an end before it", async () => {
    const past = micros(Date.UTC(2020, 0) * 1_000);
    expect(await rejection({ options: { tmSchedule: past } })).toMatchObject({ field: "tm_schedule" });
    expect(await rejection({ options: { tmExpire: past } })).toMatchObject({ field: "tm_expire" });
    const future = micros(Date.UTC(2026, 5) * 1_000);
    expect(await rejection({ options: { tmSchedule: future, tmExpire: future } })).toMatchObject({
      field: "tm_expire",
    });
  });

  it("with an idempotency key of no or over 255 characters", async () => {
    for (const key of ["", "k".repeat(256)]) {
      expect(await rejection({ idempotency: { key, fingerprint: "f" } })).toMatchObject({
        field: "Idempotency-Key",
      });
    }
  });
});

describe("binary messages", () => {
  it("are counted in octets, header included", async () => {
    const { accept } = setUp();
    const parts: (number | undefined)[] = [];
    for (const octets of [133, 134]) {
      const options = { data: "ab".repeat(octets), udh: "06050415811581" };
      parts.push(acceptedMessage(await accept.accept(request({ text: "", options }))).targets[0]?.parts);
    }
    expect(parts).toEqual([1, 2]);
  });

  it.each([
    [{ text: "", options: { encoding: "binary" } }, "data"],
    [{ text: "", options: { data: "abc" } }, "data"],
    [{ text: "", options: { data: "xy" } }, "data"],
    [{ text: "", options: { data: "ab".repeat(1_401) } }, "data"],
    [{ text: "and text", options: { data: "ab" } }, "text"],
    [{ text: "", options: { data: "ab", encoding: "ucs2" } }, "encoding"],
    [{ text: "only", options: { udh: "06050415811581" } }, "udh"],
    [{ text: "", options: { data: "ab", udh: "0" } }, "udh"],
    [{ text: "", options: { data: "ab", udh: "09050415811581" } }, "udh"],
    [{ text: "", options: { data: "ab", udh: "06050415811581ff" } }, "udh"],
    [{ text: "", options: { data: "ab".repeat(140), udh: "0500030a0201" } }, "udh"],
  ] as const)("are turned down when they are %j", async (change, field) => {
    expect(await rejection(change)).toMatchObject({ reason: "invalid_argument", field });
  });
});

describe("routes", () => {
  it("turn a request down that has nowhere to go", async () => {
    expect(await rejection({ destinations: numbers(2) }, setUp({ route: () => [] }))).toMatchObject({
      reason: "route_not_found",
      field: "destinations",
    });
  });

  it("fail only the targets without one when others have one", async () => {
    const { accept, store, handOver } = setUp({
      route: ({ destination }) => (destination.endsWith("1") ? [] : [NORTH]),
    });
    const message = acceptedMessage(await accept.accept(request({ destinations: numbers(3) })));
    expect(message.targets.map(({ status, failure }) => [status, failure?.code])).toEqual([
      ["queued", undefined],
      ["failed", "no_route"],
      ["queued", undefined],
    ]);
    expect(store.acceptances[0]?.queue.map(({ n }) => n)).toEqual([0, 2]);
    expect(handOver.delivered.map(({ n }) => n)).toEqual([0, 2]);
  });

  it("are looked for by type, which is mms when there are medias", async () => {
    const types: string[] = [];
    const { accept } = setUp({
      route: ({ type }) => {
        types.push(type);
        return [NORTH];
      },
    });
    const medias = [{ type: "image/jpeg", url: "https://example.com/cat.jpg" }];
    const message = acceptedMessage(await accept.accept(request({ text: "", options: { medias } })));
    expect(types).toEqual(["mms"]);
    expect(message).toMatchObject({ type: "mms", targets: [{ parts: 1 }] });
  });
});

describe("handing over", () => {
  it("leases to this node what there is room for, and delivers it after the commit", async () => {
    const { accept, store, handOver } = setUp({}, 3);
    const held = Promise.withResolvers<void>();
    store.gate = held.promise;
    const accepting = accept.accept(request({ destinations: numbers(3) }));
    await vi.waitFor(() => expect(handOver.room[NORTH]).toBe(0));
    expect(handOver.delivered).toEqual([]);
    held.resolve();
    await accepting;
    expect(handOver.delivered).toEqual(store.acceptances[0]?.queue);
    expect(store.acceptances[0]?.leasedTo).toEqual({ node: NODE, carriers: [NORTH], marks: [] });
  });

  it("leaves targets in the store when there is no room for all of them", async () => {
    const { accept, store, handOver } = setUp({}, 2);
    await accept.accept(request({ destinations: numbers(3) }));
    expect(store.acceptances[0]?.leasedTo).toBeNull();
    expect(handOver.delivered).toEqual([]);
    expect(handOver.room[NORTH]).toBe(2);
  });

  it("reserves for each carrier by itself", async () => {
    const { accept, store, handOver } = setUp({
      route: ({ destination }) => (destination.endsWith("1") ? [SOUTH] : [NORTH]),
    });
    await accept.accept(request({ destinations: numbers(3) }));
    expect(store.acceptances[0]?.leasedTo).toEqual({ node: NODE, carriers: [NORTH], marks: [] });
    expect(handOver.delivered.map(({ n }) => n)).toEqual([0, 2]);
  });

  it("marks with the message what can leave at once, and lets it leave after the commit", async () => {
    const { accept, store, handOver } = setUp({}, 3);
    handOver.departing = 3;
    const held = Promise.withResolvers<void>();
    store.gate = held.promise;
    const accepting = accept.accept(request({ destinations: numbers(3) }));
    await vi.waitFor(() => expect(handOver.departing).toBe(0));
    expect(handOver.left).toEqual([]);
    held.resolve();
    await accepting;
    expect(handOver.left).toEqual(store.acceptances[0]?.queue);
    expect(handOver.room[NORTH]).toBe(3);
    const marks = [{ carrierId: NORTH, bind: 1, epoch: 7 }];
    expect(store.acceptances[0]?.leasedTo).toEqual({ node: NODE, carriers: [NORTH], marks });
  });

  it("lets nothing leave when the commit fails", async () => {
    const { accept, store, handOver } = setUp();
    handOver.departing = 1;
    store.failure = new StoreUnavailable("disk_full", "no room on the disk");
    await expect(accept.accept(request())).rejects.toBe(store.failure);
    expect(handOver).toMatchObject({ departing: 1, left: [], delivered: [] });
  });

  it("gives the room back when the commit fails, and lets the failure through", async () => {
    const { accept, store, handOver } = setUp({}, 3);
    store.failure = new StoreUnavailable("disk_full", "no room on the disk");
    await expect(accept.accept(request())).rejects.toBe(store.failure);
    expect(handOver.room[NORTH]).toBe(3);
    expect(handOver.delivered).toEqual([]);
  });
});

describe("idempotency keys", () => {
  const idempotency = { key: "order-7", fingerprint: "one" };

  it("give the first answer again for the same request", async () => {
    const { accept, store, handOver } = setUp();
    const first = await accept.accept(request({ idempotency }));
    const second = await accept.accept(request({ idempotency }));
    expect(second).toEqual({ kind: "replayed", answer: first.kind === "accepted" ? first.answer : "" });
    expect(store.acceptances).toHaveLength(1);
    expect(handOver.delivered).toHaveLength(1);
  });

  it("keep the answer with the message for 24 hours", async () => {
    const { accept, store } = setUp();
    const { id, tmCreate } = acceptedMessage(await accept.accept(request({ idempotency })));
    expect(store.acceptances[0]?.idempotency).toEqual({
      ...idempotency,
      answer: `answer for ${id}`,
      expiresAt: addMs(tmCreate, DAY_MS),
    });
  });

  it("turn another request down", async () => {
    const { accept } = setUp();
    await accept.accept(request({ idempotency }));
    expect(
      await accept.accept(request({ idempotency: { ...idempotency, fingerprint: "two" } })),
    ).toMatchObject({
      kind: "rejected",
      reason: "idempotency_key_reused",
    });
  });

  it("are in use while their first request runs, and free again when it failed", async () => {
    const { accept, store } = setUp();
    const held = Promise.withResolvers<void>();
    store.gate = held.promise;
    store.failure = new StoreUnavailable("busy", "locked");
    const first = accept.accept(request({ idempotency }));
    expect(await accept.accept(request({ idempotency }))).toMatchObject({ reason: "idempotency_key_in_use" });
    held.resolve();
    await expect(first).rejects.toThrow(StoreUnavailable);
    store.failure = null;
    expect((await accept.accept(request({ idempotency }))).kind).toBe("accepted");
  });

  it("are counted once by what became of their request; an answer that is given again is neither", async () => {
    const { accept, store, counts } = setUp();
    const held = Promise.withResolvers<void>();
    store.gate = held.promise;
    const first = accept.accept(request({ idempotency }));
    await accept.accept(request({ idempotency }));
    held.resolve();
    await first;
    await accept.accept(request({ idempotency }));
    await accept.accept(request({ idempotency: { ...idempotency, fingerprint: "two" } }));
    expect(counts).toEqual([
      "msgbin_messages_rejected_total idempotency_key_in_use 1",
      "msgbin_messages_accepted_total  1",
      "msgbin_targets_accepted_total  1",
      "msgbin_messages_rejected_total idempotency_key_reused 1",
    ]);
  });

  it("belong to one customer", async () => {
    const { accept } = setUp();
    await accept.accept(request({ idempotency }));
    const other = "00000000-0000-4000-8000-000000000002" as CustomerId;
    expect((await accept.accept(request({ idempotency, customerId: other }))).kind).toBe("accepted");
  });

  it("are not spent on a request that is turned down", async () => {
    const { accept } = setUp();
    await accept.accept(request({ idempotency, text: "" }));
    expect((await accept.accept(request({ idempotency }))).kind).toBe("accepted");
  });

  it.each([
    ["one", { kind: "replayed", answer: "theirs" }],
    ["two", { kind: "rejected", reason: "idempotency_key_reused" }],
  ])("obey what another process committed meanwhile (fingerprint %s)", async (fingerprint, expected) => {
    const { accept, store, handOver } = setUp({}, 5);
    const held = Promise.withResolvers<void>();
    store.gate = held.promise;
    const accepting = accept.accept(request({ idempotency: { ...idempotency, fingerprint } }));
    await Promise.resolve().then(() => Promise.resolve());
    store.claimKey(idempotency.key, "one", "theirs");
    held.resolve();
    expect(await accepting).toMatchObject(expected);
    expect(store.acceptances).toEqual([]);
    expect(handOver.room[NORTH]).toBe(5);
  });
});
