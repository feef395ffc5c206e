import { describe, expect, it } from "vitest";
import type { SubmitOutcome } from "../carriers/carrier.ts";
import type { Failure } from "../domain/failure.ts";
import { addMs } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { UNKNOWN_ATTEMPTS_MAX } from "../domain/unknown-outcome.ts";
import type { Settlement } from "../store/queueing.ts";
import { CARRIER, NODE, OTHER_CARRIER, START, targetOf } from "./dispatch.fixture.ts";
import {
  giveFlightBack,
  isToPutOff,
  type OutcomeRules,
  partsToSend,
  putOff,
  ruleOutcome,
} from "./flight-outcome.ts";
import { Flight, LaneLine } from "./lane-line.ts";

const HOUR_MS = 3_600_000;
const MARKED = addMs(START, -5);
const FAILURE: Failure = { code: "invalid_destination", carrierCode: "11", message: "no such number" };

function rulesWith(change: Partial<OutcomeRules> = {}): OutcomeRules {
  return {
    node: NODE,
    policy: "resend",
    receiptTimeoutMs: 72 * HOUR_MS,
    countParts: () => 2,
    carriersUp: () => [],
    random: () => 0.5,
    ...change,
  };
}

function flightOf(change: Partial<OutboundTarget> = {}): Flight {
  const target = targetOf(change);
  const flight = new Flight(new LaneLine({ bind: 3, epoch: 7 }), 0, target, partsToSend(target));
  flight.markedAt = MARKED;
  return flight;
}

function settled(flight: Flight, outcome: SubmitOutcome, rules = rulesWith()): Settlement {
  const ruling = ruleOutcome(flight, outcome, START, rules);
  if (ruling.kind !== "settle") throw new Error("not settled");
  return ruling.settlement;
}

function later(change: Partial<SubmitOutcome & { kind: "later" }> = {}): SubmitOutcome {
  return {
    kind: "later",
    throttled: false,
    retryAfterMs: null,
    partStates: "",
    receiptKeys: [],
    words: "ESME_RSYSERR",
    ...change,
  };
}

function countAtOtherOnly(_: OutboundTarget, carrierId: string): number | null {
  return carrierId === CARRIER ? null : 1;
}

/** A flight of two parts of which one was taken, throttled so often. */
function throttledFlight(times: number, attempts = 0): Flight {
  const flight = flightOf({ parts: 2, attempts });
  for (let time = 0; time < times; time++) {
    const receiptKeys = [time === 0 ? "k1" : null, null];
    const outcome = later({ throttled: true, partStates: "sq", receiptKeys });
    const ruling = ruleOutcome(flight, outcome, START, rulesWith());
    if (ruling.kind !== "again") throw new Error("settled");
    Object.assign(flight, ruling.progress);
  }
  return flight;
}

/** Seconds until the next attempt. */
function dueIn(attempts: number): number | null {
  const settlement = settled(flightOf({ attempts }), later());
  return settlement.outcome === "retry" ? (settlement.dueAt - START) / 1_000_000 : null;
}

describe("a target that was taken", () => {
  it("is sent and waits 72 hours for its receipts", () => {
    const flight = flightOf({ attempts: 2 });
    const { customerId, messageId, n } = flight.target;
    expect(settled(flight, { kind: "taken", receiptKeys: ["a1"], tookMs: 12, words: "a1" })).toEqual({
      outcome: "sent",
      customerId,
      messageId,
      n,
      carrierId: CARRIER,
      node: NODE,
      markedAt: MARKED,
      at: START,
      receiptKeys: ["a1"],
      receiptDueAt: addMs(START, 72 * HOUR_MS),
      trail: [{ at: START, what: "sent", carrier: CARRIER, bind: 3, attempt: 3, tookMs: 12, words: "a1" }],
    });
  });

  it("waits for no receipt when none will come", () => {
    expect(settled(flightOf(), { kind: "taken", receiptKeys: [null], tookMs: 1, words: "" })).toMatchObject({
      outcome: "sent",
      receiptDueAt: null,
    });
  });
});

describe("a target that was refused", () => {
  const refused: SubmitOutcome = {
    kind: "refused",
    failure: FAILURE,
    elsewhere: true,
    tookMs: 5,
    words: "ESME_RINVDSTADR",
  };

  it("fails when no other carrier is left", () => {
    expect(settled(flightOf(), refused)).toMatchObject({
      outcome: "failed",
      status: "failed",
      failure: FAILURE,
      trail: [{ what: "refused", words: "ESME_RINVDSTADR", tookMs: 5 }],
    });
  });

  it("goes to the next carrier, its parts counted anew", () => {
    expect(settled(flightOf({ fallbacks: [OTHER_CARRIER, CARRIER] }), refused)).toMatchObject({
      outcome: "rerouted",
      nextCarrierId: OTHER_CARRIER,
      fallbacks: [CARRIER],
      dueAt: START,
      parts: 2,
      trail: [{ what: "refused" }, { what: "rerouted", carrier: OTHER_CARRIER }],
    });
  });

  it("passes over carriers that cannot take it", () => {
    const countParts = countAtOtherOnly;
    const settlement = settled(
      flightOf({ fallbacks: [CARRIER, OTHER_CARRIER] }),
      refused,
      rulesWith({ countParts }),
    );
    expect(settlement).toMatchObject({ outcome: "rerouted", nextCarrierId: OTHER_CARRIER, fallbacks: [] });
    const nobody = settled(flightOf({ fallbacks: [CARRIER] }), refused, rulesWith({ countParts }));
    expect(nobody.outcome).toBe("failed");
  });

  it("fails at once when no carrier could help", () => {
    const outcome = { ...refused, elsewhere: false };
    expect(settled(flightOf({ fallbacks: [OTHER_CARRIER] }), outcome).outcome).toBe("failed");
  });
});

