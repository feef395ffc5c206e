import { describe, expect, it } from "vitest";

import { deliverSm } from "../../smpp/pdu/pdu-defaults.ts";
import { MAX_COUNTED, RepeatedRefusals } from "./repeated-refusals.ts";

describe("RepeatedRefusals", () => {
  it("refuse a message so many times, and then again from the start", () => {
    const refusals = new RepeatedRefusals();
    const due = Array.from({ length: 6 }, () => refusals.isDue(messageTo("1"), 2));
    expect(due).toEqual([true, true, false, true, true, false]);
  });

  it("tell messages apart by sender, destination and text", () => {
    const refusals = new RepeatedRefusals();
    expect(refusals.isDue(messageTo("1", 65), 1)).toBe(true);
    expect(refusals.isDue(messageTo("1", 66), 1)).toBe(true);
    expect(refusals.isDue(messageTo("2", 65), 1)).toBe(true);
    expect(refusals.isDue(messageTo("1", 65), 1)).toBe(false);
  });

  it("count as many messages as their limit, and forget the older half with one more", () => {
    const refusals = new RepeatedRefusals();
    for (let count = 0; count < MAX_COUNTED; count++) refusals.isDue(messageTo(`${count}`), 1);
    refusals.isDue(messageTo("one more"), 1);
    expect(refusals.isDue(messageTo(`${MAX_COUNTED / 2}`), 1)).toBe(false);
    expect(refusals.isDue(messageTo("0"), 1)).toBe(true);
  });
});

function messageTo(address: string, octet = 65) {
  return deliverSm({ destination: { ton: 1, npi: 1, address }, shortMessage: Uint8Array.of(octet) });
}
