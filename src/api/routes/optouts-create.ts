import { isPhoneNumber, normaliseTel } from "../../domain/address.ts";
import type { Clock } from "../../domain/clock.ts";
import type { Ids } from "../../domain/ids.ts";
import type { OptOutStore } from "../../store/opting-out.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { viewOptOut } from "../opt-out-view.ts";
import { answers } from "../schemas/answers.ts";
import { OptOutBody } from "../schemas/opt-out.ts";
import { reference } from "../schemas/reference.ts";

interface OptOutsCreateDeps {
  readonly guard: Guard;
  readonly store: Pick<OptOutStore, "beginOptOut">;
  readonly clock: Clock;
  readonly ids: Ids;
}

const schema = {
  tags: ["Numbers"],
  summary: "Add an opt-out",
  description:
    "As if the handset had written STOP, without an answer to it. One that lasts already is answered as it is.",
  body: OptOutBody,
  response: answers("The opt-out that lasts now.", reference("OptOut")),
};

/** `POST /v1.0/optouts`: for who said so by telephone or letter. */
export function optOutsCreate(door: Door, { guard, store, clock, ids }: OptOutsCreateDeps): void {
  door.post("/v1.0/optouts", { schema, onRequest: guard.customer }, async (request) => {
    const handset = normaliseTel(request.body.handset);
    const sender = normaliseTel(request.body.sender);
    if (!isPhoneNumber(handset))
      throw new Refusal("INVALID_ARGUMENT", "handset is no phone number", { field: "handset" });
    if (sender === "") throw new Refusal("INVALID_ARGUMENT", "sender is empty", { field: "sender" });
    const now = clock.now();
    const period = await store.beginOptOut({
      id: ids.at(now),
      customerId: principalOf(request).customerId,
      sender,
      handset,
      since: now,
      until: null,
      beganBy: "api",
      endedBy: "",
    });
    return viewOptOut(period);
  });
}
