import { describe, expect, it } from "vitest";
import { decodeRecords, encodeRecord, type JournalRecord, recordsAfter } from "./journal-records.ts";

const RECORDS = [
  { sequence: 41, payload: "[]" },
  { sequence: 42, payload: '["Grüße, 世界 🎉"]' },
  { sequence: 43, payload: "" },
  { sequence: 2 ** 52, payload: "x".repeat(1_000) },
];
const THREE = RECORDS.slice(0, 3);
const ID = 0x89_ab_cd_ef;
const BYTES = bytesOf(THREE);

describe("records of the journal", () => {
  it("come back as they were written", () => {
    for (const record of RECORDS) expect(decodeRecords(encodeRecord(record, ID), ID)).toEqual([record]);
    expect(decodeRecords(Buffer.concat([BYTES, Buffer.alloc(4_096)]), ID)).toEqual(THREE);
  });

  it("end where the file was torn, at every byte", () => {
    const ends = THREE.map((_, index) => bytesOf(THREE.slice(0, index + 1)).length);
    for (let length = 0; length <= BYTES.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      expect(decodeRecords(BYTES.subarray(0, length), ID)).toEqual(THREE.slice(0, whole));
    }
  });

  it("end before the one that has any bit changed", () => {
    const [first, second] = [
      encodeRecord({ sequence: 41, payload: "[]" }, ID),
      encodeRecord({ sequence: 42, payload: '["Grüße, 世界 🎉"]' }, ID),
    ];
    for (let at = 0; at < second.length; at++) {
      const changed = Buffer.from(second);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(decodeRecords(Buffer.concat([first, changed]), ID)).toEqual(THREE.slice(0, 1));
    }
  });

  it("end before what an earlier round of the file left behind", () => {
    const old = [{ sequence: 7, payload: "old" }];
    expect(decodeRecords(Buffer.concat([BYTES, bytesOf(old)]), ID)).toEqual(THREE);
  });

  it("are not those of another journal", () => {
    for (const other of [0, ID - 1, ID + 1]) expect(decodeRecords(BYTES, other)).toEqual([]);
  });

  it("are missing from a database up to the first gap", () => {
    const [first, second, third, far] = RECORDS;
    const turned = [third, far, first, second].filter((record) => record !== undefined);
    expect(recordsAfter(40, turned)).toEqual(THREE);
    expect(recordsAfter(42, turned)).toEqual([third]);
    expect(recordsAfter(39, turned)).toEqual([]);
    expect(recordsAfter(43, turned)).toEqual([]);
  });
});

function bytesOf(records: readonly JournalRecord[]): Buffer {
  return Buffer.concat(records.map((record) => encodeRecord(record, ID)));
}
