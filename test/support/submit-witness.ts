import type { SubmitEntry } from "../../src/carriers/simulator/submit-log.ts";
import { COMMAND_STATUS } from "../../src/smpp/pdu/command-status.ts";

/** What carriers saw of their clients, as their logs have it. Each carrier has one bind slot. */
export class SubmitWitness {
  /** By carrier and number: submit_sm read, whatever they were answered. */
  readonly #sent = new Map<string, number>();
  /** By number: submit_sm taken, at whichever carrier. */
  readonly #taken = new Map<string, number>();
  readonly #newest = new Map<string, number>();
  readonly #late: string[] = [];

  note(carrier: string, entry: Pick<SubmitEntry, "connection" | "destination" | "commandStatus">): void {
    const { connection, commandStatus } = entry;
    const number = digits(entry.destination);
    const newest = this.#newest.get(carrier) ?? 0;
    if (connection < newest) this.#late.push(`${carrier}: ${number} on ${connection} after ${newest}`);
    this.#newest.set(carrier, Math.max(newest, connection));
    count(this.#sent, `${carrier} ${number}`);
    if (commandStatus === COMMAND_STATUS.ESME_ROK) count(this.#taken, number);
  }

  /** What came on a bind after another bind, opened later, had been used. */
  get late(): readonly string[] {
    return this.#late;
  }

  /** The latest connection of each carrier that a submit_sm came over. */
  get newest(): ReadonlyMap<string, number> {
    return new Map(this.#newest);
  }

  sent(carrier: string, number: string): number {
    return this.#sent.get(`${carrier} ${digits(number)}`) ?? 0;
  }

  taken(number: string): number {
    return this.#taken.get(digits(number)) ?? 0;
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** A number as carriers write it. */
function digits(number: string): string {
  return number.replace(/\D/g, "");
}
