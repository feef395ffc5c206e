import type { CustomerId } from "../domain/ids.ts";
import type { OptOutStore } from "../store/opting-out.ts";
import type { CheckedRequest } from "./accept-request.ts";

/** Handsets that the store may be asked about at once. */
const HANDSETS_AT_ONCE = 1_000;

/** The destinations whose handsets have opted out of the sender. */
export async function findOptedOut(
  store: Pick<OptOutStore, "optedOut">,
  customerId: CustomerId,
  { source, destinations }: Pick<CheckedRequest, "source" | "destinations">,
): Promise<ReadonlySet<string>> {
  const handsets = destinations.map(({ target }) => target);
  if (handsets.length <= HANDSETS_AT_ONCE) return store.optedOut(customerId, source.target, handsets);
  const found = new Set<string>();
  for (let start = 0; start < handsets.length; start += HANDSETS_AT_ONCE) {
    const asked = handsets.slice(start, start + HANDSETS_AT_ONCE);
    for (const handset of await store.optedOut(customerId, source.target, asked)) found.add(handset);
  }
  return found;
}
