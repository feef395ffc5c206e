import type { EventType } from "../../domain/event.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import { bytes, type Connection, type Statement, text } from "./connection.ts";
import { bytesToId } from "./id-bytes.ts";
import type { TransactionPart } from "./writer-context.ts";

/** What an endpoint that is switched on wants to hear. */
export interface Listening {
  readonly endpoint: Uint8Array;
  readonly endpointId: string;
  readonly events: readonly EventType[];
  readonly statuses: readonly TargetStatus[];
}

/** Beyond this many customers the cache starts anew. */
const CUSTOMERS_REMEMBERED = 10_000;

/** Who listens to a customer's events. Exact, for every change of an endpoint passes the writer, which then forgets. */
export class EndpointCache implements TransactionPart {
  readonly #byCustomer = new Map<string, readonly Listening[]>();
  readonly #select: Statement;

  constructor(connection: Connection) {
    this.#select = connection.prepare(`
      SELECT endpoint_id, events, statuses FROM endpoints
      WHERE customer_id = ? AND uri <> '' AND method <> '' AND disabled_reason IS NULL`);
  }

  /** The customer's endpoints that are switched on. */
  of(customerId: string, customer: Uint8Array): readonly Listening[] {
    const known = this.#byCustomer.get(customerId);
    if (known !== undefined) return known;
    if (this.#byCustomer.size >= CUSTOMERS_REMEMBERED) this.#byCustomer.clear();
    const found = this.#select.all(customer).map((row) => ({
      endpoint: bytes(row[0]),
      endpointId: bytesToId(bytes(row[0])),
      events: JSON.parse(text(row[1])) as EventType[], // only putEndpoint writes the column
      statuses: JSON.parse(text(row[2])) as TargetStatus[], // the same
    }));
    this.#byCustomer.set(customerId, found);
    return found;
  }

  forget(customerId: string): void {
    this.#byCustomer.delete(customerId);
  }

  afterRollback(): void {
    this.#byCustomer.clear();
  }
}

/** Whether an endpoint wants an event; `statuses` are those that targets were given, for `message_updated` only. */
export function wants(
  listening: Listening,
  type: EventType,
  statuses: ReadonlySet<TargetStatus> | null,
): boolean {
  if (listening.events.length > 0 && !listening.events.includes(type)) return false;
  if (statuses === null || listening.statuses.length === 0) return true;
  return listening.statuses.some((status) => statuses.has(status));
}
