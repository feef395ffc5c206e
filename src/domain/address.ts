/** Who sends or receives, in VoIPBIN's shape: all five keys are always there, empty when unset. */
export interface Address {
  readonly type: string;
  readonly target: string;
  readonly target_name: string;
  readonly name: string;
  readonly detail: string;
}

/** An address as clients write it: any key may be missing, and a missing type is `tel`. */
export type AddressInput = { readonly [key in keyof Address]?: string };

/** Completes an address and normalises the target of a `tel` one. */
export function toAddress(input: AddressInput): Address {
  const type = input.type === undefined || input.type === "" ? "tel" : input.type;
  const target = input.target ?? "";
  return {
    type,
    target: type === "tel" ? normaliseTel(target) : target.trim(),
    target_name: input.target_name ?? "",
    name: input.name ?? "",
    detail: input.detail ?? "",
  };
}

/** What people and their contact lists put between the digits of a number: it means nothing. */
const SEPARATORS = /[\s\-.()/\p{Pd}\p{Cf}]/gu;

/** One with a 0 in brackets is dialled in two ways, so that nobody can know which number it is. */
const NUMBER = /^\+?[0-9]+$/;
const BRACKETED_ZERO = /\+.*\(0\)/;

/**
 * A number as its digits, with a plus in front if it has one; anything else just loses the spaces around it: it is a name, or
 * nobody's number, and to leave out what does not belong there would make another number of it.
 */
export function normaliseTel(text: string): string {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return trimmed;
  const bare = trimmed.replace(/^tel:/i, "").replace(SEPARATORS, "");
  return NUMBER.test(bare) && !BRACKETED_ZERO.test(trimmed.replace(/[^+\d()]/g, "")) ? bare : trimmed;
}

/** E.164 allows 15 digits; short codes of carriers start at 3. A plus promises an international number: at least 7. */
const PHONE_NUMBER = /^(?:\+[1-9]\d{6,14}|\d{3,15})$/;

const INTERNATIONAL = /^\+?[1-9]\d{6,14}$/;

/** Whether a normalised target can be an international number (E.164), with its plus or without. */
export function isInternational(target: string): boolean {
  return INTERNATIONAL.test(target);
}

/** Whether a normalised target can be the number of a handset (an international number or a national one or a short code). */
export function isPhoneNumber(target: string): boolean {
  return PHONE_NUMBER.test(target);
}
