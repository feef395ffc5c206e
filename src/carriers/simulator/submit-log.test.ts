import { describe, expect, it } from "vitest";

import { type SubmitEntry, SubmitLog } from "./submit-log.ts";

describe("SubmitLog", () => {
  it("keeps as many as its limit, the oldest first", () => {
    const log = new SubmitLog(3);
    for (let count = 0; count < 3; count++) log.add(ENTRY);
    expect(log.entries().map(({ number }) => number)).toEqual([1, 2, 3]);
    log.add(ENTRY);
    expect(log.entries().map(({ number }) => number)).toEqual([2, 3, 4]);
    expect(log.count).toBe(4);
  });
});

const ENTRY: Omit<SubmitEntry, "number"> = {
  atMs: 0,
  connection: 1,
  systemId: "id",
  source: "1",
  destination: "2",
  esmClass: 0,
  dataCoding: 0,
  registeredDelivery: 1,
  text: "",
  part: null,
  commandStatus: 0,
  messageId: "1",
};
