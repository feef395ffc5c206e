import type { WebhookEndpoint } from "../domain/endpoint.ts";
import type { Micros } from "../domain/micros.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import { type CheckedUrl, checkUrl } from "../outbound-http/checked-url.ts";
import type { GuardedRequest } from "../outbound-http/guarded-client.ts";
import { type SigningKeys, signingKeys } from "./signature.ts";

/** An endpoint made ready for calling, or why it is not to be called. */
export type Receiver =
  | {
      readonly kind: "callable";
      readonly endpoint: WebhookEndpoint;
      readonly method: GuardedRequest["method"];
      readonly url: CheckedUrl;
      readonly keys: readonly SigningKeys[];
    }
  /** Switched off: what waits for it is given up. */
  | { readonly kind: "off"; readonly endpoint: WebhookEndpoint; readonly reason: string }
  /** It wants to be called and cannot be: a failed attempt without a request. */
  | { readonly kind: "faulty"; readonly endpoint: WebhookEndpoint; readonly reason: string };

/** Makes an endpoint ready: what is the same for each of its attempts is worked out once. */
export function toReceiver(
  endpoint: WebhookEndpoint,
  now: Micros,
  secrets: SecretBox,
  allowPrivate: boolean,
): Receiver {
  const { method } = endpoint;
  if (endpoint.disabledReason !== null) return { kind: "off", endpoint, reason: endpoint.disabledReason };
  if (method === "" || endpoint.uri === "")
    return { kind: "off", endpoint, reason: "it has no address or method" };
  const check = checkUrl(endpoint.uri, { allowPrivate });
  if (!check.ok) return { kind: "faulty", endpoint, reason: `the URL ${check.reason}` };
  const isRetired = endpoint.tmSecretRetire !== null && endpoint.tmSecretRetire <= now;
  const signing = isRetired ? endpoint.sealedSecrets.slice(0, 1) : endpoint.sealedSecrets;
  try {
    const keys = signing.map((sealed) => signingKeys(secrets.open(sealed)));
    return { kind: "callable", endpoint, method, url: check.url, keys };
  } catch {
    return { kind: "faulty", endpoint, reason: "its secret cannot be opened with this server's key" };
  }
}
