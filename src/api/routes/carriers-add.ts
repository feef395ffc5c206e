import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import type { CarrierDesk } from "../carrier-desk.ts";
import { badCarrierUrl, carrierNameTaken } from "../carrier-refusals.ts";
import { viewCarrier } from "../carrier-view.ts";
import { type Door, principalOf } from "../door.ts";
import { answers } from "../schemas/answers.ts";
import { CarrierBody } from "../schemas/carrier.ts";
import { reference } from "../schemas/reference.ts";

interface CarriersAddDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly carriers: Pick<CarrierDesk, "add">;
}

const schema = {
  tags: ["Administration"],
  summary: "Add a carrier",
  description:
    "The URL says everything: host, account, and options as query parameters. One that cannot be right is refused with the reason.",
  body: CarrierBody,
  response: answers("The new carrier.", reference("Carrier")),
};

/** `POST /v1.0/carriers` (admin): it starts to connect at once. */
export function carriersAdd(door: Door, { guard, audit, carriers }: CarriersAddDeps): void {
  door.post("/v1.0/carriers", { schema, onRequest: guard.admin }, async (request) => {
    const added = await carriers.add(request.body.name, request.body.url);
    if (added.kind === "bad_url") throw badCarrierUrl(added.message);
    if (added.kind === "name_taken") throw carrierNameTaken();
    const { id, name, kind } = added.report.account;
    await audit(principalOf(request), "carrier.added", name, { id, kind });
    return viewCarrier(added.report);
  });
}
