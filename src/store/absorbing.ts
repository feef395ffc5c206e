import { timeOfId } from "../domain/ids.ts";
import { MICROS_PER_MS } from "../domain/micros.ts";

/**
 * So long after its beginning an event takes in later changes: most receipts come by then. Whoever reads events has to look
 * as far back for changes, and as far again for a commit that was slow.
 */
export const ABSORBING_MAX_MS = 30_000;

/** Whether an open event is young enough to take in a change. */
export function absorbs(eventId: string, changedAt: number): boolean {
  return changedAt - timeOfId(eventId) < ABSORBING_MAX_MS * MICROS_PER_MS;
}
