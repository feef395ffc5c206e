import type { InboundContent } from "../domain/inbound.ts";
import { countBinaryParts } from "../gsm/binary-segmentation.ts";
import { PARTS_LIMIT } from "../gsm/capacity.ts";
import { NATIONAL_LANGUAGES, type NationalLanguage } from "../gsm/national-language.ts";
import { countParts } from "../gsm/segmentation.ts";
import { DEFAULT_TEXT_PROFILE, type TextProfile } from "../gsm/text-profile.ts";

/**
 * SMS parts that a content takes which came as a whole: a carrier may join the parts of a handset and hand over the text in
 * one `message_payload`.
 */
export function partsTaken({ encoding, text, data, udh }: InboundContent): number {
  const count =
    encoding === "binary"
      ? countBinaryParts(Buffer.from(data, "hex"), udh === "" ? undefined : Buffer.from(udh, "hex"), HANDSET)
      : countParts(text, HANDSET, encoding === "latin1" ? {} : { encoding }); // Latin-1 is the carrier's, not the handset's
  return "parts" in count ? count.parts : 1;
}

const LANGUAGES = Object.keys(NATIONAL_LANGUAGES) as NationalLanguage[]; // its own keys

/** A handset may use every table and every part that there is. */
const HANDSET: TextProfile = {
  ...DEFAULT_TEXT_PROFILE,
  nationalLanguages: { locking: LANGUAGES, singleShift: LANGUAGES },
  maxParts: PARTS_LIMIT,
};
