import type { LookupFunction } from "node:net";
import { buildConnector, Client } from "undici";
import { Lane } from "./lane.ts";

export interface LanesOptions {
  readonly lookup: LookupFunction;
  readonly connectTimeoutMs: number;
  /** Connections of one lane. */
  readonly connections: number;
  /** Lanes kept open with nothing in flight; beyond it the one unused for longest is closed. */
  readonly maxIdleLanes: number;
  /** Certificate authorities to trust instead of the usual ones, PEM. */
  readonly ca: string | undefined;
}

/** Servers commonly close idle connections after 5 s or more, and those that say when are believed. */
const KEEP_ALIVE_MS = 4_000;
const MAX_HEADER_BYTES = 16_384;

/** All lanes: for each name and origin one, opened when it is first asked for. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #connect: buildConnector.connector;
  readonly #lanes = new Map<string, Lane>();
  /** Keys of the lanes with nothing in flight, the one unused for longest first. */
  readonly #idle = new Set<string>();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: LanesOptions) {
    this.#options = options;
    const { lookup, connectTimeoutMs: timeout, ca } = options;
    // HTTP/2 would put all requests of a lane on one connection, where one that stalls holds up the rest
    this.#connect = buildConnector({ lookup, timeout, allowH2: false, ...(ca !== undefined && { ca }) });
  }

  get(name: string, origin: string): Lane {
    const key = `${name} ${origin}`;
    this.#idle.delete(key);
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane = new Lane({
      open: () => this.#open(origin),
      destroy: (client) => this.#destroy(client),
      connections: this.#options.connections,
      onIdle: () => this.#keepIdle(key),
    });
    this.#lanes.set(key, lane);
    return lane;
  }

  /** Ends everything that is in flight as aborted, and resolves when every connection is closed. */
  async close(): Promise<void> {
    for (const lane of this.#lanes.values()) lane.close();
    this.#lanes.clear();
    this.#idle.clear();
    await Promise.all(this.#closing);
  }

  #keepIdle(key: string): void {
    this.#idle.add(key);
    if (this.#idle.size <= this.#options.maxIdleLanes) return;
    const [oldest = key] = this.#idle;
    this.#lanes.get(oldest)?.close();
    this.#lanes.delete(oldest);
    this.#idle.delete(oldest);
  }

  #open(origin: string): Client {
    return new Client(origin, {
      connect: this.#connect,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 0, // the exchange has one time limit over all
      bodyTimeout: 0,
    });
  }

  #destroy(client: Client): void {
    const closed = client.destroy().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}
