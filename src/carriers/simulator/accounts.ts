import type { Account } from "./deliveries.ts";
import { Fifo } from "./fifo.ts";

/** Accounts that are kept; over it binds of new ones are refused. */
export const MAX_ACCOUNTS = 1_000;

/** The clients by system id: made when they first bind. */
export class Accounts {
  readonly #bySystemId = new Map<string, Account>();

  /** The account with this name; null when it would be one too many. */
  get(systemId: string): Account | null {
    const known = this.#bySystemId.get(systemId);
    if (known !== undefined) return known;
    if (this.#bySystemId.size >= MAX_ACCOUNTS) return null;
    const account: Account = {
      systemId,
      binds: new Set(),
      ghosts: 0,
      waiting: new Fifo(),
      second: 0,
      submitsThisSecond: 0,
    };
    this.#bySystemId.set(systemId, account);
    return account;
  }

  all(): readonly Account[] {
    return [...this.#bySystemId.values()];
  }

  /** Whom a message from a handset is for when nobody says: the first account that can receive, else the first of all. */
  receiver(): Account | null {
    const accounts = this.all();
    return accounts.find(isReceiving) ?? accounts[0] ?? null;
  }
}

function isReceiving({ binds }: Account): boolean {
  return [...binds].some(({ kind }) => kind !== "tx");
}
