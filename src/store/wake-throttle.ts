import type { CarrierId, CustomerId, EndpointId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import type { OptOut } from "../domain/opt-out.ts";
import type { Wake } from "./store.ts";

/** At most 20 times a second for the same wake. */
const WINDOW_MS = 55;

/** Passes wakes on, the first at once and those that follow within a window together at its end: none is lost. */
export class WakeThrottle {
  readonly #listeners = new Set<(wake: Wake) => void>();
  #told = new Set<string>();
  #late = new Set<string>();
  #window: NodeJS.Timeout | null = null;
  #isClosed = false;

  listen(listener: (wake: Wake) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes wakes as the writer's thread spells them (wakes.ts). */
  wake(keys: readonly string[]): void {
    if (this.#isClosed || this.#listeners.size === 0) return;
    for (const key of keys) {
      if (this.#told.has(key)) this.#late.add(key);
      else this.#tell(key);
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#window !== null) clearTimeout(this.#window);
  }

  #tell(key: string): void {
    this.#told.add(key);
    this.#window ??= setTimeout(() => this.#endWindow(), WINDOW_MS);
    const wake = wakeOf(key);
    if (wake === null) return;
    for (const listener of this.#listeners) listener(wake);
  }

  #endWindow(): void {
    const late = this.#late;
    this.#window = null;
    this.#told = new Set();
    this.#late = new Set();
    for (const key of late) this.#tell(key);
  }
}

/** Null for a wake that only a newer version knows. */
function wakeOf(key: string): Wake | null {
  const id = key.slice(1);
  if (key.startsWith("q")) return { kind: "queue", carrierId: id as CarrierId }; // Wakes.queue() made it from one
  if (key.startsWith("d")) return { kind: "deliveries", endpointId: id as EndpointId }; // Wakes.deliveries() did
  if (isOfEvents(key)) return { kind: "events", customerId: id as CustomerId }; // Wakes.events() did
  if (key.startsWith("o")) return { kind: "opt-out", ...optOutOf(id) };
  if (key === "l") return { kind: "leases" };
  return key === "c" ? { kind: "directory" } : null;
}

/** Whether a wake's key tells of a customer's events. */
export function isOfEvents(key: string): boolean {
  return key.startsWith("e");
}

/** An opt-out as a wake's key: in ASCII and without spaces, as all of them are. */
export function optOutKey({ customerId, sender, handset, since }: OptOut): string {
  // Half of a surrogate pair cannot be encoded.
  const words = [customerId, sender, handset, String(since)].map((word) =>
    encodeURIComponent(word.toWellFormed()),
  );
  return `o${words.join("/")}`;
}

function optOutOf(key: string): OptOut {
  const [customerId = "", sender = "", handset = "", since] = key.split("/").map(decodeURIComponent);
  return { customerId: customerId as CustomerId, sender, handset, since: micros(Number(since)) }; // optOutKey() made it from one
}
