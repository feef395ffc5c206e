import type { NationalLanguage } from "./national-language.ts";

/** How one carrier wants text written, both ways. Set per carrier, because data_coding 0 means something else at each. */
export interface TextProfile {
  /**
   * What the octets of data_coding 0 are. At a `latin1` or `ascii` carrier a text goes out that way only if it is in
   * the GSM alphabet too, since the carrier converts and drops what is not; it is counted in septets all the same.
   */
  readonly alphabet: "gsm7" | "latin1" | "ascii";
  /** One septet per octet, as almost everywhere, or eight septets in seven octets. Matters to alphabet `gsm7` only. */
  readonly packing: "unpacked" | "packed";
  /** Width of the concatenation reference: 8 takes 6 octets of header (153 septets a part), 16 takes 7 (152). */
  readonly referenceBits: 8 | 16;
  /** Tables that may be used when they save a part against UCS-2. Handsets without them show wrong letters. */
  readonly nationalLanguages: {
    readonly locking: readonly NationalLanguage[];
    readonly singleShift: readonly NationalLanguage[];
  };
  /** Replace look-alikes (curly quotes, long dashes …) where that alone brings the whole text into the alphabet. */
  readonly lookAlikes: boolean;
  /** Keep what a reader sees as one character within one part. Can cost a part more than the standard counts. */
  readonly keepClusters: boolean;
  /** Most parts one message may have; above 255 means 255, which is all a header can count. */
  readonly maxParts: number;
  /** Which of the two families of data_coding says flash: 0x10 (`general`) or 0xF0 (`message-class`). */
  readonly flashCoding: "general" | "message-class";
}

/** What a carrier that says nothing gets: unpacked GSM 7-bit, 8-bit references, nothing replaced, ten parts. */
export const DEFAULT_TEXT_PROFILE: TextProfile = {
  alphabet: "gsm7",
  packing: "unpacked",
  referenceBits: 8,
  nationalLanguages: { locking: [], singleShift: [] },
  lookAlikes: false,
  keepClusters: false,
  maxParts: 10,
  flashCoding: "general",
};
