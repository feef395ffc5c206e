import type { TargetKey } from "../../domain/message.ts";
import type { Micros } from "../../domain/micros.ts";

/** The marks that a test asked for, so that what it settles names them as a dispatcher does. */
export class KnownMarks {
  readonly #times = new Map<string, Micros>();

  marked(keys: readonly TargetKey[], at: Micros): void {
    for (const key of keys) this.#times.set(placeOf(key), at);
  }

  /** They were claimed anew. */
  unmarked(keys: readonly TargetKey[]): void {
    for (const key of keys) this.#times.delete(placeOf(key));
  }

  of(key: TargetKey): Micros | null {
    return this.#times.get(placeOf(key)) ?? null;
  }
}

function placeOf({ messageId, n }: TargetKey): string {
  return `${messageId} ${n}`;
}
