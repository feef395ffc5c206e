import { MICROS_PER_MS } from "../../domain/micros.ts";
import { partitionStatements } from "./archive-partitions.ts";
import type { Database } from "./connection.ts";
import { SETTLED_BUCKETS } from "./migrations/0001-first-schema.ts";
import { BUCKET_MICROS, bucketOf } from "./receipt-keys.ts";

/**
 * Whoever waits for a table's exclusive lock makes everybody wait who comes after: so long at most, then it gives up and
 * tries again later.
 */
export const BRIEFLY = "SET LOCAL lock_timeout = '250ms'";

/** What time asks of the tables, as far as this process knows it done: another may have done it too, which is no harm. */
export class Housekeeping {
  readonly #database: Database;
  #period = -1;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Once in each period of settled receipt keys: empties the bucket that is filled next, whose keys are the oldest, and makes
   * the archive's partitions ahead. What fails is tried again with the next call.
   */
  async keep(now: number): Promise<void> {
    const period = Math.floor(now / BUCKET_MICROS);
    if (period === this.#period) return;
    const next = (bucketOf(now) + 1) % SETTLED_BUCKETS;
    await this.#run(`TRUNCATE settled_receipt_keys_${next}`);
    for (const text of partitionStatements(Math.floor(now / MICROS_PER_MS))) await this.#run(text);
    this.#period = period;
  }

  async #run(text: string): Promise<void> {
    await this.#database.transaction(async (session) => {
      await session.run({ name: "", text: BRIEFLY }, []);
      await session.run({ name: "", text }, []);
    });
  }
}
