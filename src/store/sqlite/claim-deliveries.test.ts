import { expect, it } from "vitest";
import { keysOf } from "../contract/world.ts";
import { encodeAcceptances } from "./accept-messages.ts";
import { decodeDeliveries, encodeDeliveryClaim } from "./claim-deliveries.ts";
import { openWriter } from "./fixtures/open-writer.ts";
import { createRequests } from "./fixtures/requests.ts";
import { encodeMarks } from "./mark-in-flight.ts";
import { encodeSettlements } from "./settle-targets.ts";
import { encodeBefore } from "./still-as-read.ts";

/** A writer with two messages to tell one endpoint of, the first of them twice, and a way to claim that. */
function openTold() {
  const opened = openWriter();
  const requests = createRequests();
  const endpoint = requests.newEndpoint();
  opened.run(["putEndpoint", JSON.stringify(endpoint), ...encodeBefore(undefined)]);
  const [first, second] = [requests.acceptance({ leased: true }), requests.acceptance()];
  const [key] = keysOf(first);
  opened.run(encodeAcceptances([first, second]));
  opened.run(encodeMarks([requests.mark(key)]));
  opened.run(encodeSettlements([requests.sent(key, ["k"])])); // its event waits for that of the acceptance
  const { id: endpointId } = endpoint;
  const claim = () => {
    const [now, leaseUntil] = [requests.now(), requests.in(60_000)];
    return encodeDeliveryClaim({ endpointId, node: requests.node, now, leaseUntil, limit: 9 });
  };
  const told = () =>
    decodeDeliveries(opened.run(claim()), endpointId).map(({ messageId, event }) => [messageId, event.type]);
  const idsOf = (entry: typeof first) => ({ message: entry.message.id, event: entry.eventId });
  return { opened, endpointId, claim, told, first: idsOf(first), second: idsOf(second) };
}

function hexOf(id: string): string {
  return id.replaceAll("-", "");
}

it("drops the deliveries of a message that is gone, and hands out the others", () => {
  const { opened, endpointId, told, claim, first, second } = openTold();
  using _ = opened;
  const { connection, writer } = opened;
  connection.prepare("DELETE FROM messages WHERE message_id = unhex(?)").run(hexOf(first.message));
  const { answers, wakes } = writer.run([claim()]);
  expect(answers[0]?.[0]).toBe(1);
  expect(wakes).toEqual([`d${endpointId}`]); // there may be more
  expect(told()).toEqual([]);
  const left = connection.prepare("SELECT lower(hex(message_id)) FROM deliveries").all();
  expect(left).toEqual([[hexOf(second.message)]]);
});

it("drops the delivery of an event that is gone, and lets the one go that waited for it", () => {
  const { opened, told, first, second } = openTold();
  using _ = opened;
  opened.connection.prepare("DELETE FROM events WHERE event_id = unhex(?)").run(hexOf(first.event));
  expect(told()).toEqual([[second.message, "message_created"]]);
  expect(told()).toEqual([[first.message, "message_updated"]]);
});
