import { describe, expect, it } from "vitest";
import { decodeRecords, encodeRecord } from "./journal-records.ts";

const RECORDS = [
  { sequence: 41, payload: "[]" },
  { sequence: 42, payload: '["Grüße, 世界 🎉"]' },
  { sequence: 43, payload: "" },
  { sequence: 2 ** 52, payload: "x".repeat(1_000) },
];
const THREE = RECORDS.slice(0, 3);
const BYTES = Buffer.concat(THREE.map(encodeRecord));

describe("records of the journal", () => {
  it("come back as they were written", () => {
    for (const record of RECORDS) expect(decodeRecords(encodeRecord(record))).toEqual([record]);
    expect(decodeRecords(Buffer.concat([BYTES, Buffer.alloc(4_096)]))).toEqual(THREE);
  });

  it("end where the file was torn, at every byte", () => {
    const ends = THREE.map((_, index) => Buffer.concat(THREE.slice(0, index + 1).map(encodeRecord)).length);
    for (let length = 0; length <= BYTES.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      expect(decodeRecords(BYTES.subarray(0, length))).toEqual(THREE.slice(0, whole));
    }
  });

  it("end before the one that has any bit changed", () => {
    const [first, second] = [
      encodeRecord({ sequence: 41, payload: "[]" }),
      encodeRecord({ sequence: 42, payload: '["Grüße, 世界 🎉"]' }),
    ];
    for (let at = 0; at < second.length; at++) {
      const changed = Buffer.from(second);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(decodeRecords(Buffer.concat([first, changed]))).toEqual(THREE.slice(0, 1));
    }
  });

  it("end before what an earlier round of the file left behind", () => {
    const old = [{ sequence: 7, payload: "old" }];
    expect(decodeRecords(Buffer.concat([BYTES, ...old.map(encodeRecord)]))).toEqual(THREE);
  });
});
