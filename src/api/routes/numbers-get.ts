import type { NumberId } from "../../domain/ids.ts";
import type { NumberStore } from "../../store/numbering.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { requireNumber } from "../number-records.ts";
import { viewNumber } from "../number-view.ts";
import { readPathId } from "../path-id.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface NumbersGetDeps {
  readonly guard: Guard;
  readonly store: Pick<NumberStore, "getNumber" | "listNumbers">;
}

const schema = {
  tags: ["Numbers"],
  summary: "Read a number",
  response: answers("The number.", reference("Number")),
};

/** `GET /v1.0/numbers/{id}`. */
export function numbersGet(door: Door, { guard, store }: NumbersGetDeps): void {
  door.get("/v1.0/numbers/:id", { schema, onRequest: guard.customer }, async (request) => {
    const id = readPathId(request.params) as NumberId; // branded: the form was just checked
    return viewNumber(await requireNumber(store, principalOf(request), id));
  });
}
