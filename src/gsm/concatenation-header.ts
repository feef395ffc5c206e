import type { TextProfile } from "./text-profile.ts";
import type { ConcatenationElement, UdhElement } from "./udh.ts";
import { encodeUdh } from "./udh-encoding.ts";

/**
 * A function from a part's number (from 1) to its header, which starts with the concatenation. Of `reference` as many
 * low bits are used as the profile's reference is wide. The array is the same each time: copy it before the next call.
 */
export function concatenationHeader(
  profile: TextProfile,
  reference: number,
  total: number,
  others: readonly UdhElement[],
): (sequence: number) => Uint8Array {
  const header = encodeUdh([concatenationElement(profile, reference, total), ...others]);
  // Behind the header's length, the element's number and length, the reference and the total.
  const sequenceAt = profile.referenceBits === 16 ? 6 : 5;
  return (sequence) => {
    header[sequenceAt] = sequence;
    return header;
  };
}

/** The concatenation element of the first of `total` parts. */
export function concatenationElement(
  profile: TextProfile,
  reference: number,
  total: number,
): ConcatenationElement {
  const { referenceBits } = profile;
  const mask = referenceBits === 16 ? 0xffff : 0xff;
  return { kind: "concatenation", referenceBits, reference: reference & mask, total, sequence: 1 };
}
