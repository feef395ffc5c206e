import type { CustomerId, NumberId } from "../domain/ids.ts";
import type { Micros } from "../domain/micros.ts";
import type { OwnedNumber } from "../domain/owned-number.ts";
import type { DirectoryStore } from "../store/directory.ts";
import type { NumberStore } from "../store/numbering.ts";
import type { Principal } from "./auth/principals.ts";
import { noSuchCustomer, requireCustomer } from "./customer-records.ts";
import { Refusal } from "./errors.ts";
import { requireUnchanged } from "./in-turn.ts";
import { PAGE_SIZE_MAX } from "./limits.ts";
import { idAfter } from "./neighbour-id.ts";

/** The number with this id: of the customer, or for an administrator anybody's; else the request ends (promise P7). */
export async function requireNumber(
  store: Pick<NumberStore, "getNumber" | "listNumbers">,
  { customerId, isAdmin }: Principal,
  id: NumberId,
): Promise<OwnedNumber> {
  const number = isAdmin ? await findAnybodys(store, id) : await store.getNumber(customerId, id);
  if (number === null) throw new Refusal("RESOURCE_NOT_FOUND", "there is no such number");
  return number;
}

async function findAnybodys(
  store: Pick<NumberStore, "listNumbers">,
  id: NumberId,
): Promise<OwnedNumber | null> {
  const [found] = await store.listNumbers(null, { before: idAfter(id), limit: 1 });
  return found?.id === id ? found : null;
}

/** Whose record it is to be: the caller's own, or with an administrator the customer that is asked for. */
export async function ownerFor(
  store: Pick<DirectoryStore, "getCustomer">,
  { customerId, isAdmin }: Principal,
  asked: string | undefined,
): Promise<CustomerId> {
  const wanted = asked === undefined || asked === "" ? customerId : (asked.toLowerCase() as CustomerId); // branded: looked up below
  if (wanted === customerId) return wanted;
  if (!isAdmin) throw new Refusal("PERMISSION_DENIED", "customer_id needs the admin permission");
  return (await requireCustomer(store, wanted)).id;
}

/** Writes a number over the one that was read; one that changed meanwhile, or whose new owner is gone, ends the work. */
export async function changeNumber(
  store: Pick<NumberStore, "putNumber">,
  number: OwnedNumber,
  before: OwnedNumber,
): Promise<void> {
  const outcome = await store.putNumber(number, before);
  if (outcome === "no_owner") throw noSuchCustomer();
  requireUnchanged(outcome === "written");
}

/** Gives up all numbers of a customer, so that others may have them. */
export async function giveNumbersUp(
  store: Pick<NumberStore, "listNumbers" | "putNumber">,
  customerId: CustomerId,
  now: Micros,
): Promise<void> {
  for (;;) {
    const page = await store.listNumbers(customerId, { before: null, limit: PAGE_SIZE_MAX });
    const given = page.map((number) => store.putNumber({ ...number, tmUpdate: now, tmDelete: now }, number));
    requireUnchanged((await Promise.all(given)).every((outcome) => outcome === "written"));
    if (page.length < PAGE_SIZE_MAX) return;
  }
}

/** The refusal for a number that is in use already, by whomever. */
export function numberTaken(): Refusal {
  return new Refusal("RESOURCE_ALREADY_EXISTS", "this number has an owner already", { field: "number" });
}
