import type { DataSmBody, DeliverSmBody } from "../../smpp/pdu/pdu.ts";
import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import type { RequestOutcome } from "../../smpp/session/request-outcome.ts";
import type { Behaviours } from "./behaviours.ts";
import type { Fifo } from "./fifo.ts";
import { OddBytes } from "./odd-bytes.ts";
import type { Schedule } from "./schedule.ts";
import type { SimulatedBind } from "./simulated-bind.ts";
import type { Counters } from "./counters.ts";

/** A deliver_sm or data_sm on its way to a client. */
export interface Delivery {
  readonly account: Account;
  readonly body: DeliverSmBody | DataSmBody;
  /** The bind that the message came over that this is the receipt of; null for messages from handsets. */
  readonly origin: SimulatedBind | null;
  attempts: number;
}

/** The binds of one system id, and what waits for them. */
export interface Account {
  readonly systemId: string;
  readonly binds: Set<SimulatedBind>;
  /** Lost without unbind and not yet forgotten. */
  ghosts: number;
  readonly waiting: Fifo<Delivery>;
  /** Submissions of the present second. */
  second: number;
  submitsThisSecond: number;
}

/** What waits for one account; over it the new ones are dropped and counted. */
export const MAX_WAITING = 500_000;
/** A delivery that a client refuses so often is given up. */
export const MAX_DELIVERY_ATTEMPTS = 1_000;

const TEMPORARY: ReadonlySet<number> = new Set([
  COMMAND_STATUS.ESME_RX_T_APPN,
  COMMAND_STATUS.ESME_RSYSERR,
  COMMAND_STATUS.ESME_RMSGQFUL,
  COMMAND_STATUS.ESME_RTHROTTLED,
]);

/**
 * Brings receipts and messages from handsets to the clients: over binds that may receive, within their windows, again and again
 * until they are taken. What nobody is bound for waits.
 */
export class Deliveries {
  readonly #behaviours: () => Behaviours;
  readonly #schedule: Schedule;
  readonly #counters: Counters;
  readonly #oddBytes = new OddBytes();
  #turn = 0;

  constructor(behaviours: () => Behaviours, schedule: Schedule, counters: Counters) {
    this.#behaviours = behaviours;
    this.#schedule = schedule;
    this.#counters = counters;
  }

  deliver(delivery: Delivery): void {
    const { account } = delivery;
    if (account.waiting.size === 0 && this.#send(delivery)) return;
    if (account.waiting.size < MAX_WAITING) account.waiting.push(delivery);
    else this.#counters.deliveriesDropped++;
  }

  /** A bind came, or has room again. */
  resume({ waiting }: Account): void {
    for (let next = waiting.first(); next !== undefined; next = waiting.first()) {
      if (!this.#send(next)) return;
      waiting.shift();
    }
  }

  takeOutcomes(outcomes: readonly RequestOutcome<Delivery>[]): void {
    for (const outcome of outcomes) this.#takeOutcome(outcome);
  }

  #takeOutcome(outcome: RequestOutcome<Delivery>): void {
    const delivery = outcome.context;
    switch (outcome.kind) {
      case "answered":
        return this.#answered(delivery, outcome.response.commandStatus);
      case "nacked":
      case "unreadable":
        return this.#answered(delivery, outcome.commandStatus);
      case "timed-out":
      case "lost":
      case "not-written":
        return this.deliver(delivery);
      default:
        return outcome satisfies never;
    }
  }

  #answered(delivery: Delivery, commandStatus: number): void {
    if (commandStatus === COMMAND_STATUS.ESME_ROK) {
      this.#counters.deliveriesTaken++;
      return;
    }
    this.#counters.deliveriesRefused++;
    delivery.attempts++;
    if (!TEMPORARY.has(commandStatus) || delivery.attempts >= MAX_DELIVERY_ATTEMPTS) return;
    this.#schedule.after(this.#behaviours().receiptRetryMs, () => this.deliver(delivery));
  }

  /** False when it must wait. What does not fit into a PDU never will, and is dropped: all that came after it would wait too. */
  #send(delivery: Delivery): boolean {
    const bind = this.#bindFor(delivery);
    if (bind === null) return false;
    const odd = this.#oddBytes.write(delivery.body, this.#behaviours());
    if (odd !== null) {
      bind.connection.writeRaw(odd);
      this.#counters.deliveriesSent++;
      return true;
    }
    const sent = bind.connection.request(delivery.body, delivery);
    if (sent.ok) this.#counters.deliveriesSent++;
    else if (sent.reason === "unencodable") this.#counters.deliveriesDropped++;
    else return false;
    return true;
  }

  /** A bind with room; the one asked for where it is there. */
  #bindFor({ account, origin }: Delivery): SimulatedBind | null {
    const { receiptBind } = this.#behaviours();
    if (receiptBind === "same" && origin !== null && origin.connection.writableWindow() > 0) return origin;
    const open = [...account.binds].filter((bind) => bind.connection.writableWindow() > 0);
    if (origin === null || receiptBind !== "other") return this.#inTurn(open);
    const others = open.filter((bind) => bind !== origin);
    return this.#inTurn(others.length > 0 ? others : open);
  }

  #inTurn(binds: readonly SimulatedBind[]): SimulatedBind | null {
    this.#turn++;
    return binds[this.#turn % binds.length] ?? null;
  }
}
