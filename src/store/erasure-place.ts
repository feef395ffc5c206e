/** How far an erasure has come, beside the table that it looks through. */
export interface ErasurePlace<Key> {
  /** The key in that table after which it goes on; empty at the table's beginning. */
  readonly after: readonly Key[];
  /** When the last call ended, in microseconds. */
  readonly leftAt: number;
  /** Whether it was taken up again after it had been broken off: then it goes through everything once more. */
  readonly isResumed: boolean;
}

/** Where an erasure that nobody has begun stands at a time. */
export function beginningAt(now: number): ErasurePlace<never> {
  return { after: [], leftAt: now, isResumed: false };
}

/** Whoever calls later than this after the last call means what has come since, too: it may be where the erasure has been. */
const BROKEN_OFF_AFTER = 60_000_000;

/** Whether an erasure that is gone on with at a time has been broken off since it began its way. */
export function isResumedAt({ isResumed, leftAt }: ErasurePlace<unknown>, now: number): boolean {
  return isResumed || now - leftAt > BROKEN_OFF_AFTER;
}

/** Reads what a row holds: of an erasure that another version began, a key alone or nothing. */
export function readPlace<Key>(json: string, readKey: (key: unknown) => Key): ErasurePlace<Key> {
  const content = JSON.parse(json === "" ? "[]" : json) as unknown[] | ErasurePlace<unknown>; // an engine wrote it
  const place = "leftAt" in content ? content : { after: content, leftAt: 0, isResumed: false };
  return { ...place, after: place.after.map((key) => readKey(key)) };
}
