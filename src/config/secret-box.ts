import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { SecretBox } from "../domain/secret-box.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
/** 96 bits, as NIST SP 800-38D §5.2.1.1 recommends; at random they may serve 2^32 secrets. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Tells later forms of sealing from this one. */
const VERSION = "v1.";

/** Seals with AES-256-GCM: `v1.` and base64url of nonce, tag and ciphertext. Any text serves as key; it is stretched to size by HKDF. */
export function createSecretBox(keyText: string): SecretBox {
  const key = new Uint8Array(hkdfSync("sha256", keyText, "", "msgbin secret box", KEY_BYTES));
  return {
    seal(text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce);
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open(sealed) {
      if (!sealed.startsWith(VERSION)) throw new Error("not a sealed secret of a version known here");
      const bytes = Buffer.from(sealed.slice(VERSION.length), "base64url");
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        return (
          decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8")
        );
      } catch (cause) {
        throw new Error("a secret was sealed with another key", { cause });
      }
    },
  };
}
