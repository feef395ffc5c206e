import { expect, it } from "vitest";
import { addMs } from "../domain/micros.ts";
import { CARRIER, NODE, START, targetOf } from "./dispatch.fixture.ts";
import { expireTarget, releaseTarget } from "./unsent-target.ts";

const MARKED = addMs(START, -5);

it("a target is released as what it was leased as, without a word on its trail", () => {
  const target = targetOf();
  const { customerId, messageId, n } = target;
  const released = {
    outcome: "released",
    customerId,
    messageId,
    n,
    carrierId: CARRIER,
    node: NODE,
    at: START,
  };
  expect(releaseTarget(target, START, NODE)).toEqual({ ...released, markedAt: null, trail: [] });
  expect(releaseTarget(target, START, NODE, MARKED)).toEqual({ ...released, markedAt: MARKED, trail: [] });
});

it("a target ends as gw_timeout when its validity is over, after what was noted in its flight", () => {
  const expired = { outcome: "failed", status: "gw_timeout", failure: { code: "expired" } };
  const last = { at: START, what: "expired", carrier: CARRIER };
  expect(expireTarget(targetOf(), START, NODE)).toMatchObject({ ...expired, markedAt: null, trail: [last] });
  const throttled = { at: MARKED, what: "throttled" };
  const flight = { markedAt: MARKED, trail: [throttled] };
  expect(expireTarget(targetOf(), START, NODE, flight)).toMatchObject({
    ...expired,
    markedAt: MARKED,
    trail: [throttled, last],
  });
});
