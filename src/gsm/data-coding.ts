import type { Encoding } from "./capacity.ts";
import type { TextProfile } from "./text-profile.ts";

/** What the octets of a received short message are, before anything carrier-specific is applied. */
export type OctetCoding =
  | "carrier-default"
  | "ascii"
  | "latin1"
  | "ucs2"
  | "binary8"
  /** Character sets by their WHATWG label, for a TextDecoder. */
  | "shift_jis"
  | "iso-8859-5"
  | "iso-8859-8"
  | "iso-2022-jp"
  | "euc-kr";

/** A data_coding taken apart. */
export interface DataCoding {
  readonly coding: OctetCoding;
  /** 0 is flash: shown at once and not stored (TS 23.038 §4). `undefined` when the value says nothing of a class. */
  readonly messageClass: 0 | 1 | 2 | 3 | undefined;
}

/**
 * SMPP's data_coding for an encoding (SMPP 3.4 §5.2.19), or `undefined` for a flash message in Latin-1, which no value
 * says. GSM text goes out as 0, never as 1 (IA5): carriers read 1 as ASCII. There is no 0xF0 form of UCS-2, so its
 * flash is 0x18 in both families.
 */
export function dataCodingOf(
  encoding: Encoding,
  isFlash: boolean,
  flashCoding: TextProfile["flashCoding"] = "general",
): number | undefined {
  if (!isFlash) return PLAIN[encoding];
  return flashCoding === "general" ? FLASH_GENERAL[encoding] : FLASH_MESSAGE_CLASS[encoding];
}

/**
 * Reads a received data_coding: below 0x10 by the table of SMPP 3.4 §5.2.19, from there on by the groups of TS 23.038
 * §4, where a reserved value means the default alphabet. Compressed text and pictograms are left as octets.
 */
export function readDataCoding(dataCoding: number): DataCoding {
  const group = dataCoding >> 4;
  if (group === 0) return { coding: SMPP_CODINGS[dataCoding] ?? "carrier-default", messageClass: undefined };
  if (group < 8) return readGeneralGroup(dataCoding);
  if (group === 0xe) return { coding: "ucs2", messageClass: undefined };
  if (group === 0xf) {
    return {
      coding: (dataCoding & 4) === 0 ? "carrier-default" : "binary8",
      messageClass: classOf(dataCoding),
    };
  }
  return { coding: "carrier-default", messageClass: undefined };
}

const PLAIN: Readonly<Record<Encoding, number>> = { gsm7: 0x00, latin1: 0x03, binary8: 0x04, ucs2: 0x08 };

const FLASH_GENERAL: Readonly<Record<Encoding, number | undefined>> = {
  gsm7: 0x10,
  latin1: undefined,
  binary8: 0x14,
  ucs2: 0x18,
};

const FLASH_MESSAGE_CLASS: Readonly<Record<Encoding, number | undefined>> = {
  gsm7: 0xf0,
  latin1: undefined,
  binary8: 0xf4,
  ucs2: 0x18,
};

// 0x09 is pictograms and 0x0D extended kanji (JIS X 0212), for which there is no decoder; 0x0B, 0x0C and 0x0F are
// reserved.
const SMPP_CODINGS: Readonly<Record<number, OctetCoding>> = {
  0x01: "ascii",
  0x02: "binary8",
  0x03: "latin1",
  0x04: "binary8",
  0x05: "shift_jis",
  0x06: "iso-8859-5",
  0x07: "iso-8859-8",
  0x08: "ucs2",
  0x09: "binary8",
  0x0a: "iso-2022-jp",
  0x0d: "binary8",
  0x0e: "euc-kr",
};

/** Bits 3 and 2 of the general group: alphabet; the fourth value is reserved. */
const GENERAL_CODINGS: readonly OctetCoding[] = ["carrier-default", "binary8", "ucs2", "carrier-default"];

function readGeneralGroup(dataCoding: number): DataCoding {
  const isCompressed = (dataCoding & 0x20) !== 0;
  const hasClass = (dataCoding & 0x10) !== 0;
  return {
    coding: isCompressed ? "binary8" : (GENERAL_CODINGS[(dataCoding >> 2) & 3] ?? "carrier-default"),
    messageClass: hasClass ? classOf(dataCoding) : undefined,
  };
}

function classOf(dataCoding: number): 0 | 1 | 2 | 3 {
  // Two bits make 0 to 3, which TypeScript does not see.
  return (dataCoding & 3) as 0 | 1 | 2 | 3;
}
