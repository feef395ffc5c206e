import { CARRIER_URL_MAX_CHARACTERS } from "../domain/carrier-account.ts";
import { type CarrierConfig, parseCarrierUrl, STRUCK_OUT, TOO_LONG } from "./carrier-url.ts";

/** A carrier's URL as it may be stored, or why it cannot be right; the reason never holds the secret. */
export type StorableUrl =
  | { readonly ok: true; readonly url: string; readonly config: CarrierConfig }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads a URL that may have come from one that was shown: where the password is struck out, the stored URL's takes its place.
 * Only for the same account, though: nobody is shown the password, so nobody may have it sent to a host of his own either.
 * @param stored the URL that it is to replace; null when it replaces none
 */
export function keepPassword(text: string, stored: string | null): StorableUrl {
  const parsed = parseCarrierUrl(text);
  if (!parsed.ok) return parsed;
  const url = new URL(text.trim()); // it was just read
  if (url.password !== STRUCK_OUT) return { ok: true, url: text, config: parsed.config };
  if (stored === null) return { ok: false, reason: `${NO_PASSWORD}: ${WRITE_IT}` };
  const before = parseCarrierUrl(stored);
  if (!before.ok || before.config.password === "" || placeOf(before.config) !== placeOf(parsed.config))
    return { ok: false, reason: `${NO_PASSWORD}, which is kept only where ${THE_PLACE} stay: ${WRITE_IT}` };
  url.password = new URL(stored.trim()).password; // as it was written, for whatever it is percent-encoded
  if (url.href.length > CARRIER_URL_MAX_CHARACTERS) return { ok: false, reason: TOO_LONG };
  return { ok: true, url: url.href, config: { ...parsed.config, password: before.config.password } };
}

const NO_PASSWORD = `${STRUCK_OUT} stands for a password that is not shown`;
const THE_PLACE = "scheme, host, port and system id";
const WRITE_IT = "write the password itself (%2A%2A%2A if three asterisks are it)";

/** Where a password is sent to. */
function placeOf({ kind, host, port, systemId }: CarrierConfig): string {
  return JSON.stringify([kind, host.toLowerCase(), port, systemId]);
}
