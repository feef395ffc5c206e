import type { CarrierId } from "./ids.ts";
import type { Micros } from "./micros.ts";

/** Room for a chain of certificates (`ca`), percent-encoded; longer is no URL that anybody meant. */
export const CARRIER_URL_MAX_CHARACTERS = 32_768;

/** An operator's account at a carrier, as it was added: name and sealed URL. */
export interface CarrierAccount {
  readonly id: CarrierId;
  /** Unique; kebab-case, 1–40 characters. `simulator` is the built-in one. */
  readonly name: string;
  /** `smpp`, `smpps`, …: the URL's scheme, for lists that must not open the URL. */
  readonly kind: string;
  /** The URL with its secrets, sealed. */
  readonly sealedUrl: string;
  readonly tmCreate: Micros;
  readonly tmUpdate: Micros | null;
}

/** The name of the stored setting that keeps what a carrier was called when it was removed: trails go on naming it by its id. */
export function removedNameSetting(id: string): string {
  return `removed-carrier:${id}`;
}
