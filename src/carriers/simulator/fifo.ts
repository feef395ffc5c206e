/** So many places at the front may be empty before they are given back. */
const COMPACT_AT = 1_024;

/** First in, first out, without moving everything at each step. */
export class Fifo<Item> {
  #items: Item[] = [];
  #start = 0;

  get size(): number {
    return this.#items.length - this.#start;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  first(): Item | undefined {
    return this.#items[this.#start];
  }

  /** Drops the first. */
  shift(): void {
    if (this.size === 0) return;
    this.#start++;
    if (this.#start < COMPACT_AT || this.#start * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }
}
