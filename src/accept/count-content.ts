import type { MessageOptions } from "../domain/message.ts";
import { type BinaryRejection, countBinaryParts } from "../gsm/binary-segmentation.ts";
import type { Encoding } from "../gsm/capacity.ts";
import { countParts } from "../gsm/segmentation.ts";
import type { TextRejection } from "../gsm/text-plan.ts";
import type { TextProfile } from "../gsm/text-profile.ts";

/** What a message says: its text, or the binary data among its options. */
export interface Content {
  readonly text: string;
  readonly options: MessageOptions;
}

/** How a content goes out at one carrier, or why it cannot, with the field that is to blame. */
export type ContentCount =
  | { readonly ok: true; readonly encoding: Encoding; readonly parts: number }
  | { readonly ok: false; readonly field: string; readonly message: string };

/** Counts the parts of a content by a carrier's profile. Expects `data` and `udh` to be hex. */
export function countContent({ text, options }: Content, profile: TextProfile): ContentCount {
  const { encoding = "auto", data, udh } = options;
  if (data !== undefined || encoding === "binary") {
    const header = udh === undefined ? undefined : Buffer.from(udh, "hex");
    const count = countBinaryParts(Buffer.from(data ?? "", "hex"), header, profile);
    return count.ok ? count : { ok: false, ...explainBinary(count) };
  }
  const count = countParts(text, profile, { encoding });
  return count.ok ? count : { ok: false, ...explainText(count) };
}

interface Explanation {
  readonly field: string;
  readonly message: string;
}

function explainText(rejection: TextRejection): Explanation {
  switch (rejection.reason) {
    case "not-encodable":
      return {
        field: "text",
        message: `the text cannot be written in ${rejection.encoding}: see its character ${rejection.index + 1}`,
      };
    case "too-many-parts":
      return { field: "text", message: tooManyParts("text", rejection) };
    case "header-too-long":
      return {
        field: "udh",
        message: `a header of ${rejection.headerOctets} octets leaves no room for text`,
      };
    default:
      throw new Error("a text was rejected for no known reason", { cause: rejection satisfies never });
  }
}

function explainBinary(rejection: BinaryRejection): Explanation {
  switch (rejection.reason) {
    case "malformed-header":
      return { field: "udh", message: "udh is no user data header: its lengths do not add up" };
    case "data-after-header":
      return {
        field: "udh",
        message: `udh holds ${rejection.givenOctets} octets, of which ${rejection.headerOctets} are a header: the rest belongs into data`,
      };
    case "already-concatenated":
      return { field: "udh", message: "udh says which part it is, but data needs several parts" };
    case "header-too-long":
      return {
        field: "udh",
        message: `a header of ${rejection.headerOctets} octets leaves no room for data`,
      };
    case "too-many-parts":
      return { field: "data", message: tooManyParts("data", rejection) };
    default:
      throw new Error("data were rejected for no known reason", { cause: rejection satisfies never });
  }
}

function tooManyParts(what: string, count: { readonly parts: number; readonly limit: number }): string {
  const parts = Number.isFinite(count.parts) ? String(count.parts) : "endless";
  return `the ${what} takes ${parts} parts, at most ${count.limit} are allowed`;
}
