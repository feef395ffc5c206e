import { NameNotResolved, RefusedAddress } from "./guarded-lookup.ts";
import type { FailureReason } from "./outcome.ts";

/** What an error of a connection or of the HTTP parser means. */
export function reasonOf(error: Error, isSent: boolean): FailureReason {
  if (error instanceof RefusedAddress) return "refused_address";
  if (error instanceof NameNotResolved) return "dns";
  const code = codeOf(error);
  if (error.name === "HTTPParserError") return "bad_response"; // its code is often missing
  if (/^UND_ERR_(HEADERS_OVERFLOW|RES_CONTENT_LENGTH)/.test(code)) return "bad_response";
  if (isSent) return "connection_lost";
  return isTlsCode(code) ? "tls" : "connect";
}

/** The error in words for people: its message, or its code where several addresses failed at once. */
export function wordsOf(error: Error): string {
  return error.message === "" ? codeOf(error) : error.message;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Certificates fail with the names that OpenSSL gives them (`CERT_HAS_EXPIRED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, …). */
function isTlsCode(code: string): boolean {
  return /^ERR_(TLS|SSL)_|CERT|^UNABLE_TO_|SIGNATURE|^EPROTO$|^HOSTNAME_MISMATCH$/.test(code);
}
