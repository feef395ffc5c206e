/**
 * Nothing was written and a later try may succeed. `reason` says what an operator should look at: what is `damaged` has to
 * be restored first. With `outcome_unknown` alone it may have been written all the same, and nobody knows yet.
 */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  readonly reason:
    | "disk_full"
    | "read_only"
    | "damaged"
    | "connection_lost"
    | "busy"
    | "closed"
    | "outcome_unknown";

  constructor(reason: StoreUnavailable["reason"], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}
