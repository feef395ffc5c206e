/** What crosses the threads: primitives only, for cloning a flat array costs a tenth of cloning the objects it stands for. */
export type WireValue = string | number | null;

/** One operation or its answer, flattened: the name first, then its fields in the order that both sides agree on. */
export type Wire = WireValue[];

/** Reads a wire value by value, and refuses a value of another kind than the field it should be. */
export class WireReader {
  readonly #values: Wire;
  #at: number;

  constructor(values: Wire, at = 0) {
    this.#values = values;
    this.#at = at;
  }

  text(): string {
    const value = this.#values[this.#at++];
    if (typeof value !== "string") throw this.#misread("a text", value);
    return value;
  }

  textOrNull(): string | null {
    const value = this.#values[this.#at++];
    if (value !== null && typeof value !== "string") throw this.#misread("a text or null", value);
    return value;
  }

  number(): number {
    const value = this.#values[this.#at++];
    if (typeof value !== "number") throw this.#misread("a number", value);
    return value;
  }

  numberOrNull(): number | null {
    const value = this.#values[this.#at++];
    if (value !== null && typeof value !== "number") throw this.#misread("a number or null", value);
    return value;
  }

  /** Reads a count, then as many items. */
  list<T>(readItem: (reader: WireReader) => T): T[] {
    const count = this.number();
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(readItem(this));
    return items;
  }

  #misread(expected: string, value: WireValue | undefined): TypeError {
    return new TypeError(`wire field ${this.#at - 1} should be ${expected}, not ${typeof value}`);
  }
}

/** A record that crosses rarely, as JSON: its speed does not matter and its fields are many. The caller knows what it sent. */
export function readJson(reader: WireReader): unknown {
  return JSON.parse(reader.text());
}
