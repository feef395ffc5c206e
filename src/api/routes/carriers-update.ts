import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import type { CarrierChanged, CarrierDesk, CarrierReport } from "../carrier-desk.ts";
import { badCarrierUrl, carrierNameTaken, noSuchCarrier } from "../carrier-refusals.ts";
import { viewCarrier } from "../carrier-view.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { type InTurn, requireUnchanged } from "../in-turn.ts";
import { answers } from "../schemas/answers.ts";
import { CarrierUpdateBody } from "../schemas/carrier.ts";
import { reference } from "../schemas/reference.ts";

interface CarriersUpdateDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly inTurn: InTurn;
  readonly carriers: Pick<CarrierDesk, "change">;
}

const schema = {
  tags: ["Administration"],
  summary: "Change a carrier",
  description:
    "`id` is its name or its id. One of name and URL, or both, must be given; what is left out stays. What waits for it and the receipts of what it sent stay, too; what is in flight is waited for, 5 s at most, and then it is bound anew.",
  body: CarrierUpdateBody,
  response: answers("The carrier as it is now.", reference("Carrier")),
};

/** `PUT /v1.0/carriers/{id}` (admin): its name and URL. */
export function carriersUpdate(door: Door, { guard, audit, inTurn, carriers }: CarriersUpdateDeps): void {
  door.put("/v1.0/carriers/:id", { schema, onRequest: guard.admin }, async (request) => {
    const { id: nameOrId } = request.params as { readonly id: string }; // the path has it
    const fields = Object.keys(CarrierUpdateBody.properties).filter((field) => field in request.body);
    if (fields.length === 0)
      throw new Refusal("INVALID_ARGUMENT", "name or url must say what is to change", { field: "url" });
    const report = await inTurn(`carrier ${nameOrId}`, async () =>
      reportOf(await carriers.change(nameOrId, request.body)),
    );
    const { id, name, kind } = report.account;
    await audit(principalOf(request), "carrier.changed", name, { id, kind, fields: fields.join(" ") });
    return viewCarrier(report);
  });
}

/** The carrier as it was changed to, else the request ends. */
function reportOf(changed: CarrierChanged): CarrierReport {
  requireUnchanged(changed.kind !== "changed_meanwhile");
  switch (changed.kind) {
    case "changed":
      return changed.report;
    case "unknown":
      throw noSuchCarrier();
    case "built_in":
      throw new Refusal("RESOURCE_IN_USE", "the simulator's account is msgbin's own and stays as it is");
    case "bad_url":
      throw badCarrierUrl(changed.message);
    case "name_taken":
      throw carrierNameTaken();
  }
}
