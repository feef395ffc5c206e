import { describe, expect, it } from "vitest";
import { FINAL_STATUSES, isFinal, mayFollow, TARGET_STATUSES, type TargetStatus } from "./target-status.ts";

/** Every status that can come after one, however many steps later. */
function reachable(from: TargetStatus): ReadonlySet<TargetStatus> {
  const found = new Set<TargetStatus>();
  const look = (status: TargetStatus): void => {
    for (const next of TARGET_STATUSES.filter((candidate) => mayFollow(status, candidate))) {
      if (found.has(next)) continue;
      found.add(next);
      look(next);
    }
  };
  look(from);
  return found;
}

describe("a target's status", () => {
  it("never comes back, by whatever way", () => {
    for (const status of TARGET_STATUSES) expect(reachable(status).has(status)).toBe(false);
  });

  it("is final when nothing may follow, save that a true receipt ends dlr_timeout", () => {
    for (const status of TARGET_STATUSES.filter(isFinal)) {
      const followers = TARGET_STATUSES.filter((next) => mayFollow(status, next));
      expect(followers).toEqual(status === "dlr_timeout" ? ["delivered", "failed"] : []);
    }
    expect(TARGET_STATUSES.filter((status) => !isFinal(status))).toEqual(["scheduled", "queued", "sent"]);
    expect(FINAL_STATUSES).toHaveLength(6);
  });

  it.each([
    ["queued", "sent"],
    ["queued", "delivered"],
    ["queued", "gw_timeout"],
    ["queued", "canceled"],
    ["scheduled", "queued"],
    ["scheduled", "canceled"],
    ["scheduled", "dlr_timeout"],
    ["sent", "delivered"],
    ["sent", "failed"],
    ["sent", "dlr_timeout"],
  ] as const)("goes from %s to %s", (from, to) => {
    expect(mayFollow(from, to)).toBe(true);
    expect(mayFollow(to, from)).toBe(false);
  });

  it.each([
    ["sent", "queued"],
    ["sent", "canceled"],
    ["sent", "gw_timeout"],
    ["delivered", "failed"],
    ["failed", "delivered"],
    ["gw_timeout", "delivered"],
    ["received", "sent"],
  ] as const)("does not go from %s to %s", (from, to) => {
    expect(mayFollow(from, to)).toBe(false);
  });

  it("never follows itself", () => {
    for (const status of TARGET_STATUSES) expect(mayFollow(status, status)).toBe(false);
  });
});
