import { describe, expect, it } from "vitest";

import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import { BackOff, PACES, troubleOf } from "./back-off.ts";

describe("troubleOf", () => {
  it("tells a bad line, a busy carrier and a rejected account apart", () => {
    expect(troubleOf({ kind: "connection-lost", message: "", code: null })).toBe("line");
    expect(troubleOf({ kind: "unbound-by-peer" })).toBe("line");
    expect(troubleOf({ kind: "bind-refused", commandStatus: COMMAND_STATUS.ESME_RALYBND })).toBe("busy");
    expect(troubleOf({ kind: "bind-refused", commandStatus: COMMAND_STATUS.ESME_RINVPASWD })).toBe(
      "rejected",
    );
    expect(troubleOf({ kind: "bind-refused", commandStatus: COMMAND_STATUS.ESME_RINVSYSID })).toBe(
      "rejected",
    );
  });
});

describe("BackOff", () => {
  it("doubles up to its most", () => {
    const backOff = new BackOff(PACES, () => 1);
    const waits = Array.from({ length: 9 }, () => backOff.next("line"));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it("spreads each wait over its upper half", () => {
    expect(new BackOff(PACES, () => 0).next("line")).toBe(250);
    expect(new BackOff(PACES, () => 0.5).next("line")).toBe(375);
  });

  it("waits a minute at least after rejected credentials, half of it by jitter", () => {
    expect(new BackOff(PACES, () => 0).next("rejected")).toBe(30_000);
  });

  it("begins anew after a bind that held, and not after one that did not", () => {
    const backOff = new BackOff(PACES, () => 1);
    backOff.next("line");
    backOff.held(PACES.steadyMs - 1);
    expect(backOff.next("line")).toBe(1_000);
    backOff.held(PACES.steadyMs);
    expect(backOff.next("line")).toBe(500);
  });

  it("begins anew when the trouble is another", () => {
    const backOff = new BackOff(PACES, () => 1);
    backOff.next("line");
    expect(backOff.next("busy")).toBe(2_000);
    expect(backOff.next("line")).toBe(500);
  });
});
