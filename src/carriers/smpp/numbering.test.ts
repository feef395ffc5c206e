import { describe, expect, it } from "vitest";

import { smppAddress } from "./numbering.ts";

const AUTO = { ton: null, npi: null };
const PLAIN = { keepsPlus: false, senderCharset: "ascii" } as const;

describe("smppAddress", () => {
  it.each([
    ["+31616818985", 1, 1, "31616818985"],
    ["31616818985", 1, 1, "31616818985"],
    ["0616818985", 2, 1, "0616818985"],
    ["12345", 3, 0, "12345"],
    ["123456", 3, 0, "123456"],
    ["1234567", 1, 1, "1234567"],
    ["VoIPBIN", 5, 0, "VoIPBIN"],
    ["+Shop24", 5, 0, "+Shop24"],
    ["", 0, 0, ""],
  ])("reads type and plan off %s", (target, ton, npi, address) => {
    expect(smppAddress(target, AUTO, PLAIN)).toEqual({ ton, npi, address });
  });

  it("keeps the plus where the carrier wants it", () => {
    expect(smppAddress("+31616818985", AUTO, { ...PLAIN, keepsPlus: true }).address).toBe("+31616818985");
  });

  it("lets the operator's codes win", () => {
    expect(smppAddress("+316", { ton: 0, npi: 8 }, PLAIN)).toEqual({ ton: 0, npi: 8, address: "316" });
  });

  it("puts a question mark for what the carrier's alphabet of senders lacks", () => {
    expect(smppAddress("Café€", AUTO, PLAIN).address).toBe("Caf??");
    expect(smppAddress("Café€", AUTO, { ...PLAIN, senderCharset: "latin1" }).address).toBe("Café?");
  });

  it("never lets an @ become the NUL that ends the field in GSM", () => {
    expect(smppAddress("me@home_1", AUTO, { ...PLAIN, senderCharset: "gsm7" }).address).toBe("me?home?1");
  });
});