describe("a target that was refused while a part of it was not answered for", () => {
  const refused: SubmitOutcome = {
    kind: "refused",
    failure: FAILURE,
    elsewhere: true,
    tookMs: 5,
    words: "ESME_RINVDSTADR",
    unanswered: { partStates: "sqq", receiptKeys: ["k1", null, null], words: "no response in time" },
  };
  const unknown = { what: "unknown_outcome", node: NODE, words: "no response in time" };

  it("is sent again over another carrier where the policy is to resend, and is marked", () => {
    expect(settled(flightOf({ parts: 3, fallbacks: [OTHER_CARRIER] }), refused)).toMatchObject({
      outcome: "rerouted",
      nextCarrierId: OTHER_CARRIER,
      trail: [unknown, { what: "refused" }, { what: "rerouted" }],
    });
  });

  it("is held where the policy is to hold", () => {
    const flight = flightOf({ parts: 3, fallbacks: [OTHER_CARRIER] });
    expect(settled(flight, refused, rulesWith({ policy: "hold" }))).toMatchObject({
      outcome: "held",
      partStates: "sqq",
      receiptKeys: ["k1", null, null],
      receiptDueAt: addMs(START, 72 * HOUR_MS),
      trail: [unknown, { what: "refused" }, { what: "held" }],
    });
  });

  it.each(["resend", "hold"] as const)("fails where nobody would send it again: %s", (policy) => {
    expect(settled(flightOf({ parts: 3 }), refused, rulesWith({ policy }))).toMatchObject({
      outcome: "failed",
      failure: FAILURE,
      trail: [unknown, { what: "refused" }],
    });
  });
});

describe("a target that was refused for now", () => {
  it("is tried again after a time that grows with its attempts", () => {
    expect([0, 1, 2, 3].map(dueIn)).toEqual([1, 2, 4, 8]);
  });

  it("waits at least as long as the carrier asks for", () => {
    expect(settled(flightOf(), later({ retryAfterMs: 60_000 }))).toMatchObject({
      dueAt: addMs(START, 60_000),
    });
  });

  it("keeps which parts were taken, and waits for their receipts", () => {
    expect(
      settled(flightOf({ parts: 3 }), later({ partStates: "sqq", receiptKeys: ["k1", null, null] })),
    ).toMatchObject({
      outcome: "retry",
      partStates: "sqq",
      receiptKeys: ["k1", null, null],
      receiptDueAt: addMs(START, 72 * HOUR_MS),
      trail: [{ what: "retried", attempt: 1, words: "ESME_RSYSERR" }],
    });
  });

  it("by throttling goes out again under its mark, and its attempts are not counted", () => {
    const flight = flightOf({ parts: 3 });
    const first = ruleOutcome(
      flight,
      later({
        throttled: true,
        partStates: "sqq",
        receiptKeys: ["k1", null, null],
        words: "ESME_RTHROTTLED",
      }),
      START,
      rulesWith(),
    );
    if (first.kind !== "again") throw new Error("settled");
    expect(first.progress).toMatchObject({ parts: 2, target: { partStates: "sqq", attempts: 0 } });
    const second = ruleOutcome(
      Object.assign(flight, first.progress),
      later({ throttled: true, partStates: "ssq", receiptKeys: [null, "k2", null] }),
      START,
      rulesWith(),
    );
    if (second.kind !== "again") throw new Error("settled");
    expect(second.progress).toMatchObject({
      parts: 1,
      trail: [{ what: "throttled", words: "ESME_RTHROTTLED" }],
    });
    expect(
      settled(Object.assign(flight, second.progress), {
        kind: "taken",
        receiptKeys: [null, null, "k3"],
        tookMs: 1,
        words: "",
      }),
    ).toMatchObject({
      outcome: "sent",
      receiptKeys: ["k1", "k2", "k3"],
      trail: [{ what: "throttled" }, { what: "sent" }],
    });
  });

  it("and given back keeps what was taken of it", () => {
    const flight = flightOf({ parts: 2 });
    expect(giveFlightBack(flight, START, rulesWith())).toMatchObject({ outcome: "released", trail: [] });
    const ruling = ruleOutcome(
      flight,
      later({ throttled: true, partStates: "sq", receiptKeys: ["k1", null] }),
      START,
      rulesWith(),
    );
    if (ruling.kind !== "again") throw new Error("settled");
    expect(giveFlightBack(Object.assign(flight, ruling.progress), START, rulesWith())).toMatchObject({
      outcome: "retry",
      dueAt: START,
      partStates: "sq",
      receiptKeys: ["k1", null],
    });
  });
});

