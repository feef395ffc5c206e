import { describe, expect, it } from "vitest";
import { createIds, firstIdAt } from "../domain/ids.ts";
import { micros, parseMicros } from "../domain/micros.ts";
import { nextPageToken, pageTokenToBefore } from "./page-token.ts";

const TIME = micros(1_647_184_265_235_717);
const ID = createIds((bytes) => bytes.fill(7)).at(TIME);

describe("next page token", () => {
  it("is the last item's creation and id", () => {
    const page = [
      { id: "x", tmCreate: micros(0) },
      { id: ID, tmCreate: TIME },
    ];
    expect(nextPageToken(page)).toBe(`2022-03-13 15:11:05.235717_${ID}`);
  });

  it("is empty after an empty page", () => {
    expect(nextPageToken([])).toBe("");
  });
});

describe("reading a page token", () => {
  it("takes the id of our own form, whatever its case", () => {
    expect(pageTokenToBefore(`2022-03-13 15:11:05.235717_${ID.toUpperCase()}`)).toBe(ID);
  });

  it.each([
    "2022-03-13 15:11:05.235717",
    "2022-03-13T15:11:05.235717Z",
    "2022-03-13T15:11:05.235717",
    "2022-03-13 15:11:05.235717999",
  ])("takes the bare time %s as strictly older", (token) => {
    expect(pageTokenToBefore(token)).toBe(firstIdAt(TIME));
    expect(ID >= firstIdAt(TIME)).toBe(true);
  });

  it("takes a time before 1970 as the beginning, and the sentinel as the end", () => {
    expect(pageTokenToBefore("1969-12-31 23:59:59.000000")).toBe(firstIdAt(micros(0)));
    const end = pageTokenToBefore("9999-01-01 00:00:00.000000");
    expect(end).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8000-000000000000$/);
    expect(parseMicros("2100-01-01 00:00:00") ?? 0).toBeGreaterThan(0);
    expect((end ?? "") > firstIdAt(micros(4_102_444_800_000_000))).toBe(true);
  });

  it.each([
    "x",
    "_",
    `_${ID}`,
    "2022-03-13 15:11:05.235717_",
    "2022-03-13 15:11:05.235717_x",
    "2022-02-30 00:00:00",
    "12",
    ID,
  ])("knows no form in %j", (token) => {
    expect(pageTokenToBefore(token)).toBeNull();
  });
});
