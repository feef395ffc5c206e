import { describe, expect, it } from "vitest";

import { parseReceiptDate, parseReceiptText, readsLikeReceipt } from "./receipt-text.ts";

const ALL = {
  id: "0221067780",
  submitDate: "2603141509",
  doneDate: "2603141510",
  stat: "DELIVRD",
  err: "000",
};

describe("parseReceiptText", () => {
  it.each([
    [
      "of the standard's appendix",
      "id:0221067780 sub:001 dlvrd:001 submit date:2603141509 done date:2603141510 stat:DELIVRD err:000 text:hello",
    ],
    [
      "with Text in capitals",
      "id:0221067780 sub:001 dlvrd:001 submit date:2603141509 done date:2603141510 stat:DELIVRD err:000 Text:hello",
    ],
    [
      "without sub and dlvrd",
      "id:0221067780 submit date:2603141509 done date:2603141510 stat:DELIVRD err:000 text:",
    ],
    ["with separators", "id:0221067780,submit date:2603141509;done date:2603141510, stat:DELIVRD, err:000"],
    [
      "in another order",
      "stat:DELIVRD err:000 done date:2603141510 submit date:2603141509 dlvrd:001 sub:001 id:0221067780",
    ],
    [
      "with labels in capitals",
      "ID:0221067780 SUBMIT DATE:2603141509 DONE DATE:2603141510 STAT:DELIVRD ERR:000",
    ],
    [
      "with labels in one word",
      "id:0221067780 submit_date:2603141509 donedate:2603141510 stat:DELIVRD err:000",
    ],
    [
      "with a space after the colon",
      "id: 0221067780 submit date: 2603141509 done date: 2603141510 stat: DELIVRD err: 000",
    ],
    [
      "with the text in the middle",
      "id:0221067780 submit date:2603141509 text:a b c done date:2603141510 stat:DELIVRD err:000",
    ],
  ])("reads a receipt %s", (_what, receipt) => {
    expect(parseReceiptText(receipt)).toEqual(ALL);
  });

  it("does not believe labels in the quoted text that stood before it", () => {
    const receipt = "id:1 stat:UNDELIV err:21b text:id:2 stat:DELIVRD err:000";
    expect(parseReceiptText(receipt)).toMatchObject({ id: "1", stat: "UNDELIV", err: "21b" });
  });

  it("takes the last label when a field stands behind a text that holds the same label", () => {
    const receipt = "id:1 text:my stat:FOO was bad stat:DELIVRD err:000";
    expect(parseReceiptText(receipt)).toMatchObject({ id: "1", stat: "DELIVRD", err: "000" });
  });

  it.each(["0", "21b", "0000", "E-17"])("reads the error %s", (err) => {
    expect(parseReceiptText(`id:1 stat:UNDELIV err:${err}`).err).toBe(err);
  });

  it("has nothing for fields that are missing or empty", () => {
    expect(parseReceiptText("id:7 stat:ACKED err: text:")).toEqual({
      id: "7",
      submitDate: undefined,
      doneDate: undefined,
      stat: "ACKED",
      err: undefined,
    });
  });

  it("knows no label that merely is a word of the language", () => {
    expect(parseReceiptText("constructor:1 toString:2 id:3")).toMatchObject({ id: "3" });
  });

  it("does not take a label out of the middle of a word", () => {
    expect(parseReceiptText("paid:5 laststat:X")).toMatchObject({ id: undefined, stat: undefined });
  });

  it("reads the first 1,024 characters and no more", () => {
    expect(parseReceiptText(`${" ".repeat(1_020)}id:7`).id).toBe("7");
    expect(parseReceiptText(`${" ".repeat(1_024)}id:7`).id).toBeUndefined();
  });
});

describe("readsLikeReceipt", () => {
  it("wants an id and a state", () => {
    expect(readsLikeReceipt("id:1 stat:DELIVRD")).toBe(true);
    expect(readsLikeReceipt("id:1 hello")).toBe(false);
  });
});

describe("parseReceiptDate", () => {
  it.each([
    ["2603141509", 0, "2026-03-14T15:09:00.000Z"],
    ["260314150926", 0, "2026-03-14T15:09:26.000Z"],
    ["20260314150926", 0, "2026-03-14T15:09:26.000Z"],
    ["2603141509", 120, "2026-03-14T13:09:00.000Z"],
    ["2603141509", -330, "2026-03-14T20:39:00.000Z"],
  ])("reads %s, %i minutes east", (date, zone, iso) => {
    expect(new Date(parseReceiptDate(date, zone) ?? 0).toISOString()).toBe(iso);
  });

  it.each(["", "26031415", "2613141509", "26031415091", "yesterday00"])("refuses %j", (date) => {
    expect(parseReceiptDate(date, 0)).toBeNull();
  });
});
