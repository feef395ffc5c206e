import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { UnderWay } from "../../domain/under-way.ts";

/** The operations that are under way: a store finishes what was handed in before it closes, and takes nothing after. */
export class OpenWork {
  readonly #running = new UnderWay();
  #isClosed = false;

  /** The same operations, refused once closed. */
  guard<Operations extends object>(operations: Operations): Operations {
    const guarded = Object.entries(operations).map(([name, operation]: [string, unknown]) => [
      name,
      (...args: unknown[]) => this.#run(operation as (...args: unknown[]) => Promise<unknown>, args),
    ]);
    return Object.fromEntries(guarded) as Operations; // the same names and the same functions behind them
  }

  /** Does work that nobody waits for. */
  later(work: () => Promise<unknown>): void {
    this.#track(work().catch(() => undefined)); // a sweep does it then
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running.idle();
  }

  #run(operation: (...args: unknown[]) => Promise<unknown>, args: unknown[]): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new StoreUnavailable("closed", "the store is closed"));
    const running = operation(...args);
    this.#track(running);
    return running;
  }

  #track(running: Promise<unknown>): void {
    this.#running.begin();
    const end = () => this.#running.end();
    running.then(end, end);
  }
}
