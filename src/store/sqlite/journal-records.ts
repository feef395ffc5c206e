import { crc32 } from "node:zlib";

/** One entry of the journal: a sequence number and what it says. */
export interface JournalRecord {
  readonly sequence: number;
  readonly payload: string;
}

/**
 * A record as bytes, big-endian: magic (4), bytes of the payload (4), CRC-32 of all that follows (4), sequence number as a
 * double (8), payload in UTF-8. The CRC begins with the journal's id, so that no record fits another journal.
 */
const MAGIC = 0x4d_42_4a_31; // "MBJ1"
const [LENGTH_AT, CRC_AT, SEQUENCE_AT, PAYLOAD_AT] = [4, 8, 12, 20];

export function encodeRecord({ sequence, payload }: JournalRecord, journalId: number): Buffer {
  const bytes = Buffer.allocUnsafe(PAYLOAD_AT + Buffer.byteLength(payload));
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt32BE(bytes.length - PAYLOAD_AT, LENGTH_AT);
  bytes.writeDoubleBE(sequence, SEQUENCE_AT);
  bytes.write(payload, PAYLOAD_AT);
  bytes.writeUInt32BE(crc32(bytes.subarray(SEQUENCE_AT), journalId), CRC_AT);
  return bytes;
}

/**
 * Reads the records of a journal from the start of a file on, as long as they are whole and number on from the first: what
 * follows is torn by a crash, older than they are, or was never written.
 */
export function decodeRecords(bytes: Buffer, journalId: number): JournalRecord[] {
  const records: JournalRecord[] = [];
  let at = 0;
  while (at + PAYLOAD_AT <= bytes.length && bytes.readUInt32BE(at) === MAGIC) {
    const end = at + PAYLOAD_AT + bytes.readUInt32BE(at + LENGTH_AT);
    if (end > bytes.length) break;
    if (crc32(bytes.subarray(at + SEQUENCE_AT, end), journalId) !== bytes.readUInt32BE(at + CRC_AT)) break;
    const sequence = bytes.readDoubleBE(at + SEQUENCE_AT);
    const last = records.at(-1);
    if (last !== undefined && sequence !== last.sequence + 1) break;
    records.push({ sequence, payload: bytes.toString("utf8", at + PAYLOAD_AT, end) });
    at = end;
  }
  return records;
}

/** Whether a file of a journal, whichever that is, holds records: also what a crash tore may have been accepted. */
export function beginsWithRecord(bytes: Buffer): boolean {
  return bytes.length >= PAYLOAD_AT && bytes.readUInt32BE(0) === MAGIC;
}

/** Those of a journal's records that a database lacks which has all up to `applied`: without a gap, in order. */
export function recordsAfter(applied: number, records: readonly JournalRecord[]): readonly JournalRecord[] {
  const ordered = records.toSorted((one, other) => one.sequence - other.sequence);
  const missing: JournalRecord[] = [];
  for (const record of ordered) if (record.sequence === applied + missing.length + 1) missing.push(record);
  return missing;
}
