import type { Clock } from "../domain/clock.ts";
import type { CarrierId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import { MICROS_PER_SECOND } from "../domain/micros.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { ReceiptOutcome, ReceiptStore } from "../store/receiving-receipts.ts";
import { ExpirySweep } from "./expiry-sweep.ts";

export interface ReceiptsDependencies {
  readonly store: ReceiptStore;
  readonly clock: Clock;
  /** A carrier's name, for metrics. */
  readonly nameOf: (carrierId: CarrierId) => string;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Brings delivery reports to their targets, and ends what waited for them in vain. */
export interface Receipts {
  /**
   * Applies receipts in order; each is committed when this resolves, so that the carrier may be told (promise P2). Rejects with
   * StoreUnavailable: then the carrier must not be told and will bring them again.
   */
  apply(receipts: readonly Receipt[]): Promise<void>;
  /** Begins to sweep. */
  start(): void;
  /** Ends sweeping; resolves when the sweep under way is done. */
  stop(): Promise<void>;
}

export function createReceipts(dependencies: ReceiptsDependencies): Receipts {
  const { store, nameOf, metrics } = dependencies;
  const sweep = new ExpirySweep(dependencies);

  /** What arrives while a commit is under way goes into the next one: the store's group commit makes the batches. */
  async function apply(receipts: readonly Receipt[]): Promise<void> {
    if (receipts.length === 0) return;
    const outcomes = await store.applyReceipts(receipts);
    for (const [index, outcome] of outcomes.entries()) {
      const receipt = receipts[index];
      if (receipt !== undefined) measure(receipt, outcome);
    }
  }

  function measure(receipt: Receipt, outcome: ReceiptOutcome): void {
    const carrier = nameOf(receipt.carrierId);
    const word = outcome.kind === "applied" ? outcome.status : outcome.kind;
    metrics.count("msgbin_receipts_total", { carrier, outcome: word });
    if (outcome.kind !== "applied") return;
    // A receipt may overtake the settlement of its response, by a little.
    const seconds = Math.max(0, receipt.at - outcome.sentAt) / MICROS_PER_SECOND;
    metrics.observe("msgbin_receipt_seconds", seconds, { carrier });
  }

  return { apply, start: () => sweep.start(), stop: () => sweep.stop() };
}
