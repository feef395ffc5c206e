import type { CustomerId } from "../domain/ids.ts";
import type { OptOutStore } from "../store/opting-out.ts";
import type { CheckedRequest } from "./accept-request.ts";

/** Handsets that the store is asked about at once; each is asked about in two spellings. */
const HANDSETS_AT_ONCE = 500;

const PHONE_NUMBER = /^\+?\d+$/;

/**
 * The destinations whose handsets have opted out of the sender. A plus before a number makes no other number of it: carriers
 * leave it out or put it in as they like, so a STOP may have come under either spelling.
 */
export async function findOptedOut(
  store: Partial<Pick<OptOutStore, "optedOut">>,
  customerId: CustomerId,
  { source, destinations }: Pick<CheckedRequest, "source" | "destinations">,
): Promise<ReadonlySet<string>> {
  const targets = destinations.map(({ target }) => target);
  const found = new Set<string>();
  for (let start = 0; start < targets.length; start += HANDSETS_AT_ONCE) {
    const asked = targets.slice(start, start + HANDSETS_AT_ONCE);
    const handsets = [...new Set(asked.flatMap(spellings))];
    const answers = spellings(source.target).map((sender) => store.optedOut?.(customerId, sender, handsets));
    for (const answer of await Promise.all(answers)) for (const handset of answer ?? []) found.add(handset);
  }
  if (found.size === 0) return found;
  return new Set(targets.filter((target) => spellings(target).some((spelling) => found.has(spelling))));
}

function spellings(target: string): readonly string[] {
  if (!PHONE_NUMBER.test(target)) return [target];
  return [target, target.startsWith("+") ? target.slice(1) : `+${target}`];
}
