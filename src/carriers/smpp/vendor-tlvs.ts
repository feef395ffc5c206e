import type { Tlv } from "../../smpp/pdu/tlv.ts";
import type { UrlKey } from "../url-value.ts";

const MAX_TLVS = 16;
const TLV_FORM = /^([0-9a-f]{4}):((?:[0-9a-f]{2}){0,255})$/i;

/** A key that takes optional parameters, `tag:value` in hex, separated by commas. */
export function vendorTlvs(meaning: string): UrlKey<readonly Tlv[]> {
  return {
    allowed: "tag:value with commas",
    default: "",
    meaning,
    read(text) {
      const words = text === "" ? [] : text.split(",");
      if (words.length > MAX_TLVS) return { ok: false, must: `have at most ${MAX_TLVS} parameters` };
      const tlvs = words.map(readTlv).filter((tlv) => tlv !== null);
      return tlvs.length === words.length
        ? { ok: true, value: tlvs }
        : { ok: false, must: "be parameters as hex tag:value, such as 1400:0102, separated by commas" };
    },
  };
}

function readTlv(word: string): Tlv | null {
  const [, tag, value] = TLV_FORM.exec(word) ?? [];
  if (tag === undefined || value === undefined) return null;
  return { tag: Number.parseInt(tag, 16), value: bytesOfHex(value) };
}

/** The bytes of an even number of hex digits. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/** Bytes as lower-case hex digits. */
export function hexOfBytes(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}
