import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RequestWindow } from "./request-window.ts";
import { SequenceNumbers } from "./sequence-numbers.ts";
import { LAST_SEQUENCE } from "./session-options.ts";

const TIMEOUT_MS = 100;
const SIZE = 1_000;

const COUNT = fc.integer({ min: 1, max: 90 });
const STEP = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), count: COUNT }),
  fc.record({ kind: fc.constant("remove" as const), count: COUNT, choice: fc.nat() }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ kind: fc.constantFrom("write", "withdraw", "empty") }),
);
type Step = typeof STEP extends fc.Arbitrary<infer Value> ? Value : never;

/** A window beside what is known of it: each pending number, in the order of adding, and its deadline. */
class Beside {
  readonly window = new RequestWindow<number>(SIZE, TIMEOUT_MS);
  readonly known = new Map<number, number>();
  readonly #sequences: SequenceNumbers;
  #unwritten: number[] = [];
  #nowMs = 0;

  constructor(firstSequence: number) {
    this.#sequences = new SequenceNumbers(firstSequence);
  }

  /** Answers the numbers that the window gave up, and those that it should have. */
  take(step: Step): readonly [readonly number[], readonly number[]] {
    const { window, known } = this;
    if ("ms" in step) {
      this.#nowMs += step.ms;
      const overdue = [...known].filter(([, deadlineMs]) => deadlineMs <= this.#nowMs);
      return this.#gaveUp(window.takeExpired(this.#nowMs), numbersOf(overdue));
    }
    if ("choice" in step) {
      const chosen = [...known.keys()]
        .filter((_, place) => (place + step.choice) % 3 !== 0)
        .slice(0, step.count);
      const requests = chosen.flatMap((sequence) => window.get(sequence) ?? []);
      const removed = requests.filter((request) => window.remove(request) && !window.remove(request));
      return this.#gaveUp(removed, chosen);
    }
    if ("count" in step) {
      for (let count = 0; count < step.count && window.free > 0; count++) this.#add();
      return [[], []];
    }
    const unwritten = this.#unwritten.filter((sequence) => known.has(sequence));
    this.#unwritten = [];
    if (step.kind === "withdraw") return this.#gaveUp(window.withdrawUnwritten(), unwritten);
    if (step.kind === "empty") return this.#gaveUp(window.takeAll(), [...known.keys()]);
    window.markWritten();
    return [[], []];
  }

  #add(): void {
    const sequence = this.#sequences.take();
    this.window.add(sequence, "submit_sm", sequence, this.#nowMs);
    this.known.set(sequence, this.#nowMs + TIMEOUT_MS);
    this.#unwritten.push(sequence);
  }

  #gaveUp(
    requests: readonly { readonly sequence: number }[],
    wanted: readonly number[],
  ): readonly [readonly number[], readonly number[]] {
    for (const sequence of wanted) this.known.delete(sequence);
    return [requests.map(({ sequence }) => sequence), wanted];
  }
}

function numbersOf(entries: readonly (readonly [number, number])[]): readonly number[] {
  return entries.map(([sequence]) => sequence);
}

describe("a window of requests", () => {
  it("has them in the order of adding and by their numbers, whatever is taken out of it and when numbers begin again", () => {
    const steps = fc.array(STEP, { maxLength: 60 });
    const property = fc.property(steps, fc.integer({ min: 0, max: 200 }), (taken, before) => {
      const beside = new Beside(LAST_SEQUENCE - before);
      const { window, known } = beside;
      for (const step of taken) {
        const [gaveUp, wanted] = beside.take(step);
        expect(gaveUp).toEqual(wanted);
        expect([window.count, window.free]).toEqual([known.size, SIZE - known.size]);
        expect(window.nextDeadlineMs()).toBe([...known.values()][0] ?? Infinity);
        expect([...known.keys()].map((sequence) => window.get(sequence)?.context)).toEqual([...known.keys()]);
        expect(window.get(0)).toBeUndefined();
      }
    });
    fc.assert(property);
  });

  it("keeps one that is never answered while a hundred thousand pass", () => {
    const window = new RequestWindow<null>(2, TIMEOUT_MS);
    window.add(1, "submit_sm", null, 0);
    for (let sequence = 2; sequence <= 100_000; sequence++) {
      window.add(sequence, "submit_sm", null, 1);
      const request = window.get(sequence);
      if (request === undefined) throw new Error(`${sequence} is not found`);
      window.remove(request);
    }
    expect(window.takeExpired(TIMEOUT_MS)).toMatchObject([{ sequence: 1 }]);
    expect(window.count).toBe(0);
  });

  it("refuses a number that is pending", () => {
    const window = new RequestWindow<null>(2, TIMEOUT_MS);
    window.add(7, "submit_sm", null, 0);
    expect(() => window.add(7, "submit_sm", null, 0)).toThrow("request 7 is pending already");
    expect(window.count).toBe(1);
  });
});
