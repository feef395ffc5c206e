import { describe, expect, it } from "vitest";

import type { OutboundTarget } from "../../domain/outbound-target.ts";
import type { Lane, SubmitOutcome } from "../carrier.ts";
import { type Pair, type PairOptions, startPair } from "./smpp-carrier.fixture.ts";
import { outboundTarget } from "./targets.fixture.ts";

const LONG = "The quick brown fox jumps over the lazy dog. ".repeat(8).trim();
const TEN_PARTS = "0123456789 ".repeat(135);

describe("a text of which only the last part asks for a receipt", () => {
  it("is sent whole, its last part after the others, and has one receipt for all", async () => {
    await using pair = await startOne();
    const outcome = await submit(pair, await laneOf(pair), outboundTarget({ text: LONG, parts: 3 }));
    await pair.until(() => pair.receipts.length === 1);
    const key = pair.receipts[0]?.keys[0];
    expect(outcome).toMatchObject({ kind: "taken", receiptKeys: [key, key, key] });
    expect(sequences(pair)).toEqual([1, 2, 3]);
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([{ text: LONG, parts: 3 }]);
  });

  it("goes through a window of one before what is submitted later", async () => {
    await using pair = await startOne({ query: "?receipts=last&window=1" });
    const lane = await laneOf(pair);
    const outcomes = await Promise.all([
      submit(pair, lane, outboundTarget({ text: TEN_PARTS, parts: 10 })),
      submit(pair, lane, outboundTarget({ text: "later", n: 1 })),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["taken", "taken"]);
    // The one submitted later is no part of anything.
    expect(sequences(pair)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, undefined]);
  });

  it.each([0, 1])(
    "does not send its last part while part %i of the others is refused for now",
    async (refused) => {
      await using pair = await startRefusing(refused);
      const lane = await laneOf(pair);
      const target = outboundTarget({ text: LONG, parts: 3 });
      const first = await submit(pair, lane, target);
      const partStates = refused === 0 ? "qsq" : "sqq";
      expect(first).toMatchObject({ kind: "later", partStates, receiptKeys: [null, null, null] });
      expect(sequences(pair)).toEqual([1, 2]);
      const second = await submit(pair, lane, { ...target, partStates });
      await pair.until(() => pair.receipts.length === 1);
      const key = pair.receipts[0]?.keys[0];
      expect(second).toMatchObject({ kind: "taken", receiptKeys: [key, key, key] });
      expect(sequences(pair)).toEqual([1, 2, refused + 1, 3]);
      expect(pair.simulator.handset("31616818985").inbox).toMatchObject([{ text: LONG, parts: 3 }]);
    },
  );

  it("sends its last part again by itself when that alone was refused for now", async () => {
    await using pair = await startRefusing(2);
    const lane = await laneOf(pair);
    const target = outboundTarget({ text: LONG, parts: 3 });
    const first = await submit(pair, lane, target);
    expect(first).toMatchObject({ kind: "later", partStates: "ssq", receiptKeys: [null, null, null] });
    expect(await submit(pair, lane, { ...target, partStates: "ssq" })).toMatchObject({ kind: "taken" });
    expect(sequences(pair)).toEqual([1, 2, 3, 3]);
  });

  it("is throttled by a throttled part, and its last part waits until a pause is over", async () => {
    await using pair = await startRefusing(0, 0x58);
    const lane = await laneOf(pair);
    const target = outboundTarget({ text: LONG, parts: 3 });
    const first = await submit(pair, lane, target);
    expect(first).toMatchObject({ kind: "later", throttled: true, partStates: "qsq" });
    expect(pair.carrier.health().state).toBe("throttled");
    const second = submit(pair, lane, { ...target, partStates: "qsq" });
    await pair.until(() => sequences(pair).length === 3);
    expect(await second).toMatchObject({ kind: "taken" });
    expect(pair.carrier.health().state).toBe("up");
  });

  it("keeps what was taken when its lane is given up before the last part", async () => {
    await using pair = await startOne({
      simulator: { onSubmit: ({ number }) => void (number === 2 && pair.carrier.setLeases([])) },
    });
    const outcome = await submit(pair, await laneOf(pair), outboundTarget({ text: LONG, parts: 3 }));
    expect(outcome).toMatchObject({ kind: "later", throttled: false, partStates: "ssq" });
    expect(sequences(pair)).toEqual([1, 2]);
  });

  it("says nothing of a part that was never answered", async () => {
    await using pair = await startOne({
      simulator: { onSubmit: ({ number }) => void (number === 2 && pair.simulator.clients()[0]?.drop()) },
    });
    const outcome = await submit(pair, await laneOf(pair), outboundTarget({ text: LONG, parts: 3 }));
    expect(outcome).toMatchObject({ kind: "unknown", receiptKeys: [null, null, null] });
    expect(sequences(pair)).toEqual([1, 2]);
  });
});

function startOne(options: PairOptions = {}): Promise<Pair> {
  return startPair({ query: "?receipts=last", ...options });
}

/** With an SMSC that refuses one submit_sm, counted from 0, with ESME_RSYSERR unless another status is given. */
async function startRefusing(which: number, errorStatus = 0x08): Promise<Pair> {
  const pair: Pair = await startOne({
    behaviours: { errorPercent: which === 0 ? 100 : 0, errorStatus },
    simulator: {
      onSubmit: ({ number }) => pair.simulator.behave({ errorPercent: number === which ? 100 : 0 }),
    },
  });
  return pair;
}

function sequences(pair: Pair): readonly (number | undefined)[] {
  return pair.simulator.log().map(({ part }) => part?.sequence);
}

function submit(pair: Pair, lane: Lane, target: OutboundTarget): Promise<SubmitOutcome> {
  const { promise, resolve } = Promise.withResolvers<SubmitOutcome>();
  pair.carrier.submit(lane, [{ target }], (_, outcome) => resolve(outcome));
  return promise;
}

async function laneOf(pair: Pair): Promise<Lane> {
  await pair.up();
  const [lane] = pair.carrier.lanes();
  if (lane === undefined) throw new Error("no lane");
  return lane;
}
