import type { CarrierId } from "../domain/ids.ts";
import type { CarrierDesk } from "./carrier-desk.ts";

/** What a carrier that is gone is called. */
export const REMOVED = "removed";

/** Names the carriers that there are now, by their ids. */
export async function carrierNames(carriers: Pick<CarrierDesk, "list">): Promise<(id: CarrierId) => string> {
  const names = new Map((await carriers.list()).map(({ account }) => [account.id, account.name]));
  return (id) => names.get(id) ?? REMOVED;
}
