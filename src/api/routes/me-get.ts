import type { DirectoryStore } from "../../store/directory.ts";
import { formatMicros } from "../../domain/micros.ts";
import type { Guard } from "../auth/guard.ts";
import { requireCustomer } from "../customer-records.ts";
import { type Door, principalOf } from "../door.ts";
import { answers } from "../schemas/answers.ts";
import { reference } from "../schemas/reference.ts";

interface MeDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "getCustomer">;
}

/** VoIPBIN's numbers for "may do all" and "administers its own account". */
const PERMISSION = { all: 65_535, customerAdmin: 32 } as const;

const schema = {
  tags: ["Account"],
  summary: "Whose credential this is",
  description: "In the shape of VoIPBIN's agent: here a customer is its own only agent.",
  response: answers("Who you are.", reference("Me")),
};

/** `GET /v1.0/me`: for clients that check a credential by asking who it belongs to. */
export function meGet(door: Door, { guard, store }: MeDeps): void {
  door.get("/v1.0/me", { schema, onRequest: guard.customer }, async (request) => {
    const { customerId, isAdmin } = principalOf(request);
    const customer = await requireCustomer(store, customerId);
    return {
      id: customer.id,
      customer_id: customer.id,
      username: customer.username,
      name: customer.name,
      detail: customer.detail,
      ring_method: "ringall",
      status: "available",
      permission: isAdmin ? PERMISSION.all : PERMISSION.customerAdmin,
      permission_ids: customer.permissionIds,
      tag_ids: [],
      addresses: [],
      direct_hash: "",
      tm_create: formatMicros(customer.tmCreate),
      tm_update: formatMicros(customer.tmUpdate),
      tm_delete: formatMicros(customer.tmDelete),
    };
  });
}
