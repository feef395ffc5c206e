import type { Readiness } from "../api/routes/readyz.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { Store } from "../store/store.ts";

/** Whether this process can take requests now: it can when the store can write. */
export async function checkReadiness(store: Pick<Store, "probe">): Promise<Readiness> {
  try {
    await store.probe();
    return { isReady: true, checks: { store: "ok" } };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return { isReady: false, checks: { store: `${error.reason}: ${error.message}` } };
  }
}
