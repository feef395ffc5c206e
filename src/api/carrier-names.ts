import { removedNameSetting } from "../domain/carrier-account.ts";
import type { CarrierId } from "../domain/ids.ts";
import type { DirectoryStore } from "../store/directory.ts";
import type { CarrierDesk } from "./carrier-desk.ts";

/** What a carrier that is gone is called. */
export const REMOVED = "removed";

/** Names the carriers that there are now, by their ids. */
export async function carrierNames(carriers: Pick<CarrierDesk, "list">): Promise<(id: CarrierId) => string> {
  const names = new Map((await carriers.list()).map(({ account }) => [account.id, account.name]));
  return (id) => names.get(id) ?? REMOVED;
}

/** What those of some carriers were called that are gone, by their ids; it is not known of each. */
export async function removedNames(
  store: Pick<DirectoryStore, "getSetting">,
  nameOf: (id: CarrierId) => string,
  ids: readonly CarrierId[],
): Promise<ReadonlyMap<string, string>> {
  const gone = new Set(ids.filter((id) => nameOf(id) === REMOVED));
  const known = await Promise.all(
    Array.from(gone, async (id) => [id, await store.getSetting(removedNameSetting(id))] as const),
  );
  return new Map(known.flatMap(([id, name]) => (name === null ? [] : [[id, name]])));
}
