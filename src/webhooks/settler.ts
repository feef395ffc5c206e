import type { Logger } from "../domain/logger.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { AnnouncementStore, DeliverySettlement, EndpointHealth } from "../store/announcing.ts";
import type { After } from "./after.ts";

/** Results wait this long for others: nothing waits for them but the next event of the same message. */
const GATHER_MS = 10;
const TRY_AGAIN_MS = 1_000;
/** Results in one operation of the store. */
export const SETTLE_BATCH = 1_000;

type ResultStore = Pick<AnnouncementStore, "settleDeliveries" | "noteEndpointHealth">;

export interface SettlerOptions {
  readonly store: ResultStore;
  readonly after: After;
  readonly logger: Logger;
}

interface Ended {
  readonly settlement: DeliverySettlement;
  /** Called once it is stored, or was found to be what cannot be stored. */
  readonly onSettled: () => void;
}

/**
 * Folds the results of all endpoints into few operations of the store: one is under way at a time, and what ends meanwhile
 * goes into the next. While the store is unavailable the results stay here; how many there can be is bounded by what the
 * workers hold.
 */
export class Settler {
  readonly #options: SettlerOptions;
  #ended: Ended[] = [];
  /** The latest word on each endpoint. */
  #healths = new Map<string, EndpointHealth>();
  #isGathering = false;
  #isStopped = false;
  #cancelGather: (() => void) | null = null;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  settle(settlement: DeliverySettlement, onSettled: () => void): void {
    this.#ended.push({ settlement, onSettled });
    this.#gather(GATHER_MS);
  }

  note(health: EndpointHealth): void {
    this.#keep(health);
    this.#gather(GATHER_MS);
  }

  /** Writes nothing more: what is left comes back when its lease ends. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelGather?.();
  }

  #gather(ms: number): void {
    if (this.#isGathering || this.#isStopped) return;
    this.#isGathering = true;
    this.#cancelGather = this.#options.after(ms, () => void this.#write());
  }

  async #write(): Promise<void> {
    const batch = this.#ended.splice(0, SETTLE_BATCH);
    const healths = [...this.#healths.values()];
    this.#healths = new Map();
    const settlements = batch.map((ended) => ended.settlement);
    const isSettled = await this.#tryTo(settlements, (store) => store.settleDeliveries(settlements));
    if (isSettled) for (const ended of batch) ended.onSettled();
    else this.#ended = [...batch, ...this.#ended];
    const isNoted = await this.#tryTo(healths, (store) => store.noteEndpointHealth(healths));
    if (!isNoted) this.#takeBack(healths);
    this.#isGathering = false;
    if (this.#ended.length > 0 || this.#healths.size > 0)
      this.#gather(isSettled && isNoted ? 0 : TRY_AGAIN_MS);
  }

  /** False when it is worth another try. */
  async #tryTo(rows: readonly unknown[], write: (store: ResultStore) => Promise<void>): Promise<boolean> {
    if (rows.length === 0) return true;
    try {
      await write(this.#options.store);
    } catch (error) {
      if (error instanceof StoreUnavailable) return false;
      // The same again would fail for ever; the leases end, and the deliveries come back.
      this.#options.logger.error({ error: String(error) }, "results of webhooks could not be stored");
    }
    return true;
  }

  #takeBack(healths: readonly EndpointHealth[]): void {
    const later = this.#healths;
    this.#healths = new Map(healths.map((health) => [health.endpointId, health]));
    for (const health of later.values()) this.#keep(health);
  }

  /** That an endpoint is to be switched off is not forgotten for what another attempt showed meanwhile. */
  #keep(health: EndpointHealth): void {
    const before = this.#healths.get(health.endpointId);
    const stays = before !== undefined && before.disabledReason !== null && before.uri === health.uri;
    const { disabledReason, at } = stays ? before : health;
    this.#healths.set(health.endpointId, { ...health, disabledReason, at });
  }
}
