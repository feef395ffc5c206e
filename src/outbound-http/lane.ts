import type { Client, Dispatcher } from "undici";
import { Exchange, type ExchangeLimits } from "./exchange.ts";
import type { Outcome } from "./outcome.ts";

/** What a lane needs to make and to get rid of its connections. */
export interface LaneOptions {
  readonly open: () => Client;
  /** Breaks a connection off. */
  readonly destroy: (client: Client) => void;
  /** At most so many at a time; requests beyond it wait their turn. */
  readonly connections: number;
  /** Called when the last request of those in flight has ended. */
  readonly onIdle: () => void;
}

export interface Exchanged {
  readonly outcome: Outcome;
  /** It was lost on a connection that had served before: most likely the other side was just closing it as idle. */
  readonly isStale: boolean;
}

interface Connection {
  readonly client: Client;
  hasServed: boolean;
  /** What is in flight on it. */
  exchange: Exchange | null;
}

interface Request {
  readonly exchange: Exchange;
  readonly options: Dispatcher.DispatchOptions;
  connection: Connection | null;
}

/**
 * The connections of one lane to one origin, one request on each at a time. undici's Pool is passed over because a connection
 * counts as busy there until the next turn of the event loop: each answer that leads to the next request would open another.
 */
export class Lane {
  readonly #options: LaneOptions;
  /** The one used last is used next, so that those not needed grow idle and close. */
  readonly #free: Connection[] = [];
  readonly #waiting: Request[] = [];
  readonly #connections = new Set<Connection>();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Requests in flight or waiting. */
  get load(): number {
    return this.#busy + this.#waiting.length;
  }

  request(options: Dispatcher.DispatchOptions, limits: ExchangeLimits): Promise<Exchanged> {
    return new Promise((resolve) => {
      const exchange = new Exchange(limits, (outcome) =>
        resolve({ outcome, isStale: this.#finish(request, outcome) }),
      );
      const request: Request = { exchange, options, connection: null };
      this.#waiting.push(request);
      this.#startNext();
    });
  }

  /** Ends all requests as aborted and breaks off all connections. */
  close(): void {
    for (const { exchange } of this.#waiting.splice(0)) exchange.fail("aborted", "the client was closed");
    for (const { exchange } of this.#connections) exchange?.fail("aborted", "the client was closed");
    for (const connection of this.#free.splice(0)) this.#destroy(connection);
  }

  /** Requests in flight. */
  get #busy(): number {
    return this.#connections.size - this.#free.length;
  }

  #startNext(): void {
    while (this.#waiting.length > 0 && this.#busy < this.#options.connections) {
      const next = this.#waiting.shift();
      if (next === undefined || next.exchange.isSettled) continue;
      const connection = this.#free.pop() ?? this.#open();
      connection.exchange = next.exchange;
      next.connection = connection;
      connection.client.dispatch(next.options, next.exchange);
    }
  }

  #open(): Connection {
    const connection: Connection = { client: this.#options.open(), hasServed: false, exchange: null };
    this.#connections.add(connection);
    return connection;
  }

  #destroy(connection: Connection): void {
    this.#connections.delete(connection);
    this.#options.destroy(connection.client);
  }

  /** Answers whether the connection was stale. One that failed is not used again: whatever is left on it is unknown. */
  #finish({ connection }: Request, outcome: Outcome): boolean {
    let isStale = false;
    if (connection !== null) {
      connection.exchange = null;
      if (outcome.kind === "answered") {
        connection.hasServed = true;
        this.#free.push(connection);
      } else {
        isStale = connection.hasServed && outcome.reason === "connection_lost" && outcome.status === null;
        this.#destroy(connection);
      }
    }
    this.#startNext();
    if (this.load === 0) this.#options.onIdle();
    return isStale;
  }
}
