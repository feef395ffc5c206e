import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fifo } from "./fifo.ts";

type Step =
  | { readonly do: "push"; readonly item: number }
  | { readonly do: "shift" }
  | { readonly do: "putBack"; readonly items: readonly number[] }
  | { readonly do: "drain" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("push" as const), item: fc.integer() }) },
  { weight: 4, arbitrary: fc.constant({ do: "shift" as const }) },
  fc.record({ do: fc.constant("putBack" as const), items: fc.array(fc.integer(), { maxLength: 5 }) }),
  { weight: 1, arbitrary: fc.constant({ do: "drain" as const }) },
);

/** Does one step on a plain array and answers what should come out. */
function model(items: number[], action: Step): unknown {
  switch (action.do) {
    case "push":
      items.push(action.item);
      return undefined;
    case "shift":
      return items.shift();
    case "putBack":
      items.unshift(...action.items);
      return undefined;
    case "drain":
    default:
      return items.splice(0);
  }
}

function run(fifo: Fifo<number>, action: Step): unknown {
  switch (action.do) {
    case "push":
      return fifo.push(action.item);
    case "shift":
      return fifo.shift();
    case "putBack":
      return fifo.putBack(action.items);
    case "drain":
    default:
      return fifo.drain();
  }
}

describe("a fifo", () => {
  it("gives out what a plain array gives out", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const fifo = new Fifo<number>();
        const items: number[] = [];
        for (const action of steps) {
          expect(run(fifo, action)).toEqual(model(items, action));
          expect(fifo.size).toBe(items.length);
        }
      }),
    );
  });
});
