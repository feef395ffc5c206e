import { describe, expect, it } from "vitest";
import { renderTimeline } from "./timeline.ts";

describe("a timeline", () => {
  const entry = {
    at: "2026-01-01 00:00:00.000000",
    what: "sent",
    target: 0,
    carrier: "removed",
    attempt: 1,
  };

  it("says of a carrier that is gone what it was called", () => {
    expect(renderTimeline([{ ...entry, removed_carrier: "acme" }])).toContain("acme (removed), attempt 1");
  });

  it("says of one whose name is not known that it was removed, not the message", () => {
    expect(renderTimeline([entry])).toContain("a carrier that was removed, attempt 1");
  });
});
