import { describe, expect, it } from "vitest";

import type { OutboundTarget } from "../../domain/outbound-target.ts";
import { commandStatusName } from "../../smpp/pdu/command-status.ts";
import type { Lane, SubmitOutcome } from "../carrier.ts";
import { MAGIC_NUMBERS } from "../simulator/magic-numbers.ts";
import { type Pair, startPair } from "./smpp-carrier.fixture.ts";
import { outboundTarget } from "./targets.fixture.ts";

const LONG = "The quick brown fox jumps over the lazy dog. ".repeat(8).trim();
const TEN_PARTS = "0123456789 ".repeat(135);

describe("an SMPP carrier that sends", () => {
  it("has a text delivered and hears of it", async () => {
    await using pair = await startPair();
    const [outcome] = await pair.send({ to: "+31616818985", text: "hello" });
    expect(outcome).toMatchObject({ kind: "taken" });
    await pair.until(() => pair.receipts.length === 1);
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([
      { from: "+821021656521", text: "hello", parts: 1, encoding: "gsm7" },
    ]);
    const keys = outcome?.kind === "taken" ? outcome.receiptKeys : [];
    expect(pair.receipts).toMatchObject([{ state: "delivered", destination: "31616818985", failure: null }]);
    expect(pair.receipts[0]?.keys[0]).toBe(keys[0]);
  });

  it.each([
    ["", {}],
    ["?reference=16", {}],
    ["?concat=sar", {}],
    ["?concat=sar&packing=packed", { packing: "packed" }],
    ["?packing=packed", { packing: "packed" }],
    ["?alphabet=latin1", { alphabet: "latin1" }],
    ["?alphabet=ascii", { alphabet: "ascii" }],
    ["?nationals=turkish", {}],
  ] as const)("joins a long text on the handset, with a receipt a part: %j", async (query, behaviours) => {
    await using pair = await startPair({ query, behaviours });
    const [outcome] = await pair.send({ to: "+31616818985", text: LONG });
    await pair.until(() => pair.receipts.length === 3);
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([{ text: LONG, parts: 3 }]);
    const keys = outcome?.kind === "taken" ? outcome.receiptKeys : [];
    expect(new Set(pair.receipts.map((receipt) => receipt.keys[0]))).toEqual(new Set(keys));
  });

  it("sends a long text whole in message_payload, with one receipt for all its parts", async () => {
    await using pair = await startPair({ query: "?concat=payload" });
    const [outcome] = await pair.send({ to: "+31616818985", text: LONG });
    await pair.until(() => pair.receipts.length === 1);
    const key = pair.receipts[0]?.keys[0];
    expect(outcome).toMatchObject({ kind: "taken", receiptKeys: [key, key, key] });
    expect(pair.simulator.counters().submits).toBe(1);
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([{ text: LONG, parts: 1 }]);
  });

  it("brings ten parts through a window of three", async () => {
    await using pair = await startPair({ query: "?window=3", behaviours: { responseDelayMs: 1 } });
    const [outcome] = await pair.send({ to: "+31616818985", text: TEN_PARTS });
    expect(outcome?.kind === "taken" && outcome.receiptKeys.length).toBe(10);
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([{ text: TEN_PARTS, parts: 10 }]);
    expect(pair.simulator.counters().widestWindow).toBe(3);
  });

  it("brings emoji at the edge of a part whole", async () => {
    await using pair = await startPair();
    const text = `${"x".repeat(66)}😀${"y".repeat(65)}👍🏽 end`;
    await pair.send({ to: "+31616818985", text });
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([{ text, encoding: "ucs2", parts: 3 }]);
    for (const entry of pair.simulator.log()) expect(entry.text.isWellFormed()).toBe(true);
  });

  it("keeps an escape and its character in one part", async () => {
    await using pair = await startPair();
    const text = `${"x".repeat(152)}€${"y".repeat(20)}`;
    await pair.send({ to: "+31616818985", text });
    const parts = pair.simulator.log().map((entry) => entry.text);
    expect(parts).toEqual(["x".repeat(152), `€${"y".repeat(20)}`]);
  });

  it("sends only what the GSM alphabet has to a carrier of Latin-1, which would drop the rest", async () => {
    await using pair = await startPair({ query: "?alphabet=latin1", behaviours: { alphabet: "latin1" } });
    await pair.send({ to: "+31616818985", text: "á la carte, 5 €" }, { to: "+31616818985", text: "é à ü" });
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([
      { text: "á la carte, 5 €", encoding: "ucs2" },
      { text: "é à ü", encoding: "latin1" },
    ]);
  });

  it("sends flash and binary messages as what they are", async () => {
    await using pair = await startPair();
    await pair.send(
      { to: "+31616818985", text: "now", options: { flash: true } },
      { to: "+31616818985", text: "", options: { data: "cafe", udh: "0605040b8423f0" } },
    );
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([
      { text: "now", isFlash: true },
      { data: "cafe", encoding: "binary", isFlash: false },
    ]);
  });

  it("says GSM text with data_coding 0, never 1", async () => {
    await using pair = await startPair();
    await pair.send({ text: "hello" }, { text: "ß" }, { text: "я" });
    expect(pair.simulator.log().map(({ dataCoding }) => dataCoding)).toEqual([0, 0, 8]);
  });

  it("refuses what cannot be written without sending anything", async () => {
    await using pair = await startPair({ query: "?max_parts=2" });
    const outcomes = await pair.send({ text: LONG }, { to: "1".repeat(22) }, { text: "fine" });
    expect(outcomes).toMatchObject([
      { kind: "refused", failure: { code: "content_rejected" }, elsewhere: true },
      { kind: "refused", failure: { code: "invalid_destination" }, elsewhere: true },
      { kind: "taken" },
    ]);
    expect(pair.simulator.counters().submits).toBe(1);
  });

  const refusals = Object.entries(MAGIC_NUMBERS).flatMap(([digits, { taking }]) =>
    taking.kind === "refused" ? [{ digits, ...taking }] : [],
  );
  it.each(refusals)(
    "takes the answer to +316$digits for what it is",
    async ({ digits, commandStatus, times }) => {
      await using pair = await startPair();
      const words = commandStatusName(commandStatus);
      const [outcome] = await pair.send({ to: `+316${digits}` });
      expect(outcome?.words).toBe(words);
      const isTemporary = times !== null || words === "ESME_RSYSERR" || words === "ESME_RSUBMITFAIL";
      expect(outcome?.kind).toBe(isTemporary ? "later" : "refused");
    },
  );

  it("has a message taken at the third try where the carrier refuses two", async () => {
    await using pair = await startPair();
    const kinds: (string | undefined)[] = [];
    for (const attempts of [0, 1, 2]) {
      const [outcome] = await pair.send({ to: "+31600000033", attempts });
      kinds.push(outcome?.kind);
    }
    expect(kinds).toEqual(["later", "later", "taken"]);
  });

  it("takes an error that comes with an empty id, as generic_nack, or with strange company", async () => {
    await using pair = await startPair({
      behaviours: { errorBody: "nul", strayResponses: true, unknownCommands: true },
    });
    const [first] = await pair.send({ to: "+31600000021" });
    pair.simulator.behave({ errorAs: "nack" });
    const [second] = await pair.send({ to: "+31600000021" });
    expect([first, second]).toMatchObject([
      { kind: "refused", failure: { code: "invalid_destination" } },
      { kind: "refused", failure: { code: "invalid_destination" } },
    ]);
    expect((await pair.send({}))[0]?.kind).toBe("taken");
  });

  it.each(["nul", "none"] as const)(
    "takes a success without an id (%s) for sent, without a key",
    async (okBody) => {
      await using pair = await startPair({ behaviours: { okBody } });
      expect(await pair.send({})).toMatchObject([{ kind: "taken", receiptKeys: [null] }]);
    },
  );

  it("keeps the window full and never exceeds it", async () => {
    await using pair = await startPair({ query: "?window=7", behaviours: { responseDelayMs: 2 } });
    await pair.up();
    const outcomes: string[] = [];
    const waiting = Array.from({ length: 200 }, (_, n) => ({ target: outboundTarget({ n }) }));
    // What the dispatcher does: never more than there is room for.
    await pair.until(() => {
      const [lane] = pair.carrier.lanes();
      if (lane !== undefined)
        pair.carrier.submit(lane, waiting.splice(0, lane.room), (_, { kind }) => outcomes.push(kind));
      return outcomes.length === 200;
    });
    expect(new Set(outcomes)).toEqual(new Set(["taken"]));
    expect(pair.simulator.counters().widestWindow).toBe(7);
  });

  it("tells its room: the window less what is unanswered and what waits", async () => {
    await using pair = await startPair({ query: "?window=4", behaviours: { silent: true } });
    await pair.up();
    const [lane] = pair.carrier.lanes();
    if (lane === undefined) throw new Error("no lane");
    expect(lane).toMatchObject({ bind: 0, epoch: 1, windowSize: 4, room: 4 });
    pair.carrier.submit(lane, [{ target: outboundTarget() }], () => undefined);
    expect(pair.carrier.lanes()).toMatchObject([{ room: 3 }]);
    pair.carrier.submit(lane, [{ target: outboundTarget({ text: TEN_PARTS }) }], () => undefined);
    expect(pair.carrier.lanes()).toMatchObject([{ room: 0 }]);
    expect(pair.carrier.health()).toMatchObject({ state: "up", lanes: 1, windowUsed: 4, windowSize: 4 });
  });

  it("slows down when it is throttled, and says when to come again", async () => {
    await using pair = await startPair({ query: "?window=8", behaviours: { tps: 1 } });
    const outcomes = await pair.send(...Array.from({ length: 8 }, () => ({})));
    const throttled = outcomes.filter(({ kind }) => kind === "later");
    expect(throttled.length).toBeGreaterThanOrEqual(6);
    for (const outcome of throttled)
      expect(outcome).toMatchObject({ throttled: true, words: "ESME_RTHROTTLED" });
    expect(pair.carrier.lanes()).toMatchObject([{ windowSize: 4, room: 0 }]);
    expect(pair.carrier.health().state).toBe("throttled");
    expect(pair.counted.get("msgbin_carrier_throttled_total")).toBe(throttled.length);
    pair.simulator.behave({ tps: null });
    await pair.until(() => pair.carrier.lanes()[0]?.room === 4);
    expect((await pair.send({}))[0]?.kind).toBe("taken");
  });

  it.each(["ESME_RMSGQFUL", "ESME_RSUBMITFAIL"] as const)(
    "comes later when its window is wider than the carrier's, which says %s",
    async (name) => {
      const windowStatus = name === "ESME_RMSGQFUL" ? 0x14 : 0x45;
      await using pair = await startPair({
        query: "?window=5",
        behaviours: { windowLimit: 2, windowStatus, responseDelayMs: 5 },
      });
      const outcomes = await pair.send({}, {}, {}, {}, {});
      expect(outcomes.map(({ kind }) => kind)).toEqual(["taken", "taken", "later", "later", "later"]);
    },
  );

  it.each([
    ["?service_type=CMT", { requiredServiceType: "CMT" }],
    ["?dest_ton=2&dest_npi=1", { requiredDestTon: 2 }],
    ["?tlvs=1400:01", { requiredTlv: 0x1400 }],
    ["", { validity: "empty" }],
    ["?validity=absolute", { validity: "absolute" }],
    ["?validity=relative", { validity: "relative" }],
    ["", { refusesStoreForward: true, refusesSchedule: true, refusesPriority: true }],
  ] as const)("satisfies with %j a carrier that insists: %j", async (query, behaviours) => {
    await using pair = await startPair({ query, behaviours });
    expect((await pair.send({}))[0]?.kind).toBe("taken");
  });

  it.each([
    ["", { requiredServiceType: "CMT" }, "ESME_RINVSERTYP"],
    ["?dest_ton=2", { requiredDestTon: 1 }, "ESME_RINVDSTTON"],
    ["", { requiredTlv: 0x1400 }, "ESME_RMISSINGOPTPARAM"],
    ["?validity=absolute", { validity: "empty" }, "ESME_RINVEXPIRY"],
    ["?esm_mode=store-forward", { refusesStoreForward: true }, "ESME_RINVESMCLASS"],
    ["?priority=1", { refusesPriority: true }, "ESME_RINVPRTFLG"],
  ] as const)("is told what such a carrier misses: %j, %j", async (query, behaviours, words) => {
    await using pair = await startPair({ query, behaviours });
    expect(await pair.send({})).toMatchObject([{ kind: "refused", words }]);
  });

  it("leaves parts alone that were taken before", async () => {
    await using pair = await startPair();
    const target = outboundTarget({ text: LONG, parts: 3, partStates: "sqs" });
    const [lane] = await laneOf(pair);
    const first = Promise.withResolvers<string>();
    pair.carrier.submit(lane, [{ target }], (_, outcome) => first.resolve(outcome.kind));
    expect(await first.promise).toBe("taken");
    expect(pair.simulator.log().map(({ part }) => part?.sequence)).toEqual([2]);
  });

  it("sends a part that was refused for now under the reference of the others", async () => {
    const target = outboundTarget({ text: LONG, parts: 3 });
    await using pair = await startPair({
      query: "?window=1",
      simulator: {
        // Of three parts the last is refused.
        onSubmit: ({ number }) => pair.simulator.behave({ errorPercent: number === 2 ? 100 : 0 }),
      },
    });
    const [lane] = await laneOf(pair);
    const first = await submitOne(pair, lane, target);
    expect(first).toMatchObject({ kind: "later", throttled: false, partStates: "ssq" });
    const partStates = first.kind === "later" ? first.partStates : "";
    expect(await submitOne(pair, lane, { ...target, partStates })).toMatchObject({ kind: "taken" });
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([{ text: LONG }]);
  });

  it("keeps the reference over an attempt of which nothing was written", async () => {
    const target = outboundTarget({ to: "+31600000033", text: LONG, parts: 3 });
    await using pair = await startPair({ query: "?window=1" });
    const [lane] = await laneOf(pair);
    expect(await submitOne(pair, lane, target)).toMatchObject({ kind: "later", partStates: "qqq" });
    // The window is taken up by what is never answered; then the slot comes under another lease.
    void submitOne(pair, lane, outboundTarget({ to: "+31600000018" }));
    const unsent = submitOne(pair, lane, target);
    pair.lease(2);
    expect(await unsent).toMatchObject({ kind: "unsent" });
    pair.simulator.clients()[0]?.drop();
    const [again] = await laneOf(pair);
    expect(await submitOne(pair, again, target)).toMatchObject({ kind: "later" });
    const references = pair.simulator.log().flatMap(({ part }) => part?.reference ?? []);
    expect(references).toEqual(Array.from({ length: 6 }, () => references[0]));
  });
});

function submitOne(pair: Pair, lane: Lane, target: OutboundTarget): Promise<SubmitOutcome> {
  const { promise, resolve } = Promise.withResolvers<SubmitOutcome>();
  pair.carrier.submit(lane, [{ target }], (_, outcome) => resolve(outcome));
  return promise;
}

async function laneOf(pair: Pair) {
  await pair.up();
  const [lane] = pair.carrier.lanes();
  if (lane === undefined) throw new Error("no lane");
  return [lane] as const;
}
