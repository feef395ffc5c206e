import { expect, it } from "vitest";
import type { CarrierId, CustomerId, MessageId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import { viewHeld } from "./held-view.ts";

function reasonAfter(...whats: readonly string[]): unknown {
  const target = {
    customerId: "0190a000-0000-7000-8000-000000000001" as CustomerId,
    messageId: "0190a000-0000-7000-8000-000000000002" as MessageId,
    n: 0,
    carrierId: "0190a000-0000-7000-8000-000000000003" as CarrierId,
    destination: "+31616818985",
    attempts: 1,
    heldAt: micros(1),
    expiresAt: micros(2),
    trail: whats.map((what, at) => ({ at: micros(at), what })),
  };
  return viewHeld(target, { carrier: "acme", customer: "shop" })["reason"];
}

it.each([
  ["in_flight_at_crash", ["retried", "in_flight_at_crash", "held"]],
  ["unknown_outcome", ["in_flight_at_crash", "held", "resent", "unknown_outcome", "held"]],
  ["unknown_outcome", ["unknown_outcome", "refused", "held"]], // of a text in parts one was refused, one not answered for
  ["unknown_outcome", ["retried", "left_out"]],
])("a target is held for %s after %j", (reason, whats) => {
  expect(reasonAfter(...whats)).toBe(reason);
});
