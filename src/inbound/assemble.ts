import type { InboundContent } from "../domain/inbound.ts";
import type { Gathering } from "../store/gathering.ts";

/** The content of a whole message, the parts that it came in, and which it lacks (from 1; empty when it is complete). */
export interface Assembled extends InboundContent {
  readonly parts: number;
  readonly missingParts: readonly number[];
}

/** Stands in a text where a part never came. */
const GAP = "[…]";

/** Joins parts in order; a missing one leaves a visible gap in a text and nothing in data. */
export function assemble(gathering: Gathering): Assembled {
  const bySequence = new Map(gathering.parts.map((part) => [part.sequence, part.content]));
  const sequences = Array.from({ length: gathering.total }, (_, index) => index + 1);
  const contents = sequences.map((sequence) => bySequence.get(sequence) ?? null);
  const present = contents.filter((content) => content !== null);
  return {
    encoding: widest(present),
    text: contents.map((content) => content?.text ?? GAP).join(""),
    data: present.map((content) => content.data).join(""),
    udh: present.find((content) => content.udh !== "")?.udh ?? "",
    parts: present.length,
    missingParts: sequences.filter((sequence) => !bySequence.has(sequence)),
  };
}

const WIDTHS = ["gsm7", "latin1", "ucs2", "binary"] as const;

/** Parts may come in different alphabets; the message is shown as the widest of them. */
function widest(contents: readonly InboundContent[]): InboundContent["encoding"] {
  return contents.reduce<InboundContent["encoding"]>(
    (widestSoFar, { encoding }) =>
      WIDTHS.indexOf(encoding) > WIDTHS.indexOf(widestSoFar) ? encoding : widestSoFar,
    "gsm7",
  );
}
