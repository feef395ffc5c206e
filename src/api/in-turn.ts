import { StoreUnavailable } from "../domain/store-unavailable.ts";

/** Runs works of one key one after the other, and of different keys side by side. */
export type InTurn = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

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
export function requireUnchanged(isWritten: boolean): void {
  if (!isWritten) throw new ChangedMeanwhile();
}

class ChangedMeanwhile extends StoreUnavailable {
  constructor() {
    super("busy", "other processes change the same record all the time");
  }
}

async function tried<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile) || tries === TRIES) throw error;
    }
  }
}
