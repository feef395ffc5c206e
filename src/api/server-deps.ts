import type { Accept } from "../accept/accept.ts";
import type { Clock } from "../domain/clock.ts";
import type { FillRandom, Ids } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { MessageDeskStore, MessageStore } from "../store/accepting.ts";
import type { DirectoryStore } from "../store/directory.ts";
import type { ErasureStore } from "../store/erasing.ts";
import type { HoldStore } from "../store/holding.ts";
import type { NumberStore } from "../store/numbering.ts";
import type { OptOutStore } from "../store/opting-out.ts";
import type { RecountStore } from "../store/recounting.ts";
import type { Store } from "../store/store.ts";
import type { Tokens } from "./auth/jwt.ts";
import type { Passwords } from "./auth/password.ts";
import type { CarrierDesk } from "./carrier-desk.ts";
import type { HandsetDesk } from "./handset-desk.ts";
import type { MetricsText } from "./routes/metrics-get.ts";
import type { Readiness } from "./routes/readyz.ts";
import type { TestWebhook } from "./webhook-tester.ts";
import type { CheckAddress } from "./webhook-address.ts";

/** What the composition root hands to the HTTP door; each route is passed on only what it uses. */
export interface ServerDeps {
  readonly store: MessageStore &
    MessageDeskStore &
    DirectoryStore &
    HoldStore &
    NumberStore &
    OptOutStore &
    RecountStore &
    ErasureStore &
    Pick<Store, "onWake">;
  readonly accept: Accept;
  readonly carriers: CarrierDesk;
  /** Null where no simulator runs. */
  readonly handsets: HandsetDesk | null;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  /** Milliseconds that only go forward (`performance.now`), for rate limits and the memory of credentials. */
  readonly monotonicMs: () => number;
  readonly ids: Ids;
  readonly fillRandom: FillRandom;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly checkAddress: CheckAddress;
  readonly testWebhook: TestWebhook;
  readonly readiness: () => Promise<Readiness>;
  readonly renderMetrics: () => Promise<MetricsText>;
  /** False on a node that others are not to call: then only its health and metrics are served. */
  readonly servesApi: boolean;
  readonly version: string;
  readonly publicUrl: string | null;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** For each customer and each address, with bursts of twice that; null without a limit. */
  readonly requestsPerSecond: number | null;
}
