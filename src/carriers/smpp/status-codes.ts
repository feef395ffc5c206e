import type { UrlKey } from "../url-value.ts";

const MAX_CODES = 64;
const CODE_FORM = /^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i;
const MAX_CODE = 0xff_ff_ff_ff;

/** A key that takes SMPP error codes, decimal or with 0x, separated by commas. */
export function statusCodes(meaning: string): UrlKey<readonly number[]> {
  return {
    allowed: "codes with commas",
    default: "",
    meaning,
    read(text) {
      const words = text === "" ? [] : text.split(",");
      const areCodes = words.every(
        (word) => CODE_FORM.test(word) && Number(word) <= MAX_CODE && Number(word) > 0,
      );
      if (!areCodes) return { ok: false, must: "be error codes such as 69 or 0x45, separated by commas" };
      if (words.length > MAX_CODES) return { ok: false, must: `have at most ${MAX_CODES} codes` };
      return { ok: true, value: words.map(Number) };
    },
  };
}
