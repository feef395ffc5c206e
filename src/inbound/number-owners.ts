import { digitsOf, type OwnedNumber } from "../domain/owned-number.ts";
import type { NumberStore } from "../store/numbering.ts";

/** How long an answer is believed; a change through the same process is seen at once (`forget`). */
const BELIEVED_MS = 5_000;
/** So many numbers are remembered; the one asked for longest ago goes first. */
const REMEMBERED = 10_000;

/** Says who owns a number, without asking the store for every part. */
export interface NumberOwners {
  find(number: string): Promise<OwnedNumber | null>;
  /** The directory changed. */
  forget(): void;
}

/** @param nowMs a monotonic time in milliseconds. */
export function createNumberOwners(store: NumberStore, nowMs: () => number): NumberOwners {
  const remembered = new Map<
    string,
    { readonly until: number; readonly owner: Promise<OwnedNumber | null> }
  >();

  function ask(digits: string): Promise<OwnedNumber | null> {
    const owner = store.findNumber(digits);
    remembered.delete(digits);
    remembered.set(digits, { until: nowMs() + BELIEVED_MS, owner });
    owner.catch(() => remembered.delete(digits));
    const oldest = remembered.size > REMEMBERED ? remembered.keys().next() : null;
    if (oldest?.value !== undefined) remembered.delete(oldest.value);
    return owner;
  }

  return {
    find(number) {
      const digits = digitsOf(number);
      const known = remembered.get(digits);
      return known !== undefined && known.until > nowMs() ? known.owner : ask(digits);
    },
    forget: () => remembered.clear(),
  };
}
