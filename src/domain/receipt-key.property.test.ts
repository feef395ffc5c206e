import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalKey, receiptKeys } from "./receipt-key.ts";

const number = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n });
const zeros = fc.integer({ min: 0, max: 8 }).map((count) => "0".repeat(count));
const spelling = fc.record({ zeros, isUpper: fc.boolean(), isSpaced: fc.boolean() });

interface Spelling {
  readonly zeros: string;
  readonly isUpper: boolean;
  readonly isSpaced: boolean;
}

/** An id as carriers may write it: padded, in capitals, with spaces around it. */
function spell(id: string, { zeros: padding, isUpper, isSpaced }: Spelling): string {
  const padded = `${padding}${isUpper ? id.toUpperCase() : id.toLowerCase()}`;
  return isSpaced ? ` ${padded} ` : padded;
}

const BASES = [10, 16] as const;

describe("a receipt finds its message", () => {
  it("in whichever base, width and case response, text and TLV write the number", () => {
    fc.assert(
      fc.property(
        number,
        fc.constantFrom(...BASES),
        fc.constantFrom(...BASES),
        fc.boolean(),
        spelling,
        spelling,
        (id, responseBase, receiptBase, isInTlv, responseSpelling, receiptSpelling) => {
          const stored = canonicalKey(spell(id.toString(responseBase), responseSpelling));
          const written = spell(id.toString(receiptBase), receiptSpelling);
          const keys = isInTlv ? receiptKeys(undefined, written) : receiptKeys(written, undefined);
          expect(keys).toContain(stored);
          expect(responseBase === receiptBase ? keys[0] : stored).toBe(stored);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("by its UUID in any case", () => {
    fc.assert(
      fc.property(fc.uuid(), spelling, (id, how) => {
        const stored = canonicalKey(id);
        expect(receiptKeys(spell(id, { ...how, zeros: "" }), undefined)).toEqual([stored]);
      }),
    );
  });
});

describe("the canonical spelling", () => {
  it("of a canonical spelling is itself", () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(canonicalKey(canonicalKey(id))).toBe(canonicalKey(id));
      }),
    );
  });

  it("keeps different numbers apart, also beyond 2^53 and 2^63", () => {
    fc.assert(
      fc.property(number, fc.bigInt({ min: 1n, max: 1_000n }), (id, more) => {
        for (const base of BASES)
          expect(canonicalKey(id.toString(base))).not.toBe(canonicalKey((id + more).toString(base)));
      }),
    );
  });

  it("is never empty in a list of candidates, and never there twice", () => {
    expect(receiptKeys(" ", undefined)).toEqual([]);
    fc.assert(
      fc.property(
        fc.option(fc.string(), { nil: undefined }),
        fc.option(fc.string(), { nil: undefined }),
        (text, tlv) => {
          const keys = receiptKeys(text, tlv);
          expect(new Set(keys).size).toBe(keys.length);
          expect(keys).not.toContain("");
        },
      ),
    );
  });
});
