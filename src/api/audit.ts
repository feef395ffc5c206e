import type { Clock } from "../domain/clock.ts";
import type { Ids } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { AuditEntry, RecountStore } from "../store/recounting.ts";
import type { Principal } from "./auth/principals.ts";

/**
 * Notes what an administrator changed. It comes after the change and never fails the request: the change is made, and an
 * answer that says otherwise would be a lie; what could not be noted is logged.
 * @param detail facts without secrets
 */
export type Audit = (by: Principal, what: string, on: string, detail?: AuditEntry["detail"]) => Promise<void>;

interface AuditDeps {
  readonly store: Pick<RecountStore, "appendAudit">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

/** Makes the note-taking for all routes. */
export function createAudit({ store, clock, ids, logger }: AuditDeps): Audit {
  return async ({ customerId }, what, on, detail = {}) => {
    const at = clock.now();
    try {
      await store.appendAudit({ id: ids.at(at), at, by: customerId, what, on, detail });
    } catch (error) {
      logger.error(
        { what, on, by: customerId, error: String(error) },
        "an administrator's change was not noted",
      );
    }
  };
}
