import { describe, expect, it } from "vitest";
import { deliveredType, hasUdhi, isDeliveryReceipt } from "./esm-class.ts";
import { MESSAGE_STATE, messageStateName } from "./message-state.ts";
import { wantsReceipt } from "./registered-delivery.ts";

describe("esm_class", () => {
  it.each([
    [0x00, "message"],
    [0x43, "message"],
    [0x04, "delivery-receipt"],
    [0x44, "delivery-receipt"],
    [0x07, "delivery-receipt"],
    [0x08, "delivery-acknowledgement"],
    [0x10, "user-acknowledgement"],
    [0x18, "conversation-abort"],
    [0x20, "intermediate-notification"],
    [0x24, "delivery-receipt"],
  ] as const)("0x%s is a %s, whatever its mode and features", (esmClass, type) => {
    expect(deliveredType(esmClass)).toBe(type);
  });

  it("tells receipts from messages and from what users answer", () => {
    expect([0x04, 0x08, 0x20, 0x44].map(isDeliveryReceipt)).toEqual([true, true, true, true]);
    expect([0x00, 0x03, 0x10, 0x18, 0x40].map(isDeliveryReceipt)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it("says whether a user data header comes first", () => {
    expect(hasUdhi(0x43)).toBe(true);
    expect(hasUdhi(0x84)).toBe(false);
  });
});

describe("registered_delivery", () => {
  it("asks for a receipt always, on failure, or never, whatever its other bits", () => {
    expect([0x00, 0x01, 0x02, 0x03, 0x11, 0x12].map((bits) => wantsReceipt(bits, true))).toEqual([
      false,
      true,
      false,
      false,
      true,
      false,
    ]);
    expect([0x00, 0x01, 0x02, 0x03, 0x11, 0x12].map((bits) => wantsReceipt(bits, false))).toEqual([
      false,
      true,
      true,
      false,
      true,
      true,
    ]);
  });
});

describe("message_state", () => {
  it("has a name for each of its numbers, and none for others", () => {
    for (const [name, code] of Object.entries(MESSAGE_STATE)) expect(messageStateName(code)).toBe(name);
    expect(messageStateName(10)).toBeUndefined();
  });
});
