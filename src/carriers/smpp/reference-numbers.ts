import type { TargetKey } from "../../domain/message.ts";
import { RecentMap } from "../recent-map.ts";

/** Destinations whose last reference is remembered, and messages whose own is; beyond it the oldest are forgotten. */
export const MAX_REMEMBERED = 10_000;

/**
 * Concatenation references. Two long texts to one handset must not share one while their parts may still mix, so each
 * destination has its own counter; and one text keeps its reference when some of its parts must be sent again, or the
 * handset could not join them.
 *
 * The counter of a destination begins at a number made from the message's id: after a restart, or on another node, a repeated
 * text thus meets its earlier parts in the usual case that it was the destination's first.
 */
export class ReferenceNumbers {
  readonly #lastByDestination = new RecentMap<string, number>(MAX_REMEMBERED);
  readonly #kept = new RecentMap<string, number>(MAX_REMEMBERED);

  /** A reference of 16 bits, of which a carrier with 8-bit references uses the low half. */
  next(destination: string, key: TargetKey): number {
    const kept = this.#kept.get(nameOf(key));
    if (kept !== undefined) return kept;
    const last = this.#lastByDestination.get(destination);
    const reference = last === undefined ? hashOf(key) : (last + 1) & 0xffff;
    this.#lastByDestination.set(destination, reference);
    return reference;
  }

  /** Parts of this message have been written but the message is not done: it will ask again. */
  keep(key: TargetKey, reference: number): void {
    this.#kept.set(nameOf(key), reference);
  }

  /** The message is done. */
  forget(key: TargetKey): void {
    if (this.#kept.size > 0) this.#kept.delete(nameOf(key));
  }
}

function nameOf(key: TargetKey): string {
  return `${key.messageId}/${key.n}`;
}

/** FNV-1a, folded to 16 bits: spread evenly, the same everywhere. */
function hashOf(key: TargetKey): number {
  const name = nameOf(key);
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01_00_01_93);
  }
  return ((hash >>> 16) ^ hash) & 0xffff;
}
