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

/** Completes an address and normalises its target: `tel` keeps a leading plus and digits (a text without a digit stays whole). */
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

/** Trims, keeps a leading plus and digits, drops the rest; a text without any digit is an alphanumeric sender and stays. */
export function normaliseTel(text: string): string {
  const trimmed = text.trim();
  const digits = trimmed.replace(/\D/g, "");
  if (digits === "") return trimmed;
  return trimmed.startsWith("+") ? `+${digits}` : digits;
}

/** As `normaliseTel`, for who wrote to us: whatever has a letter is a name, and its digits are a part of it. */
export function normaliseSource(text: string): string {
  return /\p{L}/u.test(text) ? text.trim() : normaliseTel(text);
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
