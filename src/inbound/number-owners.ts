import { digitsOf, type OwnedNumber } from "../domain/owned-number.ts";
import type { NumberStore } from "../store/numbering.ts";

/** How long an answer is believed; a change that is told is seen before (`forget`). */
const BELIEVED_MS = 4_000;
/** So much longer it is answered while it is asked for anew, so that no message waits for that. */
const RENEWED_MS = 1_000;
/** So many numbers are remembered; the one asked for longest ago goes first. */
const REMEMBERED = 10_000;

/** Says who owns a number, without asking the store for every message. */
export interface NumberOwners {
  /** At once what is remembered. Throws StoreUnavailable. */
  find(number: string): OwnedNumber | null | Promise<OwnedNumber | null>;
  /** The directory changed. */
  forget(): void;
}

interface Answer {
  readonly askedAt: number;
  /** A promise until the store has answered. */
  owner: OwnedNumber | null | Promise<OwnedNumber | null>;
  isRenewing: boolean;
}

/** @param nowMs a monotonic time in milliseconds. */
export function createNumberOwners(
  store: Pick<NumberStore, "findNumber">,
  nowMs: () => number,
): NumberOwners {
  let remembered = new Map<string, Answer>();

  function ask(digits: string): Promise<OwnedNumber | null> {
    const owner = store.findNumber(digits);
    const answer: Answer = { askedAt: nowMs(), owner, isRenewing: false };
    remember(digits, answer);
    const asked = remembered;
    owner.then(
      (found) => (answer.owner = found),
      () => asked.get(digits) === answer && asked.delete(digits),
    );
    return owner;
  }

  /** The old answer stays until there is a new one. What came of it while the directory changed is not remembered. */
  function renew(digits: string, old: Answer): void {
    if (old.isRenewing) return;
    old.isRenewing = true;
    const asked = remembered;
    const askedAt = nowMs();
    store.findNumber(digits).then(
      (owner) => asked === remembered && remember(digits, { askedAt, owner, isRenewing: false }),
      () => (old.isRenewing = false),
    );
  }

  function remember(digits: string, answer: Answer): void {
    remembered.delete(digits);
    remembered.set(digits, answer);
    const oldest = remembered.size > REMEMBERED ? remembered.keys().next() : null;
    if (oldest?.value !== undefined) remembered.delete(oldest.value);
  }

  return {
    find(number) {
      const digits = digitsOf(number);
      const known = remembered.get(digits);
      const age = known === undefined ? Infinity : nowMs() - known.askedAt;
      if (known === undefined || age >= BELIEVED_MS + RENEWED_MS) return ask(digits);
      if (age >= BELIEVED_MS) renew(digits, known);
      return known.owner;
    },
    forget() {
      remembered = new Map();
    },
  };
}
