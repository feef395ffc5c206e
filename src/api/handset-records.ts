import { isPhoneNumber, normaliseTel } from "../domain/address.ts";
import { Refusal } from "./errors.ts";
import type { HandsetDesk } from "./handset-desk.ts";

/** The simulator's handsets; a process without a simulator has none. */
export function requireHandsets(handsets: HandsetDesk | null): HandsetDesk {
  if (handsets === null) throw new Refusal("RESOURCE_NOT_FOUND", "the simulator does not run here");
  return handsets;
}

/** The handset in a path, normalised. */
export function readHandset(params: unknown): string {
  const { number } = params as { readonly number: string }; // every route that calls this has `:number` in its path
  const handset = normaliseTel(number);
  if (isPhoneNumber(handset)) return handset;
  throw new Refusal("INVALID_ARGUMENT", "the number in the path is no phone number", { field: "number" });
}
