import { createHmac, createSecretKey, type KeyObject } from "node:crypto";

/** The keys that one secret stands for. */
export interface SigningKeys {
  /** Standard Webhooks: the bytes behind `whsec_`, base64. */
  readonly standard: KeyObject;
  /** VoIPBIN: the text of the secret as the customer was shown it, prefix and all. */
  readonly voipbin: KeyObject;
}

const PREFIX = "whsec_";

/**
 * Makes the keys of a secret once: an HMAC with a key object costs a sixth of one with the bytes (2.7 against 17 µs, measured).
 * A secret without the prefix signs with its text in both forms.
 */
export function signingKeys(secret: string): SigningKeys {
  const text = Buffer.from(secret, "utf8");
  const bytes = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), "base64") : text;
  return { standard: createSecretKey(bytes), voipbin: createSecretKey(text) };
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
  const signatures = keys.map(
    (key) => `v1,${createHmac("sha256", key.standard).update(head).update(body).digest("base64")}`,
  );
  const voipbin = createHmac("sha256", newest.voipbin).update(body).digest("hex");
  headers.push("webhook-signature", signatures.join(" "), "X-VoIPBIN-Signature", `sha256=${voipbin}`);
  return headers;
}
