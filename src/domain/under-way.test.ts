import { describe, expect, it } from "vitest";
import { UnderWay } from "./under-way.ts";

describe("what is under way", () => {
  it("is waited for, with what begins meanwhile, by everybody who asks", async () => {
    const work = new UnderWay();
    await work.idle();
    work.begin();
    work.begin();
    let waited = 0;
    const all = Promise.all([work.idle().then(() => waited++), work.idle().then(() => waited++)]);
    work.end();
    await Promise.resolve();
    expect(waited).toBe(0);
    work.end();
    work.begin(); // before those who wait have gone on
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    expect(waited).toBe(0);
    work.end();
    await all;
    expect(waited).toBe(2);
  });
});
