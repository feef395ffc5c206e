import { describe, expect, it } from "vitest";
import { allTaken, endsFromElsewhere, rollUp, withPart, withReported } from "./part-roll-up.ts";

describe("parts", () => {
  it("are all taken once sent, save those a receipt has spoken of", () => {
    expect(allTaken("", 3)).toBe("sss");
    expect(allTaken("qsq", 3)).toBe("sss");
    expect(allTaken("qdf", 3)).toBe("sdf");
    expect(allTaken("d", 3)).toBe("dss");
  });

  it("keep what a receipt said when an attempt writes them anew", () => {
    expect(withReported("ssq", "qdq")).toBe("sdq");
    expect(withReported("sq", "")).toBe("sq");
    expect(withReported("", "dd")).toBe("");
  });

  it("change one at a time", () => {
    expect(withPart("sss", 1, 3, "d")).toBe("sds");
    expect(withPart("", 2, 3, "f")).toBe("ssf");
    expect(withPart("s", 4, 3, "d")).toBe("ssssd");
  });

  it("make the whole delivered when all are, failed when one is, else nothing", () => {
    expect(rollUp("ddd")).toBe("delivered");
    expect(rollUp("dsd")).toBeNull();
    expect(rollUp("dqd")).toBeNull();
    expect(rollUp("sfq")).toBe("failed");
    expect(rollUp("")).toBeNull();
  });

  it("of the carrier before end the target only when it was delivered whole and has not gone on", () => {
    expect(endsFromElsewhere("d", { parts: 1, isAsAccepted: true })).toBe(true);
    expect(endsFromElsewhere("f", { parts: 1, isAsAccepted: true })).toBe(false);
    expect(endsFromElsewhere("d", { parts: 2, isAsAccepted: true })).toBe(false);
    expect(endsFromElsewhere("d", { parts: 1, isAsAccepted: false })).toBe(false);
  });
});
