import { countSeptets, DEFAULT_ALPHABET } from "../../gsm/alphabet.ts";
import { NPI, TON } from "../../smpp/pdu/address-codes.ts";
import type { SmppAddress } from "../../smpp/pdu/pdu.ts";
import type { SendingSettings } from "./smpp-settings.ts";

/** Numbers of up to so many digits are short codes of a carrier. */
const SHORT_CODE_DIGITS = 6;

/** A number or name as the carrier wants it in a submit_sm: digits or letters, type of number and numbering plan. */
export function smppAddress(
  target: string,
  codes: SendingSettings["source"],
  settings: Pick<SendingSettings, "keepsPlus" | "senderCharset">,
): SmppAddress {
  const auto = codesOf(target);
  const ton = codes.ton ?? auto.ton;
  const npi = codes.npi ?? auto.npi;
  if (auto === CODES.alphanumeric) return { ton, npi, address: inCharset(target, settings.senderCharset) };
  const address = settings.keepsPlus || !target.startsWith("+") ? target : target.slice(1);
  return { ton, npi, address };
}

const CODES = {
  international: { ton: TON.international, npi: NPI.isdn },
  national: { ton: TON.national, npi: NPI.isdn },
  shortCode: { ton: TON.network_specific, npi: NPI.unknown },
  alphanumeric: { ton: TON.alphanumeric, npi: NPI.unknown },
  unset: { ton: TON.unknown, npi: NPI.unknown },
} as const;

function codesOf(target: string): (typeof CODES)[keyof typeof CODES] {
  if (target === "") return CODES.unset;
  if (!/^\+?\d+$/.test(target)) return CODES.alphanumeric;
  if (target.startsWith("+")) return CODES.international;
  if (target.length <= SHORT_CODE_DIGITS) return CODES.shortCode;
  return target.startsWith("0") ? CODES.national : CODES.international;
}

/** A question mark for whatever the carrier's alphabet of senders lacks; `@` is 0 in GSM, where it would end the field. */
function inCharset(name: string, charset: SendingSettings["senderCharset"]): string {
  let text = "";
  for (const character of name) text += isIn(character, charset) ? character : "?";
  return text;
}

function isIn(character: string, charset: SendingSettings["senderCharset"]): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (charset === "latin1") return code >= 0x20 && code <= 0xff;
  const isAscii = code >= 0x20 && code < 0x7f;
  if (charset === "ascii") return isAscii;
  // Only characters whose ASCII and GSM codes agree travel unharmed whichever of the two the field is read as.
  return isAscii && !DIFFERENT_IN_GSM.includes(character) && countSeptets(character, DEFAULT_ALPHABET) === 1;
}

/** Printable ASCII that the default alphabet has at another place. */
const DIFFERENT_IN_GSM = "@$_";
