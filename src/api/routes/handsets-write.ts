import { Type } from "typebox";
import { isPhoneNumber, normaliseTel } from "../../domain/address.ts";
import type { Guard } from "../auth/guard.ts";
import type { Door } from "../door.ts";
import { Refusal } from "../errors.ts";
import type { HandsetDesk } from "../handset-desk.ts";
import { readHandset, requireHandsets } from "../handset-records.ts";
import { answers } from "../schemas/answers.ts";
import { HandsetWriteBody } from "../schemas/handset.ts";

interface HandsetsWriteDeps {
  readonly guard: Guard;
  readonly handsets: HandsetDesk | null;
}

const schema = {
  tags: ["Administration"],
  summary: "Write from a simulated handset",
  description: "Plays the handset with this number: what it writes comes in as over any carrier.",
  body: HandsetWriteBody,
  response: answers(
    "It was sent.",
    Type.Object({ from: Type.String(), to: Type.String(), text: Type.String() }),
  ),
};

/** `POST /v1.0/simulator/handsets/{number}/messages` (admin). */
export function handsetsWrite(door: Door, { guard, handsets }: HandsetsWriteDeps): void {
  const options = { schema, onRequest: guard.admin };
  door.post("/v1.0/simulator/handsets/:number/messages", options, async (request) => {
    const desk = requireHandsets(handsets);
    const handset = readHandset(request.params);
    const { text } = request.body;
    const to = normaliseTel(request.body.to);
    if (!isPhoneNumber(to)) throw new Refusal("INVALID_ARGUMENT", "to is no phone number", { field: "to" });
    const wrote = desk.write(handset, to, text);
    if (wrote.kind === "refused") throw new Refusal("HANDSET_REFUSED", wrote.message);
    return { from: handset, to, text };
  });
}
