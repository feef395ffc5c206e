import type { NumberId } from "../../domain/ids.ts";
import type { OwnedNumber } from "../../domain/owned-number.ts";
import type { World } from "./world.ts";

let made = 0;

/** A number of the world's customer that nobody else has. */
export function numberRecord(
  world: Pick<World, "customerId" | "id" | "now">,
  wishes: Partial<OwnedNumber> = {},
): OwnedNumber {
  const times = { tmCreate: world.now(), tmUpdate: null, tmDelete: null };
  const words = { type: "normal", name: "Ä", detail: "d", optOut: null } as const;
  const number = `+3197010${String(made++).padStart(6, "0")}`;
  return { id: world.id<NumberId>(), customerId: world.customerId, number, ...words, ...times, ...wishes };
}
