import { describe, expect, it } from "vitest";

import { startPair } from "./smpp-carrier.fixture.ts";

describe("an SMPP carrier that sends", () => {
  it("has a text delivered and hears of it", async () => {
    await using pair = await startPair();
    const [outcome] = await pair.send({ to: "+31616818985", text: "hello" });
    expect(outcome).toMatchObject({ kind: "taken" });
    await pair.until(() => pair.receipts.length === 1);
    expect(pair.simulator.handset("31616818985").inbox).toMatchObject([
      { from: "+821021656521", text: "hello", parts: 1, encoding: "gsm7" },
    ]);
    const keys = outcome?.kind === "taken" ? outcome.receiptKeys : [];
    expect(pair.receipts).toMatchObject([{ state: "delivered", destination: "31616818985", failure: null }]);
    expect(pair.receipts[0]?.keys[0]).toBe(keys[0]);
  });
});
