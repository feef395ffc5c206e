import { concatenationHeader } from "./concatenation-header.ts";
import { partBoundaries } from "./part-boundary.ts";
import { type TextPart, writePart } from "./text-body.ts";
import { cuttingOf, textElements, type TextLayout, type TextOptions } from "./text-layout.ts";
import { planText, type TextRejection } from "./text-plan.ts";
import type { TextProfile } from "./text-profile.ts";
import { encodeUdh } from "./udh-encoding.ts";

/** What a text costs: encoding, tables, units, parts and how many units fit into each. */
export type PartCount = Omit<TextLayout, "alphabet">;

/** A text in parts, in their order. */
export interface Segmentation extends Omit<PartCount, "parts"> {
  readonly parts: readonly TextPart[];
}

/**
 * Counts the parts of a text without building them; `segment` makes exactly so many. An empty text is one part of no
 * units: whether to take one is the caller's rule. Allocates nothing per character.
 */
export function countParts(
  text: string,
  profile: TextProfile,
  options: TextOptions = {},
): PartCount | TextRejection {
  const layout = planText(text, profile, options);
  if (!layout.ok) return layout;
  const { encoding, tables, units, parts, partCapacity } = layout;
  return { ok: true, encoding, text: layout.text, tables, units, parts, partCapacity };
}

/**
 * Cuts a text into the short messages that carry it. `reference` ties the parts together on the handset: a counter
 * per destination, of which as many low bits are used as the profile's reference is wide.
 */
export function segment(
  text: string,
  profile: TextProfile,
  reference: number,
  options: TextOptions = {},
): Segmentation | TextRejection {
  const layout = planText(text, profile, options);
  if (!layout.ok) return layout;
  const { encoding, tables, units, partCapacity } = layout;
  const parts =
    layout.parts === 1 ? [onlyPart(layout, profile, options)] : cut(layout, profile, reference, options);
  return { ok: true, encoding, text: layout.text, tables, units, partCapacity, parts };
}

function onlyPart(layout: TextLayout, profile: TextProfile, options: TextOptions): TextPart {
  return writePart(layout, profile, encodeUdh(textElements(layout.tables, options)), 0, layout.text.length);
}

function cut(
  layout: TextLayout,
  profile: TextProfile,
  reference: number,
  options: TextOptions,
): readonly TextPart[] {
  const endOfPart = partBoundaries(layout.text, cuttingOf(layout, profile));
  const header = concatenationHeader(profile, reference, layout.parts, textElements(layout.tables, options));
  const parts: TextPart[] = [];
  let start = 0;
  while (start < layout.text.length) {
    const end = endOfPart(start);
    parts.push(writePart(layout, profile, header(parts.length + 1), start, end));
    start = end;
  }
  return parts;
}
