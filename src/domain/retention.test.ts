import { describe, expect, it } from "vitest";
import { addMs, micros } from "./micros.ts";
import { FOR_EVER, limitsOf } from "./retention.ts";

const NOW = micros(Date.UTC(2026, 2, 31, 12) * 1_000);
const DAY_MS = 86_400_000;
const byDefault = { retentionDays: null, retentionContentDays: null };
const fallback = { days: 90, contentDays: 7, wholeMonths: false };

describe("the limits of what is kept", () => {
  it("are the default's for a customer that has no rule of its own", () => {
    expect(limitsOf(byDefault, fallback, NOW)).toEqual({
      messagesBefore: addMs(NOW, -90 * DAY_MS),
      contentBefore: addMs(NOW, -7 * DAY_MS),
    });
    const nothing = { messagesBefore: null, contentBefore: null };
    expect(limitsOf(byDefault, { days: null, contentDays: null, wholeMonths: true }, NOW)).toEqual(nothing);
  });

  it("are the customer's own where it has a rule, be it for ever", () => {
    const choice = { retentionDays: FOR_EVER, retentionContentDays: 1 };
    expect(limitsOf(choice, fallback, NOW)).toEqual({
      messagesBefore: null,
      contentBefore: addMs(NOW, -DAY_MS),
    });
  });

  it("go back to the beginning of a month where messages go by months, their content does not", () => {
    const limits = limitsOf(byDefault, { ...fallback, wholeMonths: true }, NOW);
    expect(limits.messagesBefore).toBe(Date.UTC(2025, 11, 1) * 1_000);
    expect(limits.contentBefore).toBe(addMs(NOW, -7 * DAY_MS));
  });
});
