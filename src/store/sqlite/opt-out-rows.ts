import { createHash } from "node:crypto";
import { type CustomerId, firstIdAt } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import { digitsOf } from "../../domain/owned-number.ts";
import type { OptOutPeriod } from "../opting-out.ts";
import {
  bytes,
  type Connection,
  integer,
  integerOrNull,
  type Row,
  type Statement,
  text,
} from "./connection.ts";
import { bytesToId } from "./id-bytes.ts";

/** The columns of a period in the order that {@link readPeriod} takes them. */
export const OPT_OUT_COLUMNS = "customer_id, opt_out_id, sender, handset, since, until, began_by, ended_by";

export const OPT_OUT_SQL = {
  lasting: `
    SELECT ${OPT_OUT_COLUMNS} FROM opt_outs INDEXED BY opt_outs_lasting
    WHERE customer_id = ? AND sender_key = ? AND handset_key = ? AND until IS NULL`,
  customers: "SELECT DISTINCT customer_id FROM opt_outs INDEXED BY opt_outs_lasting WHERE until IS NULL",
} as const;

/** Under which a sender is found, however its number is written. */
export function senderKey(sender: string): string {
  return digitsOf(sender);
}

/** Under which a handset is found, however its number is written, and also once the number itself is erased. */
export function handsetKey(handset: string): Uint8Array {
  return createHash("sha256").update(digitsOf(handset)).digest();
}

export function readPeriod(row: Row): OptOutPeriod {
  const until = integerOrNull(row[5]);
  return {
    customerId: bytesToId(bytes(row[0])) as CustomerId, // a customer_id column
    id: bytesToId(bytes(row[1])),
    sender: text(row[2]),
    handset: text(row[3]),
    since: micros(integer(row[4])),
    until: until === null ? null : micros(until),
    beganBy: text(row[6]),
    endedBy: text(row[7]),
  };
}

/**
 * The lasting opt-outs as the writer asks for them. It remembers which customers may have one, so that those without cost
 * nothing; a customer whose last one ended is remembered until the next start, which costs look-ups and nothing else.
 */
export class OptOutRows {
  readonly #customers = new Set<string>();
  readonly #lasting: Statement;
  /** No message with a greater id was accepted before the last opt-out that began since the start. */
  #latestId = "";

  constructor(connection: Connection) {
    this.#lasting = connection.prepare(OPT_OUT_SQL.lasting);
    for (const customerId of customersWithOptOuts(connection)) this.#customers.add(customerId);
  }

  get isEmpty(): boolean {
    return this.#customers.size === 0;
  }

  mayHaveSome(customerId: string): boolean {
    return this.#customers.has(customerId);
  }

  /**
   * Whether some opt-out began after a message was accepted. Those from before the start do not count: what waited in memory
   * then is queued again.
   */
  beganAfter(messageId: string): boolean {
    return messageId < this.#latestId;
  }

  /** Takes in that a period began. It is kept when the transaction is rolled back: too many is no harm. */
  began({ customerId, since }: OptOutPeriod): void {
    this.#customers.add(customerId);
    const id = firstIdAt(since);
    if (id > this.#latestId) this.#latestId = id;
  }

  /** The period that lasts. */
  lasting(customer: Uint8Array, sender: string, handset: string): OptOutPeriod | null {
    const row = this.#lasting.get(customer, senderKey(sender), handsetKey(handset));
    return row === undefined ? null : readPeriod(row);
  }
}

/** Every customer with a lasting opt-out. */
export function customersWithOptOuts(connection: Connection): string[] {
  return connection
    .prepare(OPT_OUT_SQL.customers)
    .all()
    .map((row) => bytesToId(bytes(row[0])));
}
