import type { Clock } from "../../domain/clock.ts";
import type { CarrierId, Ids } from "../../domain/ids.ts";
import type { Database } from "./connection.ts";
import type { Housekeeping } from "./keep-house.ts";
import type { OverlookedReceipts } from "./overlooked-receipts.ts";
import type { Wakes } from "./wakes.ts";

/** What the writing operations share. */
export interface WriterContext {
  readonly database: Database;
  readonly housekeeping: Housekeeping;
  readonly overlooked: OverlookedReceipts;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Carriers at which this process queued something. */
  readonly carriers: Set<CarrierId>;
  /** Called after a commit with what it owes. */
  readonly tell: (wakes: Wakes) => void;
  /** Does work that nobody waits for; whatever becomes of it, a sweep makes up for it. The store's close waits. */
  readonly later: (work: () => Promise<unknown>) => void;
}
