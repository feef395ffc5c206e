import { describe, expect, it } from "vitest";

import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { deliverSm } from "../../smpp/pdu/pdu-defaults.ts";
import { encodePdu } from "../../smpp/pdu/encode-pdu.ts";
import type { Behaviours } from "../simulator/behaviours.ts";
import { MAGIC_NUMBERS } from "../simulator/magic-numbers.ts";
import type { SubmitOutcome } from "../carrier.ts";
import { type Pair, startPair } from "./smpp-carrier.fixture.ts";
import type { ReceivingSettings } from "./smpp-settings.ts";

const LONG = "The quick brown fox jumps over the lazy dog. ".repeat(8).trim();

describe("receipts", () => {
  const dialects: readonly Partial<Behaviours>[] = [
    ...(["standard", "capital", "short", "reordered", "no-err", "quoting", "spaced"] as const).map(
      (receiptText) => ({ receiptText, receiptTlvs: "none" as const }),
    ),
    { receiptText: "none" },
    { receiptTlvs: "id" },
    { receiptCommand: "data_sm" },
    { receiptCommand: "data_sm", receiptText: "none" },
    { receiptEsmClass: 0x44, receiptTlvs: "none" },
    { receiptEsmClass: 0x24 },
    { receiptEsmClass: 0x08 },
    { receiptDates: "12", receiptTlvs: "none" },
    { receiptDates: "14", receiptTlvs: "none" },
    { receiptErr: "four", receiptTlvs: "none" },
    { receiptErr: "letters", receiptTlvs: "none" },
    { deliverFlaw: "stray-nul" },
    { deliverFlaw: "truncated-tlv" },
    { deliverFlaw: "unterminated-tlv" },
    { deliverFlaw: "odd-size-tlv" },
    { deliverFlaw: "vendor-tlv" },
    { deliverSequence: "zero" },
    { deliverSequence: "high" },
  ];
  it.each(dialects)("are understood in the dialect %j", async (behaviours) => {
    await using pair = await startPair({ behaviours });
    const outcomes = await pair.send({ to: "+31600000002" }, { to: "+31600000001" });
    await pair.until(() => pair.receipts.length === 2);
    expectMatch(pair, outcomes, ["failed", "delivered"]);
    expect(pair.receipts.find(({ state }) => state === "failed")?.failure?.code).toBe("unreachable");
  });

  const spellings: readonly Partial<Behaviours>[] = [
    { idForm: "hex", receiptIdForm: "dec" },
    { idForm: "dec", receiptIdForm: "hex" },
    { idForm: "hex", receiptIdForm: "hex" },
    { idForm: "padded-hex", receiptIdForm: "stripped" },
    { idForm: "dec", receiptIdForm: "padded" },
    { idForm: "uuid", receiptIdForm: "upper" },
    { idForm: "upper-hex", receiptIdForm: "lower" },
    { idForm: "long", receiptIdForm: "same" },
    { idForm: "long", receiptIdForm: "hex" },
  ];
  it.each(spellings)("find their message with ids spelled %j", async (behaviours) => {
    await using pair = await startPair({
      behaviours: { ...behaviours, receiptTlvs: "none" },
      simulator: { firstId: 0xb8be19 },
    });
    const outcomes = await pair.send({}, {});
    await pair.until(() => pair.receipts.length === 2);
    expectMatch(pair, outcomes, ["delivered", "delivered"]);
  });

  it("find their message when the parameter's base is another than the text's", async () => {
    await using pair = await startPair({
      behaviours: { idForm: "hex", receiptIdForm: "dec", receiptTlvIdForm: "same" },
    });
    const outcomes = await pair.send({});
    await pair.until(() => pair.receipts.length === 1);
    const [outcome] = outcomes;
    expect(pair.receipts[0]?.keys[0]).toBe(outcome?.kind === "taken" ? outcome.receiptKeys[0] : "");
  });

  const endings = Object.entries(MAGIC_NUMBERS).flatMap(([digits, { ending, taking }]) =>
    taking.kind === "taken" && ending.receipt === "usual" ? [{ digits, state: ending.state }] : [],
  );
  const STATES: Readonly<Record<string, string>> = {
    DELIVERED: "delivered",
    UNDELIVERABLE: "failed",
    REJECTED: "failed",
    EXPIRED: "expired",
    DELETED: "failed",
    UNKNOWN: "unknown",
    SKIPPED: "failed",
  };
  it.each(endings.filter(({ digits }) => digits !== "00000016"))(
    "say of +316$digits what became of it ($state)",
    async ({ digits, state }) => {
      await using pair = await startPair();
      await pair.send({ to: `+316${digits}` });
      await pair.until(() => pair.receipts.length === 1);
      expect(pair.receipts[0]?.state).toBe(STATES[state]);
    },
  );

  it("tell causes apart by the network's error", async () => {
    await using pair = await startPair();
    await pair.send(
      { to: "+31600000002" },
      { to: "+31600000003" },
      { to: "+31600000004" },
      { to: "+31600000005" },
    );
    await pair.until(() => pair.receipts.length === 4);
    const codes = pair.receipts.map(({ destination, failure }) => `${destination.at(-1)} ${failure?.code}`);
    expect(codes.toSorted()).toEqual([
      "2 unreachable",
      "3 invalid_destination",
      "4 blocked_by_carrier",
      "5 blocked_by_carrier",
    ]);
  });

  it("may come before the answer", async () => {
    let outcome: SubmitOutcome | undefined = undefined;
    let wasAnswered = true;
    await using pair = await startPair({
      events: {
        async onReceipts() {
          wasAnswered = outcome !== undefined;
        },
      },
    });
    [outcome] = await pair.send({ to: "+31600000012" });
    await pair.until(() => pair.receipts.length === 1);
    expect(wasAnswered).toBe(false);
    expectMatch(pair, outcome === undefined ? [] : [outcome], ["delivered"]);
  });

  it("come to us as often and in the order in which the carrier sends them", async () => {
    await using pair = await startPair();
    await pair.send({ to: "+31600000013" });
    await pair.until(() => pair.receipts.length === 3);
    pair.receipts.length = 0;
    await pair.send({ to: "+31600000014" });
    await pair.until(() => pair.receipts.length === 2);
    expect(pair.receipts.map(({ state }) => state)).toEqual(["enroute", "delivered"]);
    pair.receipts.length = 0;
    await pair.send({ to: "+31600000015" });
    await pair.until(() => pair.receipts.length === 2);
    expect(pair.receipts.map(({ state }) => state)).toEqual(["delivered", "enroute"]);
  });

  it.each([
    ["ENROUTE", "enroute"],
    ["ACCEPTD", "accepted"],
    ["ACKED", "accepted"],
    ["BUFFRED", "enroute"],
    ["SCHEDULED", "enroute"],
  ] as const)("that say %s are no end", async (intermediateStat, state) => {
    await using pair = await startPair({ behaviours: { intermediate: "before", intermediateStat } });
    await pair.send({});
    await pair.until(() => pair.receipts.length === 2);
    expect(pair.receipts[0]?.state).toBe(state);
  });

  it.each([
    ["each", 3],
    ["first", 1],
    ["last", 1],
    ["random", 1],
  ] as const)("of a long message come for %s of its parts", async (multipartReceipts, count) => {
    await using pair = await startPair({ behaviours: { multipartReceipts } });
    const [outcome] = await pair.send({ text: LONG });
    await pair.until(() => pair.receipts.length === count);
    const keys = outcome?.kind === "taken" ? outcome.receiptKeys : [];
    for (const receipt of pair.receipts) expect(keys).toContain(receipt.keys[0]);
  });

  it("are asked of the last part alone where the carrier gives one a message", async () => {
    await using pair = await startPair({ query: "?receipts=last" });
    const [outcome] = await pair.send({ text: LONG });
    await pair.until(() => pair.receipts.length === 1);
    const keys = outcome?.kind === "taken" ? outcome.receiptKeys : [];
    const key = pair.receipts[0]?.keys[0];
    expect(keys).toEqual([key, key, key]);
    expect(pair.simulator.log().map(({ registeredDelivery }) => registeredDelivery)).toEqual([0, 0, 1]);
  });

  it("that nobody asked for are passed on, and find no key", async () => {
    await using pair = await startPair({
      query: "?receipts=none",
      behaviours: { unrequestedReceipts: true },
    });
    const [outcome] = await pair.send({});
    await pair.until(() => pair.receipts.length === 1);
    expect(outcome).toMatchObject({ kind: "taken", receiptKeys: [null] });
  });

  it("may come over another bind of the account", async () => {
    await using pair = await startPair({ query: "?binds=2", behaviours: { receiptBind: "other" } });
    await pair.up();
    const outcomes = await pair.send({});
    await pair.until(() => pair.receipts.length === 1);
    expectMatch(pair, outcomes, ["delivered"]);
  });

  it("come over the receiver of a pair of binds", async () => {
    await using pair = await startPair({ query: "?bind=txrx", behaviours: { acceptedBinds: "tx-rx" } });
    const outcomes = await pair.send({});
    await pair.until(() => pair.receipts.length === 1);
    expectMatch(pair, outcomes, ["delivered"]);
    expect(
      pair.simulator
        .clients()
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(["rx", "tx"]);
  });

  it("of one read of the socket are stored together", async () => {
    const sizes: number[] = [];
    await using pair = await startPair({
      query: "?window=200",
      events: { onReceipts: async (batch) => void sizes.push(batch.length) },
    });
    await pair.send(...Array.from({ length: 200 }, () => ({})));
    await pair.until(() => pair.receipts.length === 200);
    expect(sizes.length).toBeLessThan(50);
  });

  it("are acknowledged after they are stored and not before", async () => {
    const stored = Promise.withResolvers<void>();
    await using pair = await startPair({ events: { onReceipts: () => stored.promise } });
    await pair.send({});
    await pair.until(() => pair.simulator.counters().deliveriesSent === 1);
    // A round trip over the same connection: had the receipt been answered, its answer would have come before.
    await pair.send({ to: "+31600000010" });
    expect(pair.simulator.counters().deliveriesTaken).toBe(0);
    stored.resolve();
    await pair.until(() => pair.simulator.counters().deliveriesTaken === 1);
  });

  it("that cannot be stored come again, and the log tells of them once in ten seconds", async () => {
    let calls = 0;
    let nowMs = 0;
    await using pair = await startPair({
      behaviours: { receiptRetryMs: 10 },
      monotonicMs: () => nowMs,
      events: {
        async onReceipts() {
          calls++;
          if (calls === 4) nowMs += 10_000;
          if (calls <= 4) throw new StoreUnavailable("disk_full", "no space left on device");
        },
      },
    });
    const outcomes = await pair.send({});
    await pair.until(() => pair.receipts.length === 1);
    expectMatch(pair, outcomes, ["delivered"]);
    expect(pair.simulator.counters()).toMatchObject({ deliveriesRefused: 4 });
    expect(pair.log.filter(({ level }) => level === "warn").map(({ fields }) => fields["count"])).toEqual([
      1, 3,
    ]);
  });

  it("without any id are acknowledged and counted, for they would only come again", async () => {
    await using pair = await startPair();
    await pair.up();
    pair.simulator.behave({ receiptText: "none", receiptTlvs: "none" });
    await pair.send({});
    await pair.until(() => pair.simulator.counters().deliveriesTaken === 1);
    expect(pair.receipts).toEqual([]);
    expect(pair.counted.get("msgbin_carrier_unreadable_total")).toBe(1);
  });

  it("whose esm_class says nothing are recognised by their parameters", async () => {
    await using pair = await startPair({ behaviours: { receiptEsmClass: 0 } });
    const outcomes = await pair.send({});
    await pair.until(() => pair.receipts.length + pair.inbound.length === 1);
    expectMatch(pair, outcomes, ["delivered"]);
  });

  it("whose esm_class says nothing are recognised by their text where that is asked for", async () => {
    await using pair = await startPair({
      query: "?receipt_detect=text",
      behaviours: { receiptEsmClass: 0, receiptTlvs: "none" },
    });
    const outcomes = await pair.send({});
    await pair.until(() => pair.receipts.length === 1);
    expectMatch(pair, outcomes, ["delivered"]);
  });

  it.each([
    ["", {}, "31616818985"],
    ["?receipt_number=destination", { receiptNumbers: "as-sent" }, "31616818985"],
    ["?receipt_number=any", { receiptNumbers: "as-sent" }, ""],
  ] as const)(
    "tell with %j from a carrier that does %j that they are of %j",
    async (query, behaviours, number) => {
      await using pair = await startPair({ query, behaviours });
      await pair.send({});
      await pair.until(() => pair.receipts.length === 1);
      expect(pair.receipts[0]?.destination).toBe(number);
    },
  );

  it("tell their dates in UTC", async () => {
    await using pair = await startPair({
      query: "?receipt_zone=%2B02:00",
      behaviours: { receiptZoneMinutes: 120, receiptDates: "14" },
      simulator: { wallMs: () => Date.UTC(2026, 2, 14, 15, 9, 26) },
    });
    await pair.send({});
    await pair.until(() => pair.receipts.length === 1);
    expect(pair.receipts[0]?.words).toContain("done:2026-03-14T15:09:26Z");
  });
});

describe("messages from handsets", () => {
  it("are handed over as they were written", async () => {
    await using pair = await startPair();
    await pair.up();
    pair.simulator.handset("+31616818985").write("12345", "hoi €");
    await pair.until(() => pair.inbound.length === 1);
    expect(pair.inbound).toMatchObject([
      { source: "+31616818985", destination: "12345", text: "hoi €", encoding: "gsm7", concatenation: null },
    ]);
  });

  it.each([
    ["udh8", "", 3],
    ["udh16", "", 3],
    ["sar", "", 3],
    ["udh-and-sar", "", 3],
    ["bare", "", 3],
    ["payload", "", 1],
  ] as const)("come in parts by way of %s", async (moParts, query, count) => {
    await using pair = await startPair({ behaviours: { moParts }, query });
    await pair.up();
    pair.simulator.handset("+31616818985").write("12345", LONG);
    await pair.until(() => pair.inbound.length === count);
    expect(pair.inbound.map(({ text }) => text).join("")).toBe(LONG);
    const sequences = pair.inbound.map(({ concatenation }) => concatenation?.sequence);
    const isJoined = moParts !== "bare" && moParts !== "payload";
    expect(sequences).toEqual(
      Array.from({ length: count }, (_, index) => (isJoined ? index + 1 : undefined)),
    );
  });

  it("may lose a part, come backwards and twice", async () => {
    await using pair = await startPair({ behaviours: { moLostPart: 2, moOrder: "reversed", moCopies: 2 } });
    await pair.up();
    pair.simulator.handset("+31616818985").write("12345", LONG);
    await pair.until(() => pair.inbound.length === 4);
    expect(pair.inbound.map(({ concatenation }) => concatenation?.sequence)).toEqual([3, 3, 1, 1]);
  });

  it.each([
    ["latin1", "á la"],
    ["ascii", "a la"],
    ["gsm7", "à la"],
  ] as const)("are read by the carrier's alphabet %s", async (alphabet, text) => {
    await using pair = await startPair({ query: `?alphabet=${alphabet}`, behaviours: { alphabet } });
    await pair.up();
    pair.simulator.handset("+31616818985").write("12345", text);
    await pair.until(() => pair.inbound.length === 1);
    expect(pair.inbound[0]?.text).toBe(text);
  });

  it("are read packed where the carrier packs", async () => {
    await using pair = await startPair({ query: "?packing=packed", behaviours: { packing: "packed" } });
    await pair.up();
    pair.simulator.handset("+31616818985").write("12345", LONG);
    await pair.until(() => pair.inbound.length === 3);
    expect(pair.inbound.map(({ text }) => text).join("")).toBe(LONG);
  });

  it("bring data with its ports", async () => {
    await using pair = await startPair();
    await pair.up();
    pair.simulator.handset("+31616818985").write("12345", "", { data: "cafe", udh: "06050423f00000" });
    await pair.until(() => pair.inbound.length === 1);
    expect(pair.inbound).toMatchObject([{ encoding: "binary", data: "cafe", udh: "06050423f00000" }]);
  });

  it("that cannot be stored come again", async () => {
    let calls = 0;
    await using pair = await startPair({
      behaviours: { receiptRetryMs: 10 },
      events: {
        async onInbound() {
          calls++;
          if (calls === 1) throw new StoreUnavailable("busy", "locked");
        },
      },
    });
    await pair.up();
    pair.simulator.handset("+31616818985").write("12345", "hoi");
    await pair.until(() => pair.inbound.length === 1);
    expect(calls).toBe(2);
  });

  it("answer a PING by themselves", async () => {
    await using pair = await startPair();
    await pair.send({ to: "+31616818985", text: " ping " });
    await pair.until(() => pair.inbound.length === 1);
    expect(pair.inbound).toMatchObject([
      { source: "+31616818985", destination: "821021656521", text: "PONG" },
    ]);
  });

  it("are taken under a header that no short message has room for", async () => {
    await using pair = await startPair();
    await pair.up();
    const octets = `957093${"00".repeat(147)}`;
    pair.simulator.clients()[0]?.writeRaw(
      encodePdu({
        ...deliverSm({ esmClass: 0x40, shortMessage: new Uint8Array(Buffer.from(octets, "hex")) }),
        commandStatus: 0,
        sequence: 7,
      }),
    );
    await pair.until(() => pair.inbound.length === 1);
    expect(pair.inbound).toMatchObject([{ encoding: "binary", data: octets }]);
  });

  it("that cannot be read at all are refused for good, and what came with them is taken", async () => {
    await using pair = await startPair({ account: { receiving: UNUSABLE } });
    await pair.up();
    pair.simulator.handset("+31616818985").write("12345", "hoi");
    await pair.send({});
    await pair.until(() => pair.receipts.length === 1 && pair.simulator.counters().deliveriesRefused === 1);
    expect(pair.counted.get("msgbin_carrier_unreadable_total")).toBe(1);
    expect(pair.log.filter(({ level }) => level === "warn")).toMatchObject([
      { fields: { kind: "message", error: "no profile" } },
    ]);
    expect(pair.carrier.health().state).toBe("up");
  });

  it("wait until somebody is bound to receive them", async () => {
    await using pair = await startPair();
    await pair.up();
    pair.carrier.setLeases([]);
    await pair.until(() => pair.simulator.clients().length === 0);
    pair.simulator.handset("+31616818985").write("12345", "are you there?");
    pair.lease(2);
    await pair.until(() => pair.inbound.length === 1);
    expect(pair.inbound).toMatchObject([{ text: "are you there?" }]);
  });
});

/** Settings over which the reading of messages throws, and only that. */
const UNUSABLE: ReceivingSettings = {
  receiptId: "auto",
  receiptZoneMinutes: 0,
  receiptNumber: "source",
  sniffsReceipts: false,
  get profile(): ReceivingSettings["profile"] {
    throw new Error("no profile");
  },
};

/** Each receipt names, among its keys, the message whose state it tells; the targets are in the order of `states`. */
function expectMatch(pair: Pair, outcomes: readonly SubmitOutcome[], states: readonly string[]): void {
  const seen = outcomes.map((outcome) => {
    const key = outcome.kind === "taken" ? outcome.receiptKeys[0] : null;
    return pair.receipts.find(({ keys }) => keys.includes(key ?? ""))?.state;
  });
  expect(seen).toEqual(states);
}
