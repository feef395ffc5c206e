/**
 * Remembers the values that were set lately: at least `size` of them and at most twice as many. Two generations, for a Map
 * from which the oldest entry is taken again and again grows slow.
 */
export class Recently<Value> {
  readonly #size: number;
  #present = new Map<string, Value>();
  #before = new Map<string, Value>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: string): Value | undefined {
    return this.#present.get(key) ?? this.#before.get(key);
  }

  set(key: string, value: Value): void {
    if (this.#present.size >= this.#size) {
      this.#before = this.#present;
      this.#present = new Map();
    }
    this.#present.set(key, value);
  }

  forget(key: string): void {
    this.#present.delete(key);
    this.#before.delete(key);
  }

  clear(): void {
    this.#present.clear();
    this.#before.clear();
  }
}
