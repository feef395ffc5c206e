import type { Passwords } from "../api/auth/password.ts";
import { newCustomer } from "../api/new-customer.ts";
import type { Clock } from "../domain/clock.ts";
import { ADMIN_PERMISSION, type Customer } from "../domain/customer.ts";
import type { FillRandom, Ids } from "../domain/ids.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { DirectoryStore } from "../store/directory.ts";

export const ADMIN_USERNAME = "admin";

/** `done` once somebody was shown how to get in; before that a generated password is worth nothing and is made anew. */
const SHOWN_SETTING = "first_run";
const SHOWN = "done";

interface AdministratorDeps {
  readonly store: Pick<DirectoryStore, "findCustomer" | "addCustomer" | "putCustomer" | "getSetting">;
  readonly passwords: Passwords;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly fillRandom: FillRandom;
  /** The operator's choice; null to generate one. */
  readonly wantedPassword: string | null;
}

/** The first customer as it is at this start. */
export interface Administrator {
  /** Null when an administrator has deleted it. */
  readonly customer: Customer | null;
  /** To be shown now or never; null when the operator chose it himself. */
  readonly generatedPassword: string | null;
  /** Nobody was told yet how to get in. */
  readonly isFirstRun: boolean;
}

/** Sees to it that the customer `admin` exists from the first start on, with the password that the operator set, if any. */
export async function settleAdministrator(deps: AdministratorDeps): Promise<Administrator> {
  const { store, wantedPassword } = deps;
  const isFirstRun = (await store.getSetting(SHOWN_SETTING)) !== SHOWN;
  const known = await store.findCustomer(ADMIN_USERNAME);
  if (known === null && !isFirstRun && wantedPassword === null) {
    return { customer: null, generatedPassword: null, isFirstRun };
  }
  const generatedPassword = isFirstRun && wantedPassword === null ? generatePassword(deps.fillRandom) : null;
  const password = wantedPassword ?? generatedPassword;
  if (known === null) {
    const made = await createAdministrator(password ?? "", deps);
    if (made !== null) return { customer: made, generatedPassword, isFirstRun };
    // Another node that started at the same moment made it, and says how to get in.
    return { customer: await store.findCustomer(ADMIN_USERNAME), generatedPassword: null, isFirstRun: false };
  }
  const customer = password === null ? known : await withPassword(known, password, deps);
  if (customer === null) return settleAdministrator(deps);
  return { customer, generatedPassword, isFirstRun };
}

/** Notes that what the first run has to say was said. */
export async function noteFirstRunShown(store: Pick<DirectoryStore, "putSetting">): Promise<void> {
  await store.putSetting(SHOWN_SETTING, SHOWN);
}

/** Null when another process makes it at this moment. */
async function createAdministrator(password: string, deps: AdministratorDeps): Promise<Customer | null> {
  const { customer, endpoint } = newCustomer(
    {
      username: ADMIN_USERNAME,
      passwordHash: await deps.passwords.hash(password),
      name: "Administrator",
      permission_ids: [ADMIN_PERMISSION],
    },
    deps,
  );
  return (await deps.store.addCustomer(customer, endpoint)) ? customer : null;
}

/** Null when another process changes it at this moment. */
async function withPassword(
  customer: Customer,
  password: string,
  deps: AdministratorDeps,
): Promise<Customer | null> {
  if (await deps.passwords.matches(password, customer.passwordHash)) return customer;
  const now = deps.clock.now();
  const changed: Customer = {
    ...customer,
    passwordHash: await deps.passwords.hash(password),
    tmCredentials: now,
    tmUpdate: now,
  };
  return (await deps.store.putCustomer(changed, customer)) ? changed : null;
}

/** Without letters and digits that look alike. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const GROUP_CHARACTERS = 5;

/** Four groups of five characters, 99 bits, easy to read out and to type. */
function generatePassword(fillRandom: FillRandom): string {
  const characters: string[] = [];
  const bytes = new Uint8Array(1);
  while (characters.length < GROUPS * GROUP_CHARACTERS) {
    fillRandom(bytes);
    const [byte = 0] = bytes;
    // 31 letters do not divide 256: the bytes above the last whole multiple are drawn again, or some letters came more often
    if (byte < ALPHABET.length * Math.floor(256 / ALPHABET.length))
      characters.push(ALPHABET[byte % ALPHABET.length] ?? "");
  }
  return Array.from({ length: GROUPS }, (_, group) =>
    characters.slice(group * GROUP_CHARACTERS, (group + 1) * GROUP_CHARACTERS).join(""),
  ).join("-");
}
