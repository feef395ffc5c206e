import { X509Certificate } from "node:crypto";
import type { UrlKey } from "../url-value.ts";

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** A key that takes one or more certificates in PEM, percent-encoded; empty for none. */
export function certificates(meaning: string): UrlKey<string> {
  return {
    allowed: "certificates in PEM",
    default: "",
    meaning,
    read(text) {
      const blocks = text.match(PEM) ?? [];
      const areReadable = blocks.length > 0 && blocks.every(isCertificate);
      return text === "" || areReadable
        ? { ok: true, value: text }
        : { ok: false, must: "be certificates in PEM" };
    },
  };
}

/** Looked into now, because a connection that is made with a broken one throws, each time anew. */
function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
