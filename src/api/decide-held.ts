import type { Clock } from "../domain/clock.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { HeldDecision, HoldStore } from "../store/holding.ts";
import type { Audit } from "./audit.ts";
import type { Principal } from "./auth/principals.ts";
import type { CarrierDesk } from "./carrier-desk.ts";
import { Refusal } from "./errors.ts";
import { heldPage, heldToken, readCarrier, readHeldPlace } from "./held-query.ts";
import { HELD_PER_REQUEST } from "./limits.ts";
import { readWhose } from "./whose.ts";

export interface DecideHeldDeps {
  readonly audit: Audit;
  readonly store: HoldStore;
  readonly carriers: Pick<CarrierDesk, "list">;
  readonly clock: Clock;
  readonly secretBox: SecretBox;
}

const DONE = { resend: "held.resent", cancel: "held.canceled" } as const;

/**
 * Decides about the next of what a carrier holds. It goes on after the target that its token names, so that what is sent once
 * more and held again is not decided about twice.
 */
export async function decideHeld(
  { audit, store, carriers, clock, secretBox }: DecideHeldDeps,
  decision: HeldDecision,
  by: Principal,
  query: unknown,
): Promise<{ readonly targets: number; readonly next_page_token: string }> {
  const customerId = readWhose(by, query);
  const carrier = await readCarrier(carriers, query);
  if (carrier === null)
    throw new Refusal("INVALID_REQUEST_PARAMETER", "carrier must be given", { field: "carrier" });
  const { id: carrierId, name } = carrier;
  const after = readHeldPlace(query, carrierId, secretBox);
  const page = await heldPage(store, { carrierId, customerId, after, limit: HELD_PER_REQUEST });
  const decided =
    page.targets.length === 0 ? [] : await store.decideHeld(decision, page.targets, clock.now());
  // It is decided: from here on nothing is asked whose failure would make a lie of the answer.
  const targets = decided.filter(Boolean).length;
  if (by.isAdmin && targets > 0)
    await audit(by, DONE[decision], name, { id: carrierId, targets, customer_id: customerId });
  return { targets, next_page_token: heldToken(page.next, secretBox) };
}
