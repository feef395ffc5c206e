import type { Clock } from "../domain/clock.ts";
import type { Customer } from "../domain/customer.ts";
import type { CustomerId } from "../domain/ids.ts";
import type { DirectoryStore } from "../store/directory.ts";
import type { Passwords } from "./auth/password.ts";
import type { Principals } from "./auth/principals.ts";
import { requireCustomer } from "./customer-records.ts";
import type { InTurn } from "./in-turn.ts";

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
 * @param isAllowed looks at the customer as it is before the change, and throws to stop it.
 */
export async function changePassword(
  { store, inTurn, clock, passwords, principals }: PasswordDeps,
  id: CustomerId,
  password: string,
  isAllowed: (customer: Customer) => Promise<void>,
): Promise<Customer> {
  return inTurn(id, async () => {
    const before = await requireCustomer(store, id);
    await isAllowed(before);
    const passwordHash = await passwords.hash(password);
    const now = clock.now();
    const customer: Customer = { ...before, passwordHash, tmCredentials: now, tmUpdate: now };
    await store.putCustomer(customer);
    principals.forget();
    return customer;
  });
}
