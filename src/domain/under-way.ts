/** Counts what is under way, for whoever waits until nothing is. */
export class UnderWay {
  #count = 0;
  #idle: PromiseWithResolvers<void> | null = null;

  begin(): void {
    this.#count++;
  }

  /** Once for each `begin`. */
  end(): void {
    this.#count--;
    if (this.#count > 0) return;
    this.#idle?.resolve();
    this.#idle = null;
  }

  /** Resolves when nothing is under way; what begins meanwhile is waited for too. */
  async idle(): Promise<void> {
    while (this.#count > 0) {
      this.#idle ??= Promise.withResolvers<void>();
      await this.#idle.promise;
    }
  }
}
