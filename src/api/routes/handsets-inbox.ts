import { Type } from "typebox";
import { formatMicros, micros, MICROS_PER_MS } from "../../domain/micros.ts";
import type { Guard } from "../auth/guard.ts";
import type { Door } from "../door.ts";
import type { HandsetDesk, HandsetText } from "../handset-desk.ts";
import { readHandset, requireHandsets } from "../handset-records.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface HandsetsInboxDeps {
  readonly guard: Guard;
  readonly handsets: HandsetDesk | null;
}

const schema = {
  tags: ["Administration"],
  summary: "Read a simulated handset",
  description: "What the handset with this number got since the start, the oldest first.",
  response: answers(
    "Its messages.",
    Type.Object({ result: Type.Array(reference("HandsetMessage")), next_page_token: Type.String() }),
  ),
};

/** `GET /v1.0/simulator/handsets/{number}/messages` (admin): a handset keeps a thousand, so there are no pages. */
export function handsetsInbox(door: Door, { guard, handsets }: HandsetsInboxDeps): void {
  const options = { schema, onRequest: guard.admin };
  door.get("/v1.0/simulator/handsets/:number/messages", options, async (request) => {
    const inbox = requireHandsets(handsets).inbox(readHandset(request.params));
    return { result: inbox.map(viewHandsetText), next_page_token: "" };
  });
}

function viewHandsetText({ from, text, data, encoding, isFlash, parts, atMs }: HandsetText) {
  const tm_create = formatMicros(micros(Math.floor(atMs * MICROS_PER_MS)));
  return { from, text, data, encoding, flash: isFlash, parts, tm_create };
}
