import type { OptOut } from "../../domain/opt-out.ts";
import { optOutKey } from "../wake-throttle.ts";

/**
 * Which wakes a commit owes its listeners: `q` and a carrier, `d` and an endpoint, `e` and a customer, `l` for bind slots, `o`
 * and an opt-out, or `c` for the directory.
 */
export class Wakes {
  readonly #owed = new Set<string>();
  /** Whose events were named last: mostly it is the same customer again. */
  #eventsOf: string | null = null;

  queue(carrierId: string): void {
    this.#owed.add(`q${carrierId}`);
  }

  deliveries(endpointId: string): void {
    this.#owed.add(`d${endpointId}`);
  }

  leases(): void {
    this.#owed.add("l");
  }

  events(customerId: string): void {
    if (customerId === this.#eventsOf) return;
    this.#eventsOf = customerId;
    this.#owed.add(`e${customerId}`);
  }

  directory(): void {
    this.#owed.add("c");
  }

  optOut(optOut: OptOut): void {
    this.#owed.add(optOutKey(optOut));
  }

  get owed(): readonly string[] {
    return [...this.#owed];
  }
}
