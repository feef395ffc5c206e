import type { SecretBox } from "../../domain/secret-box.ts";
import { UNKNOWN_ATTEMPTS_MAX } from "../../domain/unknown-outcome.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { HoldStore } from "../../store/holding.ts";
import type { Guard } from "../auth/guard.ts";
import type { CarrierDesk } from "../carrier-desk.ts";
import { carrierNames, removedNames } from "../carrier-names.ts";
import { type Door, principalOf } from "../door.ts";
import { HELD_LIST_PARAMETERS, heldPage, heldToken, readCarrier, readHeldPlace } from "../held-query.ts";
import { viewHeld } from "../held-view.ts";
import { readPageSize } from "../page-query.ts";
import { answers, pageOf } from "../schemas/answers.ts";
import { usernames } from "../usernames.ts";
import { readWhose } from "../whose.ts";

interface HeldListDeps {
  readonly guard: Guard;
  readonly store: Pick<HoldStore, "heldTargets"> & Pick<DirectoryStore, "getCustomer" | "getSetting">;
  readonly carriers: Pick<CarrierDesk, "list">;
  readonly secretBox: SecretBox;
}

const schema = {
  tags: ["Messages"],
  summary: "List what is held",
  description: `Targets of which nobody knows whether the carrier took them, where its policy is to hold or after ${UNKNOWN_ATTEMPTS_MAX} attempts: yours, an administrator sees everybody's. Carrier by carrier, the oldest messages first; a page may be empty and have a token to go on by.`,
  response: answers("One page of held targets.", pageOf("Held")),
};

/** `GET /v1.0/held`. */
export function heldList(door: Door, { guard, store, carriers, secretBox }: HeldListDeps): void {
  const options = { schema, onRequest: guard.customer, config: { parameters: HELD_LIST_PARAMETERS } };
  door.get("/v1.0/held", options, async (request) => {
    const carrierId = (await readCarrier(carriers, request.query))?.id ?? null;
    const { targets, next } = await heldPage(store, {
      customerId: readWhose(principalOf(request), request.query),
      carrierId,
      after: readHeldPlace(request.query, carrierId, secretBox),
      limit: readPageSize(request.query),
    });
    const [carrierOf, customerOf] = await Promise.all([carrierNames(carriers), usernames(store, targets)]);
    const ids = targets.map((target) => target.carrierId);
    const removed = await removedNames(store, carrierOf, ids);
    const result = targets.map((target) => {
      const { carrierId: id, customerId } = target;
      return viewHeld(target, {
        carrier: carrierOf(id),
        removedCarrier: removed.get(id),
        customer: customerOf(customerId),
      });
    });
    return { result, next_page_token: heldToken(next, secretBox) };
  });
}
