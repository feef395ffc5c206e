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
  const length = end - start;
  const text = layout.text.slice(start, end);
  if (layout.encoding === "ucs2") {
    const data = userDataWith(udh, 2 * length);
    writeUcs2(layout.text, start, end, data.body);
    return { ...data, text, units: length };
  }
  if (layout.encoding === "latin1" || profile.alphabet !== "gsm7") {
    const data = userDataWith(udh, length);
    writeLatin1(layout.text, start, end, data.body);
    return { ...data, text, units: layout.encoding === "latin1" ? length : septetsOf(layout, start, end) };
  }
  const units = septetsOf(layout, start, end);
  return { ...septetData(layout, profile, udh, start, end, units), text, units };
}

function septetData(
  layout: TextLayout,
  profile: TextProfile,
  udh: Uint8Array,
  start: number,
  end: number,
  units: number,
): UserData {
  if (profile.packing === "unpacked") {
    const data = userDataWith(udh, units);
    writeSeptets(layout.text, start, end, layout.alphabet, data.body);
    return data;
  }
  const septets = new Uint8Array(units);
  writeSeptets(layout.text, start, end, layout.alphabet, septets);
  const packed = packSeptets(septets, fillBits(udh.length));
  const data = userDataWith(udh, packed.length);
  data.body.set(packed);
  return data;
}

function septetsOf({ text, alphabet, units }: TextLayout, start: number, end: number): number {
  return start === 0 && end === text.length ? units : countSeptets(text, alphabet, undefined, start, end);
}
