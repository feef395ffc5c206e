import { describe, expect, it } from "vitest";

import { BEHAVIOURS, defaultBehaviours, readBehaviours } from "./behaviours.ts";

describe("readBehaviours", () => {
  it("reads words, numbers and errors, and leaves the rest at its default", () => {
    const given = {
      idForm: "hex",
      tps: "100",
      silent: "on",
      errorStatus: "ESME_RTHROTTLED",
      windowStatus: "0x45",
    };
    expect(readBehaviours(given)).toEqual({
      ok: true,
      behaviours: {
        ...defaultBehaviours(),
        idForm: "hex",
        tps: 100,
        silent: true,
        errorStatus: 0x58,
        windowStatus: 0x45,
      },
    });
  });

  it.each([
    [{ colour: "red" }, "unknown behaviour colour; known are responseDelayMs"],
    [{ tps: "0" }, "tps must be 1–100000 or none, got 0"],
    [{ errorPercent: "101" }, "errorPercent must be 0–100, got 101"],
    [{ errorStatus: "BAD" }, "errorStatus must be an error such as ESME_RSYSERR or 0x8, got BAD"],
  ])("refuses %j", (given, reason) => {
    const reading = readBehaviours(given);
    expect(reading.ok ? "" : reading.reason).toContain(reason);
  });
});

describe("BEHAVIOURS", () => {
  it.each(Object.entries(BEHAVIOURS))("%s takes its own default and says what it means", (_name, key) => {
    expect(key.read(key.default)).toMatchObject({ ok: true });
    expect(key.meaning.length).toBeGreaterThan(10);
    expect(key.allowed).not.toBe("");
  });
});