describe("a target that is throttled again and again", () => {
  it.each([
    { times: 0, attempts: 0, expected: false },
    { times: 4, attempts: 0, expected: false },
    { times: 5, attempts: 0, expected: true },
    { times: 0, attempts: 1, expected: false },
    { times: 1, attempts: 1, expected: true },
  ])(
    "is put off after five times, in a later flight after the first: $times",
    ({ times, attempts, expected }) => {
      expect(isToPutOff(throttledFlight(times, attempts), START)).toBe(expected);
    },
  );

  it("is put off after ten seconds", () => {
    const times = [9_999, 10_000].map((afterMs) => addMs(START, afterMs));
    expect(times.map((at) => isToPutOff(throttledFlight(1), at))).toEqual([false, true]);
  });

  it("comes back as after any other refusal for now, and what was taken of it is kept", () => {
    expect(putOff(throttledFlight(5), START, rulesWith())).toMatchObject({
      outcome: "retry",
      dueAt: addMs(START, 1_000),
      partStates: "sq",
      receiptKeys: ["k1", null],
      receiptDueAt: addMs(START, 72 * HOUR_MS),
      trail: [{ what: "throttled", attempt: 1 }],
    });
  });
});

describe("a target of unknown outcome", () => {
  const unknown: SubmitOutcome = {
    kind: "unknown",
    partStates: "sq",
    receiptKeys: ["k1", null],
    words: "connection lost",
  };

  it("is sent again where the policy is to resend", () => {
    expect(settled(flightOf({ parts: 2 }), unknown)).toMatchObject({
      outcome: "retry",
      partStates: "sq",
      receiptKeys: ["k1", null],
      trail: [{ what: "unknown_outcome", words: "connection lost" }],
    });
  });

  it("is held where the policy is to hold", () => {
    expect(settled(flightOf({ parts: 2 }), unknown, rulesWith({ policy: "hold" }))).toMatchObject({
      outcome: "held",
      partStates: "sq",
      receiptKeys: ["k1", null],
      receiptDueAt: addMs(START, 72 * HOUR_MS),
      trail: [
        { what: "unknown_outcome", node: NODE },
        { what: "held", carrier: CARRIER },
      ],
    });
  });

  it("is sent again at most four times, and then held, though another carrier could take it", () => {
    const before = flightOf({ attempts: UNKNOWN_ATTEMPTS_MAX - 2, fallbacks: [OTHER_CARRIER] });
    expect(settled(before, unknown).outcome).toBe("retry");
    const last = flightOf({ parts: 2, attempts: UNKNOWN_ATTEMPTS_MAX - 1, fallbacks: [OTHER_CARRIER] });
    expect(settled(last, unknown)).toMatchObject({
      outcome: "held",
      partStates: "sq",
      receiptKeys: ["k1", null],
      receiptDueAt: addMs(START, 72 * HOUR_MS),
      trail: [
        { what: "unknown_outcome", node: NODE, attempt: 5, words: "connection lost" },
        { what: "held", carrier: CARRIER, words: "not sent again by itself after 5 attempts" },
      ],
    });
  });

  it("is held again when an operator had it sent once more", () => {
    expect(settled(flightOf({ attempts: UNKNOWN_ATTEMPTS_MAX }), unknown)).toMatchObject({
      outcome: "held",
      trail: [{ attempt: 6 }, { words: "not sent again by itself after 6 attempts" }],
    });
  });
});

describe("a target that was not sent", () => {
  it("is released, without a word on its trail", () => {
    expect(settled(flightOf(), { kind: "unsent", words: "lane gone" })).toMatchObject({
      outcome: "released",
      trail: [],
    });
    const released = { outcome: "released", node: NODE, markedAt: MARKED };
    expect(giveFlightBack(flightOf(), START, rulesWith())).toMatchObject(released);
  });

  it("keeps what the carrier took of it before it throttled", () => {
    const flight = flightOf({ parts: 2 });
    const ruling = ruleOutcome(
      flight,
      later({ throttled: true, partStates: "sq", receiptKeys: ["k1", null] }),
      START,
      rulesWith(),
    );
    if (ruling.kind !== "again") throw new Error("settled");
    Object.assign(flight, ruling.progress);
    expect(settled(flight, { kind: "unsent", words: "lane gone" })).toMatchObject({
      outcome: "retry",
      dueAt: START,
      partStates: "sq",
      receiptKeys: ["k1", null],
      receiptDueAt: addMs(START, 72 * HOUR_MS),
      trail: [{ what: "throttled" }],
    });
  });
});

describe("the parts still to be sent", () => {
  it.each([
    [{ parts: 1, partStates: "" }, 1],
    [{ parts: 4, partStates: "" }, 4],
    [{ parts: 4, partStates: "sqdq" }, 2],
    [{ parts: 0, partStates: "" }, 1],
  ])("of %j are %d", (change, parts) => {
    expect(partsToSend(targetOf(change))).toBe(parts);
  });
});
