import { normaliseTel } from "./address.ts";
import type { CustomerId, NumberId } from "./ids.ts";
import type { Micros } from "./micros.ts";

/** What opt-out keywords do at a number: each list replaces the default one, each answer too; an empty answer sends none. */
export interface OptOutSettings {
  readonly isOn: boolean;
  readonly stopKeywords?: readonly string[];
  readonly startKeywords?: readonly string[];
  readonly helpKeywords?: readonly string[];
  readonly stopAnswer?: string;
  readonly startAnswer?: string;
  readonly helpAnswer?: string;
}

/** A number of ours: what handsets write to it belongs to the customer. */
export interface OwnedNumber {
  readonly id: NumberId;
  readonly customerId: CustomerId;
  /** Normalised; unique, by its digits, among numbers that are not deleted. */
  readonly number: string;
  readonly type: "normal" | "virtual";
  readonly name: string;
  readonly detail: string;
  /** Null: as the customer has it, and on by default. */
  readonly optOut: OptOutSettings | null;
  readonly tmCreate: Micros;
  readonly tmUpdate: Micros | null;
  readonly tmDelete: Micros | null;
}

/** The digits of a number, by which its owner is found: carriers leave the plus out or put it in as they like. A name in lower case. */
export function digitsOf(target: string): string {
  return normaliseTel(target)
    .replace(/^\+(?=\d)/, "")
    .toLowerCase();
}
