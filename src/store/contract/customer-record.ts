import type { Customer } from "../../domain/customer.ts";
import type { CustomerId } from "../../domain/ids.ts";
import type { World } from "./world.ts";

/** A customer who left how long messages are kept to the service. */
export function customerRecord(
  world: Pick<World, "customerId" | "now">,
  wishes: Partial<Customer> = {},
  id: CustomerId = world.customerId,
): Customer {
  const profile = { name: "", detail: "", email: "", phoneNumber: "", address: "", permissionIds: [] };
  const times = { tmCredentials: world.now(), tmCreate: world.now(), tmUpdate: null, tmDelete: null };
  const kept = { retentionDays: null, retentionContentDays: null };
  return { id, username: `user-${id}`, passwordHash: "", ...profile, ...times, ...kept, ...wishes };
}
