/** Which wakes a commit owes its listeners: `q` and a carrier, `d` and an endpoint, or `c` for the directory. */
export class Wakes {
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

  get owed(): readonly string[] {
    return [...this.#owed];
  }
}
