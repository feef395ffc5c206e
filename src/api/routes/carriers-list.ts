import { Type } from "typebox";
import type { Guard } from "../auth/guard.ts";
import type { CarrierDesk } from "../carrier-desk.ts";
import { viewCarrier } from "../carrier-view.ts";
import type { Door } from "../door.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface CarriersListDeps {
  readonly guard: Guard;
  readonly carriers: Pick<CarrierDesk, "list">;
}

const schema = {
  tags: ["Administration"],
  summary: "List carriers",
  description: "All of them, with their health and what waits for them; secrets are struck out.",
  response: answers(
    "The carriers.",
    Type.Object({
      result: Type.Array(reference("Carrier")),
      next_page_token: Type.String({ description: "Always empty: there is one page." }),
    }),
  ),
};

/** `GET /v1.0/carriers` (admin): an operator has a handful, so there are no pages. */
export function carriersList(door: Door, { guard, carriers }: CarriersListDeps): void {
  door.get("/v1.0/carriers", { schema, onRequest: guard.admin }, async () => {
    const reports = await carriers.list();
    return { result: reports.map(viewCarrier), next_page_token: "" };
  });
}
