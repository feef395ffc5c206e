import { countSeptets, writeSeptets } from "./alphabet.ts";
import { writeLatin1 } from "./latin-1.ts";
import { fillBits, packSeptets } from "./septets.ts";
import type { TextLayout } from "./text-layout.ts";
import type { TextProfile } from "./text-profile.ts";
import { writeUcs2 } from "./ucs-2.ts";
import { type UserData, userDataWith } from "./user-data.ts";

/** One short message of a text. */
export interface TextPart extends UserData {
  /** The slice of the text that this part carries. */
  readonly text: string;
  /** Units of the body; at a `latin1` or `ascii` carrier more than its octets where an escape will be due. */
  readonly units: number;
}

/** Writes text[start, end) of a layout behind its header as the carrier's profile wants it. */
export function writePart(
  layout: TextLayout,
  profile: TextProfile,
  udh: Uint8Array,
  start: number,
  end: number,
): TextPart {
  const units = unitsOf(layout, start, end);
  const { octets, udh: header, body } = writeUserData(layout, profile, udh, start, end, units);
  return { octets, udh: header, body, text: layout.text.slice(start, end), units };
}

function unitsOf({ text, alphabet, units }: TextLayout, start: number, end: number): number {
  const hasEscapes = units !== text.length;
  return hasEscapes ? countSeptets(text, alphabet, undefined, start, end) : end - start;
}

function writeUserData(
  layout: TextLayout,
  profile: TextProfile,
  udh: Uint8Array,
  start: number,
  end: number,
  units: number,
): UserData {
  const { text, encoding, alphabet } = layout;
  if (encoding === "ucs2") {
    const data = userDataWith(udh, 2 * (end - start));
    writeUcs2(text, start, end, data.body);
    return data;
  }
  if (encoding === "latin1" || profile.alphabet !== "gsm7") {
    const data = userDataWith(udh, end - start);
    writeLatin1(text, start, end, data.body);
    return data;
  }
  if (profile.packing === "unpacked") {
    const data = userDataWith(udh, units);
    writeSeptets(text, start, end, alphabet, data.body);
    return data;
  }
  const septets = new Uint8Array(units);
  writeSeptets(text, start, end, alphabet, septets);
  const packed = packSeptets(septets, fillBits(udh.length));
  const data = userDataWith(udh, packed.length);
  data.body.set(packed);
  return data;
}
