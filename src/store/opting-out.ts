import type { CustomerId } from "../domain/ids.ts";
import type { Micros } from "../domain/micros.ts";
import type { OptOut } from "../domain/opt-out.ts";
import { digitsOf } from "../domain/owned-number.ts";

/** One period in which a handset did not want to hear from a sender. Periods are never deleted, only ended. */
export interface OptOutPeriod {
  readonly id: string;
  readonly customerId: CustomerId;
  /** The sender's normalised target. */
  readonly sender: string;
  /** The handset's normalised target. */
  readonly handset: string;
  readonly since: Micros;
  /** Null while it lasts. */
  readonly until: Micros | null;
  /** `keyword:STOP`, `api`, `keyword:START`…: what began it and what ended it. */
  readonly beganBy: string;
  readonly endedBy: string;
}

/** A period as wakes tell of it. */
export function optOutOf({ customerId, sender, handset, since }: OptOutPeriod): OptOut {
  return { customerId, sender: digitsOf(sender), handset: digitsOf(handset), since };
}

export interface OptOutStore {
  /** Begins a period unless one lasts; answers the one that lasts now, and tells listeners of it. */
  beginOptOut(period: OptOutPeriod): Promise<OptOutPeriod>;
  /** Ends the period that lasts; null when none did. */
  endOptOut(
    customerId: CustomerId,
    sender: string,
    handset: string,
    at: Micros,
    by: string,
  ): Promise<OptOutPeriod | null>;
  /** Which of the handsets have opted out of the sender now. At most 1,000 handsets. Cheap when the customer has none at all. */
  optedOut(customerId: CustomerId, sender: string, handsets: readonly string[]): Promise<ReadonlySet<string>>;
  /** Newest first; `lasting` leaves the ended ones out. */
  listOptOuts(query: {
    readonly customerId: CustomerId;
    readonly sender: string | null;
    readonly handset: string | null;
    readonly lasting: boolean;
    readonly before: string | null;
    readonly limit: number;
  }): Promise<readonly OptOutPeriod[]>;
}
