import { describe, expect, it } from "vitest";
import type { CarrierId } from "../domain/ids.ts";
import { addMs } from "../domain/micros.ts";
import { CARRIER, NODE, OTHER_CARRIER, START, targetOf } from "./dispatch.fixture.ts";
import { leaveRemovedCarrier, passOn, type PassingRules } from "./next-carrier.ts";

const THIRD_CARRIER = "0190a000-0000-7000-8000-00000000000c" as CarrierId;

function rulesWith(countParts: PassingRules["countParts"] = () => 2): PassingRules {
  return { node: NODE, countParts };
}

function countAtOtherOnly(_: unknown, carrierId: CarrierId): number | null {
  return carrierId === OTHER_CARRIER ? 1 : null;
}

function isThird(carrierId: CarrierId): boolean {
  return carrierId === THIRD_CARRIER;
}

describe("a target whose carrier is down", () => {
  const LATER = addMs(START, 10);
  const fallbacks = [OTHER_CARRIER, THIRD_CARRIER];

  it("goes to the first that is up; those passed over and the one that it leaves stay in line", () => {
    const passed = passOn(targetOf({ fallbacks }), "carrier_down", LATER, rulesWith(), isThird);
    expect(passed).toMatchObject({
      outcome: "rerouted",
      nextCarrierId: THIRD_CARRIER,
      dueAt: START,
      parts: 2,
    });
    expect(passed).toMatchObject({ fallbacks: [OTHER_CARRIER, CARRIER], markedAt: null });
    expect(passed?.trail).toEqual([
      { at: LATER, what: "carrier_down", carrier: CARRIER },
      { at: LATER, what: "rerouted", carrier: THIRD_CARRIER },
    ]);
  });

  it("stays where none that is up can take it", () => {
    const target = targetOf({ fallbacks });
    expect(passOn(target, "carrier_down", LATER, rulesWith(countAtOtherOnly), isThird)).toBeNull();
    expect(passOn(target, "carrier_down", LATER, rulesWith(), () => false)).toBeNull();
  });

  it("has as many carriers after going round as it had before", () => {
    let target = targetOf({ fallbacks });
    const seen: CarrierId[] = [];
    for (let time = 0; time < 6; time++) {
      const passed = passOn(target, "carrier_down", LATER, rulesWith());
      if (passed?.outcome !== "rerouted") throw new Error("stays");
      target = { ...target, carrierId: passed.nextCarrierId, fallbacks: passed.fallbacks };
      seen.push(target.carrierId);
    }
    expect(seen).toEqual([OTHER_CARRIER, THIRD_CARRIER, CARRIER, OTHER_CARRIER, THIRD_CARRIER, CARRIER]);
    expect(target.fallbacks).toEqual(fallbacks);
  });
});

describe("a target whose carrier was removed", () => {
  const OTHER = [OTHER_CARRIER, CARRIER] as const;
  const REMOVED = { at: START, what: "carrier_removed", carrier: CARRIER };

  it("goes to the first of its other carriers that can take it, and keeps its age", () => {
    const target = targetOf({ fallbacks: OTHER, dueAt: addMs(START, -3_600_000), attempts: 3 });
    const left = leaveRemovedCarrier(target, START, rulesWith(countAtOtherOnly));
    expect(left).toMatchObject({ outcome: "rerouted", nextCarrierId: OTHER_CARRIER, fallbacks: [CARRIER] });
    expect(left).toMatchObject({ markedAt: null, parts: 1, dueAt: addMs(START, -3_600_000) });
    expect(left.trail).toEqual([REMOVED, { at: START, what: "rerouted", carrier: OTHER_CARRIER }]);
  });

  it("has failed when none can take it", () => {
    const left = leaveRemovedCarrier(
      targetOf({ fallbacks: OTHER }),
      START,
      rulesWith(() => null),
    );
    expect(left).toMatchObject({ outcome: "failed", status: "failed", failure: { code: "no_route" } });
    expect(left.trail).toEqual([REMOVED]);
  });

  it("ends as one whose time is over when it is", () => {
    const left = leaveRemovedCarrier(targetOf({ fallbacks: OTHER, expiresAt: START }), START, rulesWith());
    expect(left).toMatchObject({ outcome: "failed", status: "gw_timeout", failure: { code: "expired" } });
  });
});
