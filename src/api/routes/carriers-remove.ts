import type { Audit } from "../audit.ts";
import type { QueueDepth } from "../../store/queueing.ts";
import type { Guard } from "../auth/guard.ts";
import type { CarrierDesk } from "../carrier-desk.ts";
import { noSuchCarrier } from "../carrier-refusals.ts";
import { viewCarrier } from "../carrier-view.ts";
import { type Door, type Parameter, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { readFlag } from "../query.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface CarriersRemoveDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly carriers: Pick<CarrierDesk, "remove">;
}

const schema = {
  tags: ["Administration"],
  summary: "Remove a carrier",
  description:
    "`id` is its name or its id. Refused while targets are queued at it or wait for its receipts, unless `force` says otherwise.",
  response: answers("The removed carrier.", reference("Carrier")),
};

const parameters: readonly Parameter[] = [
  {
    in: "query",
    name: "force",
    description:
      "`true` removes it all the same. What is queued goes to the next carrier of its route, else it fails with `no_route`; what is scheduled does when it is due. What was sent gets no receipt any more and ends as `dlr_timeout`.",
    schema: { type: "boolean", default: false },
  },
];

/** `DELETE /v1.0/carriers/{id}` (admin). */
export function carriersRemove(door: Door, { guard, audit, carriers }: CarriersRemoveDeps): void {
  const options = { schema, onRequest: guard.admin, config: { parameters } };
  door.delete("/v1.0/carriers/:id", options, async (request) => {
    const { id } = request.params as { readonly id: string }; // the path has it
    const force = readFlag(request.query, "force");
    const removed = await carriers.remove(id, force);
    if (removed.kind === "unknown") throw noSuchCarrier();
    if (removed.kind === "in_use") {
      throw new Refusal(
        "RESOURCE_IN_USE",
        `${leftWords(removed.queue)}; ?force=true (--force on the command line) removes it all the same`,
      );
    }
    const { account } = removed.report;
    await audit(principalOf(request), "carrier.removed", account.name, { id: account.id, force });
    return viewCarrier(removed.report);
  });
}

function leftWords(queue: QueueDepth | null): string {
  const { waiting = 0, inFlight = 0, held = 0 } = queue ?? {};
  if (waiting + inFlight + held === 0) return "receipts of what this carrier sent are still awaited";
  return `this carrier still has targets: ${waiting} waiting, ${inFlight} in flight, ${held} held`;
}
