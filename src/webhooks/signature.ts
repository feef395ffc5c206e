import { HmacSha256 } from "./hmac-sha256.ts";

/** The keys that one secret stands for. */
export interface SigningKeys {
  /** Standard Webhooks: the bytes behind `whsec_`, base64. */
  readonly standard: HmacSha256;
  /** VoIPBIN: the text of the secret as the customer was shown it, prefix and all. */
  readonly voipbin: HmacSha256;
}

const PREFIX = "whsec_";

/** Makes the keys of a secret once, for all that it signs. A secret without the prefix signs with its text in both forms. */
export function signingKeys(secret: string): SigningKeys {
  const text = Buffer.from(secret, "utf8");
  const bytes = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), "base64") : text;
  return { standard: new HmacSha256(bytes), voipbin: new HmacSha256(text) };
}

/**
 * The headers that prove where a webhook comes from, names and values in turn. Standard Webhooks carries a signature by each
 * key; `X-VoIPBIN-Signature` has room for one, which is the first key's: the newest secret.
 */
export function signatureHeaders(
  keys: readonly SigningKeys[],
  id: string,
  timestampSeconds: number,
  body: Buffer,
): string[] {
  const timestamp = String(timestampSeconds);
  const headers = ["webhook-id", id, "webhook-timestamp", timestamp];
  const [newest] = keys;
  if (newest === undefined) return headers;
  const head = `${id}.${timestamp}.`;
  const signatures = keys.map((key) => `v1,${key.standard.sign(head, body, "base64")}`);
  const voipbin = newest.voipbin.sign("", body, "hex");
  headers.push("webhook-signature", signatures.join(" "), "X-VoIPBIN-Signature", `sha256=${voipbin}`);
  return headers;
}
