import type { CarrierId } from "../domain/ids.ts";
import type { CarrierDesk } from "./carrier-desk.ts";

/** Names the carriers that there are now, by their ids; one that is gone is `removed`. */
export async function carrierNames(carriers: Pick<CarrierDesk, "list">): Promise<(id: CarrierId) => string> {
  const names = new Map((await carriers.list()).map(({ account }) => [account.id, account.name]));
  return (id) => names.get(id) ?? "removed";
}
