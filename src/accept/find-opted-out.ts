import type { CustomerId } from "../domain/ids.ts";
import type { OptOutStore } from "../store/opting-out.ts";
import type { CheckedRequest } from "./accept-request.ts";

/** Handsets that the store may be asked about at once. */
const HANDSETS_AT_ONCE = 1_000;

/** The destinations whose handsets have opted out of the sender. */
export function findOptedOut(
  store: Pick<OptOutStore, "optedOut">,
  customerId: CustomerId,
  { source, destinations }: Pick<CheckedRequest, "source" | "destinations">,
): Promise<ReadonlySet<string>> {
  const handsets = destinations.map(({ target }) => target);
  const ask = (some: readonly string[]): Promise<ReadonlySet<string>> =>
    store.optedOut(customerId, source.target, some);
  return handsets.length <= HANDSETS_AT_ONCE ? ask(handsets) : askInTurn(ask, handsets);
}

async function askInTurn(
  ask: (handsets: readonly string[]) => Promise<ReadonlySet<string>>,
  handsets: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let start = 0; start < handsets.length; start += HANDSETS_AT_ONCE) {
    for (const handset of await ask(handsets.slice(start, start + HANDSETS_AT_ONCE))) found.add(handset);
  }
  return found;
}
