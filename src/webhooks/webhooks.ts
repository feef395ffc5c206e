import type { EndpointId, NodeId } from "../domain/ids.ts";
import type { Clock } from "../domain/clock.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { DEFAULT_TIMEOUT_MS, type GuardedClient } from "../outbound-http/guarded-client.ts";
import type { Store } from "../store/store.ts";
import { type After, afterTimeout } from "./after.ts";
import { EndpointBook } from "./endpoint-book.ts";
import { Roster, ROSTER_LIMITS, type RosterLimits } from "./roster.ts";
import { Settler } from "./settler.ts";

/** The safety net under lost wakes, and what brings retries. */
const POLL_MS = 1_000;
/** Endpoints looked at in one poll. */
const POLL_LIMIT = 5_000;

export interface WebhooksDeps {
  readonly store: Pick<
    Store,
    "claimDeliveries" | "settleDeliveries" | "noteEndpointHealth" | "dueEndpoints" | "getEndpoint" | "onWake"
  >;
  readonly client: Pick<GuardedClient, "request">;
  /** Opens the endpoints' secrets. */
  readonly secrets: SecretBox;
  /** Whether endpoints may have private addresses: as the client allows. */
  readonly allowPrivate: boolean;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** For jitter, from 0 to below 1. */
  readonly random?: () => number;
  readonly after?: After;
  /** Of one attempt; 15 s unless given. */
  readonly timeoutMs?: number;
  readonly limits?: RosterLimits;
}

export interface Webhooks {
  start(): void;
  /** Claims no more, and resolves when what is in hand is done and written, or after the deadline. */
  stop(deadlineMs: number): Promise<void>;
}

/** Tells customers' endpoints of events: claims what is due, signs and sends it, and writes down how it went. */
export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const { store, clock, logger, metrics, secrets, allowPrivate } = deps;
  const after = deps.after ?? afterTimeout;
  const book = new EndpointBook({ store, clock, secrets, allowPrivate });
  const settler = new Settler({ store, after, logger });
  const roster = new Roster(
    {
      store,
      book,
      settler,
      clock,
      after,
      logger,
      metrics,
      client: deps.client,
      node: deps.node,
      random: deps.random ?? Math.random,
      timeoutMs: deps.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    },
    deps.limits ?? ROSTER_LIMITS,
  );
  let isStopping = false;
  let cancelPoll: (() => void) | null = null;
  let forgetWakes: (() => void) | null = null;

  async function poll(): Promise<void> {
    for (const id of await dueEndpoints()) roster.wake(id);
    roster.endTurns();
    metrics.gauge("msgbin_webhook_endpoints_active", roster.counts.active);
    metrics.gauge("msgbin_webhook_endpoints_waiting", roster.counts.waiting);
    if (!isStopping) cancelPoll = after(POLL_MS, () => void poll());
  }

  async function dueEndpoints(): Promise<readonly EndpointId[]> {
    try {
      return await store.dueEndpoints(clock.now(), POLL_LIMIT);
    } catch (error) {
      if (!(error instanceof StoreUnavailable))
        logger.error({ error: String(error) }, "due webhooks not found");
      return [];
    }
  }

  return {
    start() {
      forgetWakes = store.onWake((wake) => {
        if (wake.kind === "deliveries") roster.wake(wake.endpointId);
        else if (wake.kind === "directory") book.forget();
      });
      void poll();
    },
    async stop(deadlineMs) {
      isStopping = true;
      cancelPoll?.();
      forgetWakes?.();
      const deadline = Promise.withResolvers<void>();
      const cancelDeadline = after(deadlineMs, deadline.resolve);
      await Promise.race([roster.empty(), deadline.promise]);
      cancelDeadline();
      settler.stop();
    },
  };
}
