import type { TransactionPart } from "./writer-context.ts";

/** Which wakes a commit owes its listeners: `q` and a carrier, `d` and an endpoint, or `c` for the directory. */
export class Wakes implements TransactionPart {
  readonly #owed = new Set<string>();

  queue(carrierId: string): void {
    this.#owed.add(`q${carrierId}`);
  }

  deliveries(endpointId: string): void {
    this.#owed.add(`d${endpointId}`);
  }

  directory(): void {
    this.#owed.add("c");
  }

  /** Takes what is owed, after the commit. */
  take(): string[] {
    const owed = [...this.#owed];
    this.#owed.clear();
    return owed;
  }

  afterRollback(): void {
    this.#owed.clear();
  }
}
