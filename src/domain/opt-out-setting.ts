import type { CustomerId } from "./ids.ts";
import type { OptOutSettings } from "./owned-number.ts";

/** The name of the stored setting that holds what a customer's opt-out keywords do at all its numbers. */
export function optOutSettingName(customerId: CustomerId): string {
  return `opt-out:${customerId}`;
}

/** Reads that setting's value; null when the customer made none, or took them back. */
export function parseOptOutSetting(value: string | null): OptOutSettings | null {
  return value === null ? null : (JSON.parse(value) as OptOutSettings | null); // only renderOptOutSetting writes it
}

/** The value to be stored. */
export function renderOptOutSetting(settings: OptOutSettings | null): string {
  return JSON.stringify(settings);
}
