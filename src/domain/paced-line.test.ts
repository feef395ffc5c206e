import { expect, it } from "vitest";
import { PacedLine } from "./paced-line.ts";

it("a paced line is written at once, then once in ten seconds with all that happened since", () => {
  let now = 5;
  const counts: number[] = [];
  const line = new PacedLine(() => now);
  const happened = (atMs: number, times?: number): void => {
    now = atMs;
    line.happened((count) => counts.push(count), times);
  };
  happened(5, 3);
  happened(5);
  happened(10_004, 2);
  expect(counts).toEqual([3]);
  happened(10_005);
  expect(counts).toEqual([3, 4]);
  happened(20_004);
  happened(99_000);
  expect(counts).toEqual([3, 4, 2]);
});
