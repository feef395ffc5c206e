import { toAddress } from "../../domain/address.ts";
import type { CarrierId, CustomerId, MessageId } from "../../domain/ids.ts";
import { PRIORITIES } from "../../domain/message.ts";
import { micros } from "../../domain/micros.ts";
import type { OutboundTarget } from "../../domain/outbound-target.ts";

/** A target for tests, with whatever the test does not care about filled in. */
export function outboundTarget(
  given: Omit<Partial<OutboundTarget>, "destination"> & { to?: string } = {},
): OutboundTarget {
  const { to = "+31616818985", ...rest } = given;
  return {
    customerId: "0190a000-0000-7000-8000-00000000000c" as CustomerId,
    messageId: "0190a000-0000-7000-8000-0000000000aa" as MessageId,
    n: 0,
    type: "sms",
    source: toAddress({ target: "+821021656521" }),
    destination: toAddress({ target: to }),
    text: "hello",
    options: {},
    parts: 1,
    carrierId: "0190a000-0000-7000-8000-000000000001" as CarrierId,
    fallbacks: [],
    priority: PRIORITIES.normal,
    dueAt: micros(0),
    expiresAt: micros(4_000_000_000_000_000),
    attempts: 0,
    partStates: "",
    ...rest,
  };
}
