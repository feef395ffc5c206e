import { type Alphabet, decodeSeptets } from "./alphabet.ts";
import { type DataCoding, type OctetCoding, readDataCoding } from "./data-coding.ts";
import { decodeLatin1 } from "./latin-1.ts";
import { alphabetOf, nationalLanguageOf } from "./national-language.ts";
import { fillBits, unpackSeptets } from "./septets.ts";
import type { TextProfile } from "./text-profile.ts";
import { decodeUcs2 } from "./ucs-2.ts";
import { decodeUdh, type UdhError } from "./udh-decoding.ts";
import type { NationalElement, UdhElement } from "./udh.ts";

/** The part of a carrier's profile that reading needs. */
export type ReadingProfile = Pick<TextProfile, "alphabet" | "packing">;

/** What a received short message says. */
export interface DecodedUserData {
  readonly ok: true;
  /** Elements of the header, in order; none when there is no header. */
  readonly elements: readonly UdhElement[];
  readonly messageClass: DataCoding["messageClass"];
  /** Text, or the octets behind the header where the data_coding says they are no text. */
  readonly content:
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "binary"; readonly data: Uint8Array };
}

/** A header that cannot be read. The octets are still the message: keep them. */
export interface MalformedUserData {
  readonly ok: false;
  readonly error: UdhError;
  readonly octets: Uint8Array;
}

/**
 * Reads the user data of a received message: SMPP's short_message or message_payload, with `hasUdh` from esm_class bit
 * 0x40. Any octets make some text, at worst a wrong one. A part of a longer message may end in half a surrogate pair;
 * call `toWellFormed()` once the parts are joined.
 */
export function decodeUserData(
  octets: Uint8Array,
  dataCoding: number,
  hasUdh: boolean,
  profile: ReadingProfile,
): DecodedUserData | MalformedUserData {
  const header = hasUdh ? decodeUdh(octets) : NO_HEADER;
  if (!header.ok) return { ok: false, error: header.error, octets };
  const { elements, headerOctets } = header;
  const { coding, messageClass } = readDataCoding(dataCoding);
  const body = octets.subarray(headerOctets);
  if (coding === "binary8")
    return { ok: true, elements, messageClass, content: { kind: "binary", data: body } };
  const text =
    coding === "carrier-default"
      ? decodeCarrierDefault(body, elements, headerOctets, profile)
      : decodeText(body, coding);
  return { ok: true, elements, messageClass, content: { kind: "text", text } };
}

const NO_HEADER = { ok: true, elements: [], headerOctets: 0 } as const;

function decodeCarrierDefault(
  body: Uint8Array,
  elements: readonly UdhElement[],
  headerOctets: number,
  profile: ReadingProfile,
): string {
  if (profile.alphabet !== "gsm7") return decodeLatin1(body);
  const septets = profile.packing === "packed" ? unpackSeptets(body, fillBits(headerOctets)) : body;
  return decodeSeptets(septets, announcedAlphabet(elements));
}

function decodeText(body: Uint8Array, coding: Exclude<OctetCoding, "carrier-default" | "binary8">): string {
  if (coding === "ucs2") return decodeUcs2(body);
  if (coding === "latin1") return decodeLatin1(body);
  if (coding === "ascii") return isGsmInDisguise(body) ? decodeSeptets(body) : decodeLatin1(body);
  return new TextDecoder(coding).decode(body);
}

/** The tables that the header names; of several the last holds (TS 23.040 §9.2.3.24), a reserved one means the default. */
function announcedAlphabet(elements: readonly UdhElement[]): Alphabet {
  const languageOf = (kind: NationalElement["kind"]) => {
    const element = elements.findLast((candidate) => candidate.kind === kind);
    return element?.kind === kind ? nationalLanguageOf(element.language) : undefined;
  };
  return alphabetOf({
    locking: languageOf("national-locking-shift"),
    singleShift: languageOf("national-single-shift"),
  });
}

/**
 * Whether octets marked as IA5 are GSM septets all the same, as some clients mark them. ASCII text has no controls but
 * tab, line feed, form feed and carriage return; GSM has `@`, `$`, `_`, the escape and accented letters down there.
 */
function isGsmInDisguise(body: Uint8Array): boolean {
  return body.some(
    (octet) => octet < 0x20 && octet !== 0x09 && octet !== 0x0a && octet !== 0x0c && octet !== 0x0d,
  );
}
