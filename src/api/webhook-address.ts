import { Refusal } from "./errors.ts";

/** Whether an address may be called on a customer's word; `reason` completes the sentence "The URL …". */
export type CheckAddress = (
  uri: string,
) => Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;

/** Refuses a webhook address that can never work, naming the field; the empty one means none. */
export async function requireGoodAddress(
  uri: string,
  checkAddress: CheckAddress,
  field = "webhook_uri",
): Promise<void> {
  if (uri === "") return;
  const checked = await checkAddress(uri);
  if (checked.ok) return;
  throw new Refusal("INVALID_ARGUMENT", `${field} ${checked.reason}`, { field });
}
