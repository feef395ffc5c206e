import { describe, expect, it } from "vitest";
import { createClock } from "../domain/clock.ts";
import { type CarrierId, createIds, type CustomerId, type NodeId } from "../domain/ids.ts";
import { addMs } from "../domain/micros.ts";
import { DEFAULT_TEXT_PROFILE } from "../gsm/text-profile.ts";
import type { Acceptance } from "../store/accepting.ts";
import { createAccept } from "./accept.ts";
import type { AcceptRequest } from "./accept-request.ts";

const CUSTOMER = "00000000-0000-4000-8000-000000000001" as CustomerId;
const NORTH = "00000000-0000-4000-8000-00000000000a" as CarrierId;
const NODE = "00000000-0000-4000-8000-0000000000ff" as NodeId;
const SENDER = "+821100000001";

/** @param optedOut pairs of sender and handset, as the store has them. */
function setUp(
  optedOut: readonly (readonly [string, string])[] = [],
  carriers: readonly CarrierId[] = [NORTH],
) {
  const acceptances: Acceptance[] = [];
  const asked: number[] = [];
  const clock = createClock(() => Date.UTC(2026, 0, 1));
  const accept = createAccept({
    store: {
      acceptMessages: async (entries) => {
        acceptances.push(...entries);
        return entries.map(() => ({ kind: "accepted" as const }));
      },
      findIdempotent: async () => null,
      optedOut: async (_customer, sender, handsets) => {
        asked.push(handsets.length);
        return new Set(
          handsets.filter((handset) => optedOut.some(([s, h]) => s === sender && h === handset)),
        );
      },
    },
    handOver: {
      depart: () => null,
      reserve: () => false,
      deliver: () => undefined,
      release: () => undefined,
    },
    clock,
    ids: createIds((bytes) => crypto.getRandomValues(bytes)),
    node: NODE,
    metrics: { count: () => undefined, gauge: () => undefined, observe: () => undefined },
    route: () => carriers,
    profileOf: () => DEFAULT_TEXT_PROFILE,
    ownerOf: () => null,
    limits: { destinations: 2_000 },
  });
  return { accept, acceptances, asked, clock };
}

function request(change: Partial<AcceptRequest> = {}): AcceptRequest {
  return {
    customerId: CUSTOMER,
    source: { target: SENDER },
    destinations: [{ target: "+31616818985" }, { target: "+31616818986" }],
    text: "hello",
    options: {},
    render: ({ id }) => id,
    ...change,
  };
}

describe("a handset that has opted out of the sender", () => {
  it("is stored as failed and not queued, while the others are sent", async () => {
    const { accept, acceptances } = setUp([[SENDER, "+31616818985"]]);
    expect((await accept.accept(request())).kind).toBe("accepted");
    expect(acceptances[0]?.targets).toMatchObject([
      { n: 0, status: "failed", parts: 1, failure: { code: "recipient_opted_out", carrierCode: "" } },
      { n: 1, status: "queued", failure: null },
    ]);
    expect(acceptances[0]?.queue.map(({ n }) => n)).toEqual([1]);
  });

  it("is stored as failed when there is nobody else", async () => {
    const { accept, acceptances } = setUp([[SENDER, "+31616818985"]]);
    const only = request({ destinations: [{ target: "+31616818985" }] });
    expect((await accept.accept(only)).kind).toBe("accepted");
    expect(acceptances[0]?.queue).toEqual([]);
  });

  it("still hears from another sender, and gets our own answers", async () => {
    const { accept, acceptances } = setUp([[SENDER, "+31616818985"]]);
    await accept.accept(request({ source: { target: "Shop" } }));
    await accept.accept(request({ ignoresOptOut: true }));
    expect(acceptances.flatMap(({ targets }) => targets.map(({ status }) => status))).toEqual(
      Array.from({ length: 4 }, () => "queued"),
    );
  });

  it("is asked for at most a thousand at a time, where an operator allows more destinations", async () => {
    const destinations = Array.from({ length: 1_001 }, (_, n) => ({ target: `+316${10_000_000 + n}` }));
    const { accept, acceptances, asked } = setUp([[SENDER, "+31610001000"]]);
    await accept.accept(request({ destinations }));
    expect(acceptances[0]?.queue).toHaveLength(1_000);
    expect(asked).toEqual([1_000, 1]);
  });
});

describe("a preview", () => {
  it("tells what would become of each destination and keeps nothing", async () => {
    const { accept, acceptances } = setUp([[SENDER, "+31616818986"]]);
    const { render: _, ...wish } = request({ text: "é".repeat(161) });
    expect(await accept.preview(wish)).toMatchObject({
      kind: "previewed",
      type: "sms",
      targets: [
        { status: "queued", parts: 2, encoding: "gsm7", route: [NORTH], failure: null },
        { status: "failed", parts: 2, route: [], failure: { code: "recipient_opted_out" } },
      ],
    });
    expect(acceptances).toEqual([]);
  });

  it("shows destinations without a route, where a request would be turned down", async () => {
    const { accept } = setUp([], []);
    expect(await accept.preview(request())).toMatchObject({
      kind: "previewed",
      targets: [{ failure: { code: "no_route" } }, { failure: { code: "no_route" } }],
    });
    expect(await accept.accept(request())).toMatchObject({ kind: "rejected", reason: "route_not_found" });
  });

  it("refuses what a request would be refused for", async () => {
    const { accept } = setUp();
    expect(await accept.preview(request({ destinations: [] }))).toMatchObject({ field: "destinations" });
  });
});

describe("what a request may ask for", () => {
  it("is refused by field", async () => {
    const { accept, clock } = setUp();
    const now = clock.now();
    const day = 86_400_000;
    const media = { type: "image/jpeg", url: "https://example.com/a.jpg" };
    const wrong: readonly (readonly [string, Partial<AcceptRequest>])[] = [
      ["medias", { options: { medias: Array.from({ length: 11 }, () => media) } }],
      ["medias[0].type", { options: { medias: [{ ...media, type: "jpeg" }] } }],
      ["medias[0].url", { options: { medias: [{ ...media, url: "ftp://example.com/a" }] } }],
      ["medias", { text: "", options: { data: "00", medias: [media] } }],
      ["tm_schedule", { options: { tmSchedule: addMs(now, 367 * day) } }],
      ["tm_expire", { options: { tmExpire: addMs(now, 367 * day) } }],
    ];
    for (const [field, change] of wrong) {
      expect(await accept.accept(request(change))).toMatchObject({ kind: "rejected", field });
    }
    const edge = { tmSchedule: addMs(now, 366 * day) };
    expect((await accept.accept(request({ options: edge }))).kind).toBe("accepted");
  });

  it("names the medias when no carrier takes multimedia messages", async () => {
    const { accept } = setUp([], []);
    const medias = [{ type: "image/jpeg", url: "https://example.com/a.jpg" }];
    expect(await accept.accept(request({ options: { medias } }))).toMatchObject({
      reason: "route_not_found",
      field: "medias",
      message: "no carrier takes mms messages to any of these destinations",
    });
  });
});
