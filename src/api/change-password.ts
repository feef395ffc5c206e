import type { Clock } from "../domain/clock.ts";
import type { Customer } from "../domain/customer.ts";
import type { CustomerId } from "../domain/ids.ts";
import type { DirectoryStore } from "../store/directory.ts";
import type { Passwords } from "./auth/password.ts";
import type { Principals } from "./auth/principals.ts";
import { requireCustomer } from "./customer-records.ts";
import { type InTurn, requireUnchanged } from "./in-turn.ts";

/** What changing a password needs. */
export interface PasswordDeps {
  readonly store: Pick<DirectoryStore, "getCustomer" | "putCustomer">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly passwords: Passwords;
  readonly principals: Principals;
}

/**
 * Gives a customer a new password, which ends all its earlier tokens. Its access keys stay good.
 * @param isAllowed looks at the present password's hash, and throws to stop the change.
 */
export async function changePassword(
  { store, inTurn, clock, passwords, principals }: PasswordDeps,
  id: CustomerId,
  password: string,
  isAllowed: (passwordHash: string) => Promise<void>,
): Promise<Customer> {
  let allowedFor: string | null = null;
  let passwordHash: string | null = null;
  return inTurn(id, async () => {
    const before = await requireCustomer(store, id);
    // What takes long is done once: somebody who keeps changing the record elsewhere must not win every time.
    if (before.passwordHash !== allowedFor) await isAllowed(before.passwordHash);
    allowedFor = before.passwordHash;
    passwordHash ??= await passwords.hash(password);
    const now = clock.now();
    const customer: Customer = { ...before, passwordHash, tmCredentials: now, tmUpdate: now };
    requireUnchanged(await store.putCustomer(customer, before));
    principals.forget();
    return customer;
  });
}
