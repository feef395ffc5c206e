import { describe, expect, it } from "vitest";
import { renderTimeline } from "./timeline.ts";

describe("a timeline", () => {
  it("says of a carrier that is gone that it was removed, not the message", () => {
    const entry = {
      at: "2026-01-01 00:00:00.000000",
      what: "sent",
      target: 0,
      carrier: "removed",
      attempt: 1,
    };
    expect(renderTimeline([entry])).toContain("a carrier that was removed, attempt 1");
  });
});
