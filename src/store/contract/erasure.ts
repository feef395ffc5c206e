import type { Acceptance } from "../accepting.ts";
import type { ErasureResult } from "../erasing.ts";
import { tel, type World } from "./world.ts";

/** A message of two targets, the second of which goes to the number. */
export function acceptanceTo(
  world: World,
  number: string,
  wishes: Parameters<World["acceptance"]>[0] = {},
): Acceptance {
  const entry = world.acceptance({ text: "private", targets: 2, ...wishes });
  const destination = { ...tel(number), target_name: "Ann" };
  const replaced = <T extends { readonly n: number }>(one: T) =>
    one.n === 1 ? { ...one, destination } : one;
  return { ...entry, targets: entry.targets.map(replaced), queue: entry.queue.map(replaced) };
}

/** Erases a number to the end, and answers what was changed altogether. */
export async function eraseWholly(
  world: World,
  number: string,
  limit = 1_000,
): Promise<Omit<ErasureResult, "more">> {
  const total = { messages: 0, targets: 0, parts: 0, optOuts: 0 };
  let isMore = true;
  while (isMore) {
    const { more, ...changed } = await world.store.eraseNumber(number, world.now(), limit);
    for (const key of ["messages", "targets", "parts", "optOuts"] as const) total[key] += changed[key];
    isMore = more;
  }
  return total;
}
