import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIds, firstIdAt, isUuid, timeOfId } from "./ids.ts";
import { micros } from "./micros.ts";

const YEAR_2255 = Date.UTC(2255, 0, 1) * 1_000;
const time = fc.integer({ min: 0, max: YEAR_2255 }).map(micros);
const ids = createIds((bytes) => crypto.getRandomValues(bytes));

describe("an id", () => {
  it("is a UUID of version 7 and of the standard's variant", () => {
    fc.assert(
      fc.property(time, (at) => {
        expect(ids.at(at)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  it("holds its time to the microsecond", () => {
    fc.assert(
      fc.property(time, (at) => {
        expect(timeOfId(ids.at(at))).toBe(at);
        expect(timeOfId(firstIdAt(at))).toBe(at);
      }),
      { numRuns: 2_000 },
    );
  });

  it("holds each of the thousand microseconds of a millisecond", () => {
    const startMs = Date.UTC(2026, 5, 1) * 1_000;
    for (let fraction = 0; fraction < 1_000; fraction++) {
      const at = micros(startMs + fraction);
      expect(timeOfId(ids.at(at))).toBe(at);
    }
  });

  it("sorts as its time does", () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 5_000 }), (at, later) => {
        expect(ids.at(at) < ids.at(micros(at + later))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is not smaller than the first of its microsecond, and smaller than the first of the next", () => {
    fc.assert(
      fc.property(time, (at) => {
        const id = ids.at(at);
        expect(firstIdAt(at) <= id).toBe(true);
        expect(id < firstIdAt(micros(at + 1))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is made anew each time, also when the random bytes are filled again", () => {
    const at = micros(Date.UTC(2026, 0) * 1_000);
    const made = Array.from({ length: 2_000 }, () => ids.at(at));
    expect(new Set(made).size).toBe(2_000);
  });

  it("takes eight bytes of its own from the source of randomness", () => {
    let filled = 0;
    const counting = createIds((bytes) => bytes.fill(filled++));
    const tails = Array.from({ length: 513 }, () => counting.at(micros(0)).slice(19));
    expect(filled).toBe(2);
    expect(tails[0]).toBe("8000-000000000000");
    expect(tails[511]).toBe("8000-000000000000");
    expect(tails[512]).toBe("8101-010101010101");
  });
});

describe("a UUID", () => {
  it("is known by its form, whatever its version and case", () => {
    expect(isUuid("03796e14-7cb4-11ec-9dba-e72023efd1c6")).toBe(true);
    expect(isUuid("03796E14-7CB4-11EC-9DBA-E72023EFD1C6")).toBe(true);
  });

  it.each([
    "",
    "03796e14",
    "03796e147cb411ec9dbae72023efd1c6",
    "03796e14-7cb4-11ec-9dba-e72023efd1cg",
    "03796e14-7cb4-11ec-9dba-e72023efd1c6 ",
    "{03796e14-7cb4-11ec-9dba-e72023efd1c6}",
  ])("is not %j", (text) => {
    expect(isUuid(text)).toBe(false);
  });
});
