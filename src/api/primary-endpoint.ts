import type { CustomerId, EndpointId } from "../domain/ids.ts";
import type { WebhookMethod } from "../domain/customer.ts";
import type { WebhookEndpoint } from "../domain/endpoint.ts";
import { addMs, type Micros } from "../domain/micros.ts";
import type { FillRandom } from "../domain/ids.ts";

/** During a rotation both secrets sign for this long, so that receivers can change over at their own pace. */
export const SECRET_OVERLAP_MS = 24 * 3_600_000;

const SECRET_BYTES = 32;
const NO_ADDRESS = "no webhook address is set";

/** The two webhook settings of a customer, kept in its primary endpoint. */
export interface WebhookSettings {
  readonly method: WebhookMethod;
  readonly uri: string;
}

/** Makes a secret in the form of Standard Webhooks: `whsec_` and 32 random bytes in base64. */
export function makeWebhookSecret(fillRandom: FillRandom): string {
  const bytes = new Uint8Array(SECRET_BYTES);
  fillRandom(bytes);
  return `whsec_${Buffer.from(bytes).toString("base64")}`;
}

interface NewEndpoint extends WebhookSettings {
  readonly isPrimary: boolean;
  readonly id: EndpointId;
  readonly customerId: CustomerId;
  readonly sealedSecret: string;
  readonly now: Micros;
}

/** The endpoint that comes with every customer. */
export function newPrimaryEndpoint(settings: Omit<NewEndpoint, "isPrimary">): WebhookEndpoint {
  return newEndpoint({ ...settings, isPrimary: true });
}

/** An endpoint that wants every event; switched off as long as it has no address or no method. */
export function newEndpoint({
  id,
  customerId,
  isPrimary,
  method,
  uri,
  sealedSecret,
  now,
}: NewEndpoint): WebhookEndpoint {
  return {
    id,
    customerId,
    isPrimary,
    uri,
    method,
    events: [],
    statuses: [],
    sealedSecrets: [sealedSecret],
    tmSecretRetire: null,
    disabledReason: reasonOff({ method, uri }),
    tmFailingSince: null,
    tmCreate: now,
    tmUpdate: null,
  };
}

/** Settings that stay or change; setting either, even to what it was, switches a failing endpoint on again. */
export function changeSettings(
  endpoint: WebhookEndpoint,
  settings: WebhookSettings,
  now: Micros,
): WebhookEndpoint {
  return {
    ...endpoint,
    ...settings,
    disabledReason: reasonOff(settings),
    tmFailingSince: null,
    tmUpdate: now,
  };
}

/** Puts a new secret first; the one before it signs until the overlap ends, and any older one no more. */
export function rotateSecret(endpoint: WebhookEndpoint, sealedSecret: string, now: Micros): WebhookEndpoint {
  return {
    ...endpoint,
    sealedSecrets: [sealedSecret, ...endpoint.sealedSecrets.slice(0, 1)],
    tmSecretRetire: endpoint.sealedSecrets.length === 0 ? null : addMs(now, SECRET_OVERLAP_MS),
    tmUpdate: now,
  };
}

/** What the settings become: an address without a method is called by POST, unless the empty method was asked for. */
export function mergeSettings(
  current: WebhookSettings,
  asked: { readonly method?: WebhookMethod | undefined; readonly uri?: string | undefined },
): WebhookSettings {
  const uri = asked.uri ?? current.uri;
  if (asked.method !== undefined) return { method: asked.method, uri };
  return {
    method: current.method === "" && uri !== "" && asked.uri !== undefined ? "POST" : current.method,
    uri,
  };
}

function reasonOff({ method, uri }: WebhookSettings): string | null {
  return method === "" || uri === "" ? NO_ADDRESS : null;
}
