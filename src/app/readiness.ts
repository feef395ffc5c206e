import type { Readiness } from "../api/routes/readyz.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { Store } from "../store/store.ts";

/** Whoever asks gives up at some time too: Kubernetes after a second unless told otherwise, most proxies after a few. */
const ANSWER_WITHIN_MS = 3_000;

/**
 * Makes the check whether this process can take requests now: it can when the store can write. Those who ask while a check is
 * under way share it, so that a store which does not answer is asked once.
 */
export function createReadiness(store: Pick<Store, "probe">): () => Promise<Readiness> {
  let underWay: Promise<Readiness> | null = null;
  return async () => {
    underWay ??= check(store).finally(() => {
      underWay = null;
    });
    const { promise: late, resolve } = Promise.withResolvers<Readiness>();
    const timer = setTimeout(() => resolve(notReady("busy: the store does not answer")), ANSWER_WITHIN_MS);
    try {
      return await Promise.race([underWay, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function check(store: Pick<Store, "probe">): Promise<Readiness> {
  try {
    await store.probe();
    return { isReady: true, checks: { store: "ok" } };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return notReady(`${error.reason}: ${error.message}`);
  }
}

function notReady(store: string): Readiness {
  return { isReady: false, checks: { store } };
}
