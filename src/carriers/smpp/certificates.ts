import { X509Certificate } from "node:crypto";
import type { UrlKey } from "../url-value.ts";

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const BEGINNING = /-----BEGIN /g;

/** A key that takes one or more certificates in PEM, percent-encoded; empty for none. */
export function certificates(meaning: string): UrlKey<string> {
  return {
    allowed: "certificates in PEM",
    default: "",
    meaning,
    read(text) {
      const must = text === "" ? null : requirementOn(text);
      return must === null ? { ok: true, value: text } : { ok: false, must };
    },
  };
}

/** What the text would have to be; null when it is that. A private key beside its certificate is refused: a `ca` is shown. */
function requirementOn(text: string): string | null {
  const blocks = text.match(PEM) ?? [];
  const begun = text.match(BEGINNING)?.length ?? 0;
  if (begun === 0) return "be certificates in PEM";
  if (blocks.length < begun)
    return `hold whole certificates alone, which ${blocks.length} of its ${begun} blocks are`;
  const bad = blocks.findIndex((block) => !isCertificate(block));
  if (bad < 0) return null;
  return `be certificates in PEM, percent-encoded (line breaks as %0A, + as %2B); number ${bad + 1} of ${begun} cannot be read`;
}

/** Looked into now, because a connection that is made with a broken one throws, each time anew. */
function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
