import type { WebhookEndpoint } from "../domain/endpoint.ts";
import type { CustomerId, EndpointId } from "../domain/ids.ts";
import type { DirectoryStore } from "../store/directory.ts";
import { Refusal } from "./errors.ts";
import { readPathId } from "./path-id.ts";

/** The customer's endpoint that a path names; one that is unknown or foreign ends the request, both alike (promise P7). */
export async function requireWebhook(
  store: Pick<DirectoryStore, "getEndpoint">,
  customerId: CustomerId,
  params: unknown,
): Promise<WebhookEndpoint> {
  const id = readPathId(params) as EndpointId; // branded: the form was just checked
  const endpoint = await store.getEndpoint(id);
  if (endpoint?.customerId !== customerId)
    throw new Refusal("RESOURCE_NOT_FOUND", "there is no such webhook");
  return endpoint;
}
