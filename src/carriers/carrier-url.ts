import { CARRIER_URL_MAX_CHARACTERS } from "../domain/carrier-account.ts";
import { parseSmppUrl, type SmppAccount } from "./smpp/smpp-url.ts";
import { shortened } from "./url-value.ts";

/** A carrier's URL taken apart; `kind` is its scheme. */
export type CarrierConfig = SmppAccount;

/** A carrier's URL, or why it cannot be right; the reason never holds the secret. */
export type CarrierUrlParse =
  | { readonly ok: true; readonly config: CarrierConfig }
  | { readonly ok: false; readonly reason: string };

/** Schemes that a carrier URL may have. */
export const CARRIER_SCHEMES = ["smpp", "smpps"] as const;

/** What is shown in place of a password. */
export const STRUCK_OUT = "***";

/** Reads a URL such as `smpp://id:secret@host:2775?bind=trx&window=50&tps=100`; every key is checked, unknown ones are refused. */
export function parseCarrierUrl(text: string): CarrierUrlParse {
  if (text.length > CARRIER_URL_MAX_CHARACTERS) return refuse(TOO_LONG);
  const url = URL.parse(text.trim());
  if (url === null) return refuse(`not a URL; expected ${EXAMPLE}`);
  const scheme = url.protocol.slice(0, -1);
  switch (scheme) {
    case "smpp":
    case "smpps":
      return parseSmppUrl(url, scheme);
    default:
      return refuse(
        `unknown scheme ${shortened(scheme)}://; known are ${CARRIER_SCHEMES.map((name) => `${name}://`).join(", ")}`,
      );
  }
}

/** The URL as it may be shown: its password, if it has one, is three asterisks. A text that is no URL is not repeated at all. */
export function redactCarrierUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null) return "(not a URL)";
  if (url.password !== "") url.password = STRUCK_OUT;
  return url.href;
}

/** Why a URL is refused that is longer than any may be. */
export const TOO_LONG = `it has more than ${CARRIER_URL_MAX_CHARACTERS.toLocaleString("en")} characters`;

const EXAMPLE = "smpp://SYSTEM_ID:PASSWORD@HOST:2775";

function refuse(reason: string): CarrierUrlParse {
  return { ok: false, reason };
}
