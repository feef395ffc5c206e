/** One timer that a part sets to the earliest of its wishes; it owns and clears it. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | null = null;
  #atMs = Infinity;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Rings at `atMs` unless it rings earlier anyway: whoever is rung looks at all wishes again. */
  set(atMs: number, nowMs: number): void {
    if (atMs >= this.#atMs) return;
    this.clear();
    this.#atMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#atMs = Infinity;
        this.#ring();
      },
      Math.max(0, Math.ceil(atMs - nowMs)),
    );
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#atMs = Infinity;
  }
}
