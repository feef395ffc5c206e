import type { AccessKey } from "../domain/customer.ts";
import type { AccessKeyId, CustomerId } from "../domain/ids.ts";
import type { DirectoryStore } from "../store/directory.ts";
import { Refusal } from "./errors.ts";

/** The customer's access key, deleted or not; one that is unknown or foreign ends the request, both alike (promise P7). */
export async function requireAccessKey(
  store: Pick<DirectoryStore, "getAccessKey">,
  customerId: CustomerId,
  id: AccessKeyId,
): Promise<AccessKey> {
  const key = await store.getAccessKey(customerId, id);
  if (key === null) throw noSuchAccessKey();
  return key;
}

/** The refusal for a key that is not there. */
export function noSuchAccessKey(): Refusal {
  return new Refusal("RESOURCE_NOT_FOUND", "there is no such access key");
}
