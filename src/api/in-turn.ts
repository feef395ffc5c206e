import { StoreUnavailable } from "../domain/store-unavailable.ts";

/** Runs works of one key one after the other, and of different keys side by side. */
export type InTurn = <Result>(key: string, work: Work<Result>) => Promise<Result>;

/** Of several commits: after each but the last it calls `noteChange`, so that a failure is not taken for nothing done. */
type Work<Result> = (noteChange: () => void) => Promise<Result>;

/** How often a work is run whose record another process changes each time: nobody does so for long. */
export const TRIES = 10;

/**
 * Makes the turn-taking that keeps read-change-write of a record whole: without it a change of name that began before a
 * change of password could write the old password back. Turns hold within a process; another one's change ends the work
 * (`requireUnchanged`), which is run again from its reading on. Keys without work are forgotten.
 */
export function createInTurn(): InTurn {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(
      () => tried(work),
      () => tried(work),
    );
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
}

/** Ends a work whose write found that the record is no longer as the work read it; in its turn it is run again. */
export function requireUnchanged(isWritten: boolean): asserts isWritten {
  if (!isWritten) throw new ChangedMeanwhile();
}

class ChangedMeanwhile extends StoreUnavailable {
  constructor() {
    super("busy", "other processes change the same record all the time");
  }
}

/** The store failed a work that had written something already; the same work again does the rest. */
export class PartDone extends StoreUnavailable {
  constructor(cause: StoreUnavailable) {
    super(cause.reason, `a part was done: ${cause.message}`, { cause });
  }
}

async function tried<Result>(work: Work<Result>): Promise<Result> {
  let isPartDone = false;
  const noteChange = () => {
    isPartDone = true;
  };
  for (let tries = 1; ; tries++) {
    try {
      return await work(noteChange);
    } catch (error) {
      if (error instanceof ChangedMeanwhile && tries < TRIES) continue;
      throw isPartDone && error instanceof StoreUnavailable ? new PartDone(error) : error;
    }
  }
}
