import type { Clock } from "../domain/clock.ts";
import type { EndpointId } from "../domain/ids.ts";
import { addMs, type Micros, micros } from "../domain/micros.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { EndpointHealth } from "../store/announcing.ts";
import type { DirectoryStore } from "../store/directory.ts";
import { type Receiver, toReceiver } from "./receiver.ts";

/** How old what is known of an endpoint may be: a changed address or secret counts for the next attempt after that. */
export const FRESH_MS = 5_000;
export const ENDPOINTS_KEPT = 10_000;

/** The start of failures is written this often at most: an endpoint that fails every second time would write without end. */
export const FAILING_NOTED_EVERY_MS = 60_000;

export interface EndpointBookOptions {
  readonly store: Pick<DirectoryStore, "getEndpoint">;
  readonly clock: Clock;
  readonly secrets: SecretBox;
  readonly allowPrivate: boolean;
}

/** What an attempt showed of its endpoint. */
export interface Showing {
  readonly at: Micros;
  readonly isSuccess: boolean;
  /** Why the endpoint is to be switched off; null when it is not. */
  readonly disabledReason: string | null;
}

interface Entry {
  receiver: Receiver;
  readonly freshUntil: Micros;
  /** Entries of earlier editions are not fresh. */
  readonly edition: number;
  failingNotedAt: Micros;
  /** When the last run of failures began whose end was told of. */
  endedRun: Micros | null;
}

/** What is known of the endpoints that are being called. */
export class EndpointBook {
  readonly #options: EndpointBookOptions;
  /** The one read longest ago first. */
  readonly #entries = new Map<EndpointId, Entry>();
  readonly #underway = new Map<EndpointId, Promise<Receiver | null>>();
  #edition = 0;

  constructor(options: EndpointBookOptions) {
    this.#options = options;
  }

  /** The endpoint if it was read a moment ago, else undefined: then {@link load} it. */
  fresh(id: EndpointId): Receiver | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.edition !== this.#edition) return undefined;
    return entry.freshUntil > this.#options.clock.now() ? entry.receiver : undefined;
  }

  /** Reads the endpoint, once for all who ask at the same time; null when it was removed. */
  load(id: EndpointId): Promise<Receiver | null> {
    const underway = this.#underway.get(id) ?? this.#read(id).finally(() => this.#underway.delete(id));
    this.#underway.set(id, underway);
    return underway;
  }

  /** Some endpoint changed: nothing is fresh any more. */
  forget(): void {
    this.#edition += 1;
  }

  /** Takes in what an attempt showed; answers what the store is to be told, null when that is nothing new. */
  note(receiver: Receiver, showing: Showing): EndpointHealth | null {
    const { id, uri, tmFailingSince: since } = receiver.endpoint;
    const { at, isSuccess, disabledReason } = showing;
    const entry = this.#entries.get(id);
    const mayBeNoted = entry === undefined || addMs(entry.failingNotedAt, FAILING_NOTED_EVERY_MS) <= at;
    const isNews = isSuccess ? since !== null : disabledReason !== null || (since === null && mayBeNoted);
    if (!isNews) return null;
    const tmFailingSince = isSuccess ? null : (since ?? at);
    const health = { endpointId: id, uri, tmFailingSince, disabledReason, at };
    if (entry === undefined || entry.receiver.endpoint.uri !== uri) return health;
    if (!isSuccess) entry.failingNotedAt = at;
    entry.receiver = withHealth(entry.receiver, health);
    return health;
  }

  /**
   * Whether a success is the first word of the end of the run of failures that its receiver was in: attempts that were under
   * way together all end it, and so does one whose receiver was read before the end was written.
   */
  endsRun({ endpoint }: Receiver): boolean {
    const entry = this.#entries.get(endpoint.id);
    if (entry?.endedRun === endpoint.tmFailingSince) return false;
    if (entry !== undefined) entry.endedRun = endpoint.tmFailingSince;
    return true;
  }

  async #read(id: EndpointId): Promise<Receiver | null> {
    const { store, clock, secrets, allowPrivate } = this.#options;
    const edition = this.#edition;
    const endpoint = await store.getEndpoint(id);
    const { failingNotedAt = micros(0), endedRun = null } = this.#entries.get(id) ?? {};
    this.#entries.delete(id);
    if (endpoint === null) return null;
    const now = clock.now();
    const receiver = toReceiver(endpoint, now, secrets, allowPrivate);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= ENDPOINTS_KEPT && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(id, { receiver, freshUntil: addMs(now, FRESH_MS), edition, failingNotedAt, endedRun });
    return receiver;
  }
}

function withHealth(receiver: Receiver, { tmFailingSince, disabledReason }: EndpointHealth): Receiver {
  const endpoint = { ...receiver.endpoint, tmFailingSince };
  if (disabledReason === null) return { ...receiver, endpoint };
  return { kind: "off", endpoint: { ...endpoint, disabledReason }, reason: disabledReason };
}
