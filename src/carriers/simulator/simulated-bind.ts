import type { SmppConnection } from "../../smpp/net/smpp-connection.ts";
import type { Account, Delivery } from "./deliveries.ts";

/** One client's connection, bound. */
export interface SimulatedBind {
  /** Counts up from 1 over the simulator's life. */
  readonly number: number;
  readonly account: Account;
  readonly kind: "trx" | "tx" | "rx";
  readonly connection: SmppConnection<Delivery>;
  /** submit_sm that came over it. */
  submits: number;
  /** Its connection is about to break: nothing is read from it any more. */
  isDropped: boolean;
}
