import type { OptOut } from "../../domain/opt-out.ts";
import { optOutKey } from "../wake-throttle.ts";
import type { TransactionPart } from "./writer-context.ts";

/**
 * Which wakes a commit owes its listeners: `q` and a carrier, `d` and an endpoint, `e` and a customer, `o` and an opt-out, or `c`
 * for the directory.
 */
export class Wakes implements TransactionPart {
  readonly #owed = new Set<string>();
  /** Whose events were named last: mostly it is the same customer again, and again for each change of each message. */
  #eventsOf: string | null = null;

  queue(carrierId: string): void {
    this.#owed.add(`q${carrierId}`);
  }

  deliveries(endpointId: string): void {
    this.#owed.add(`d${endpointId}`);
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

  /** Takes what is owed, after the commit. */
  take(): string[] {
    const owed = [...this.#owed];
    this.#clear();
    return owed;
  }

  afterRollback(): void {
    this.#clear();
  }

  #clear(): void {
    this.#owed.clear();
    this.#eventsOf = null;
  }
}
