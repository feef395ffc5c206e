import { describe, expect, it } from "vitest";

import { Fifo } from "./fifo.ts";

describe("Fifo", () => {
  it("gives back in order whatever goes in and out between", () => {
    const fifo = new Fifo<number>();
    const out: (number | undefined)[] = [];
    let next = 0;
    for (let round = 0; round < 3_000; round++) {
      for (let count = 0; count < (round < 2_000 ? 2 : 0); count++) fifo.push(next++);
      out.push(fifo.first());
      fifo.shift();
    }
    expect(out).toEqual(Array.from({ length: 3_000 }, (_, index) => index));
    expect(fifo.size).toBe(1_000);
  });

  it("has no first when it is empty", () => {
    const fifo = new Fifo<number>();
    fifo.shift();
    expect(fifo.first()).toBeUndefined();
    expect(fifo.size).toBe(0);
  });
});
