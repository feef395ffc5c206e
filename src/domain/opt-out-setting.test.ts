import { describe, expect, it } from "vitest";
import type { CustomerId } from "./ids.ts";
import { optOutSettingName, parseOptOutSetting, renderOptOutSetting } from "./opt-out-setting.ts";

describe("a customer's opt-out settings", () => {
  it("come back as they were stored", () => {
    const settings = { isOn: true, stopKeywords: ["HALT"], stopAnswer: "" };
    expect(parseOptOutSetting(renderOptOutSetting(settings))).toEqual(settings);
    expect(parseOptOutSetting(renderOptOutSetting(null))).toBeNull();
    expect(parseOptOutSetting(null)).toBeNull();
  });

  it("are of one customer alone", () => {
    expect(optOutSettingName("a" as CustomerId)).not.toBe(optOutSettingName("b" as CustomerId));
  });
});
