/**
 * Ends works of one key one after the other, in the order in which they were handed in, whichever is prepared first; works of
 * different keys go on side by side. A work that fails does so in its turn, and those behind it go on.
 */
export type InOrder = <Prepared, Result>(
  key: string,
  prepared: Promise<Prepared>,
  end: (prepared: Prepared) => Promise<Result>,
) => Promise<Result>;

/** Keys without work are forgotten, so that it holds no more than its callers have under way. */
export function createInOrder(): InOrder {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, prepared, end) => {
    const mine = endAfter(tails.get(key), prepared, end);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
}

async function endAfter<Prepared, Result>(
  before: Promise<unknown> | undefined,
  prepared: Promise<Prepared>,
  end: (prepared: Prepared) => Promise<Result>,
): Promise<Result> {
  await Promise.allSettled([before, prepared]);
  return end(await prepared);
}
