import type { CustomerId } from "../domain/ids.ts";
import type { DirectoryStore } from "../store/directory.ts";

/** Names the customers of a page's records, each read once; deleted ones too. */
export async function usernames(
  store: Pick<DirectoryStore, "getCustomer">,
  records: readonly { readonly customerId: CustomerId }[],
): Promise<(id: CustomerId) => string> {
  const ids = [...new Set(records.map(({ customerId }) => customerId))];
  const customers = await Promise.all(ids.map((id) => store.getCustomer(id)));
  const names = new Map(customers.map((customer, index) => [ids[index], customer?.username]));
  return (id) => names.get(id) ?? "";
}
