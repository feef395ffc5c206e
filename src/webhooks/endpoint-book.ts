import type { Clock } from "../domain/clock.ts";
import type { EndpointId } from "../domain/ids.ts";
import { addMs, type Micros, micros } from "../domain/micros.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { EndpointHealth } from "../store/announcing.ts";
import type { DirectoryStore } from "../store/directory.ts";
import { type Receiver, toReceiver } from "./receiver.ts";

/** How old what is known of an endpoint may be: a changed address or secret counts for the next attempt after that. */
const FRESH_MS = 5_000;
export const ENDPOINTS_KEPT = 10_000;

/** The start of a run of failures is written this often at most: an endpoint that fails every second time would write it for ever. */
const FAILING_NOTED_EVERY_MS = 60_000;

export interface EndpointBookOptions {
  readonly store: Pick<DirectoryStore, "getEndpoint">;
  readonly clock: Clock;
  readonly secrets: SecretBox;
  readonly allowPrivate: boolean;
}

interface Entry {
  receiver: Receiver;
  freshUntil: Micros;
  failingNotedAt: Micros;
}

/** What is known of the endpoints that are being called. */
export class EndpointBook {
  readonly #options: EndpointBookOptions;
  /** The one read longest ago first. */
  readonly #entries = new Map<EndpointId, Entry>();

  constructor(options: EndpointBookOptions) {
    this.#options = options;
  }

  /** The endpoint if it was read a moment ago, else undefined: then {@link load} it. */
  fresh(id: EndpointId): Receiver | undefined {
    const entry = this.#entries.get(id);
    return entry !== undefined && entry.freshUntil > this.#options.clock.now() ? entry.receiver : undefined;
  }

  /** Reads the endpoint; null when it was removed. */
  async load(id: EndpointId): Promise<Receiver | null> {
    const { store, clock, secrets, allowPrivate } = this.#options;
    const endpoint = await store.getEndpoint(id);
    const known = this.#entries.get(id);
    this.#entries.delete(id);
    if (endpoint === null) return null;
    const now = clock.now();
    const receiver = toReceiver(endpoint, now, secrets, allowPrivate);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= ENDPOINTS_KEPT && oldest !== undefined) this.#entries.delete(oldest);
    const failingNotedAt = known?.failingNotedAt ?? micros(0);
    this.#entries.set(id, { receiver, freshUntil: addMs(now, FRESH_MS), failingNotedAt });
    return receiver;
  }

  /** Some endpoint changed: nothing is fresh any more. */
  forget(): void {
    for (const entry of this.#entries.values()) entry.freshUntil = micros(0);
  }

  /** Takes note of how an attempt went; what the store is to be told, null when it is nothing new. */
  note(
    receiver: Receiver,
    at: Micros,
    isSuccess: boolean,
    disabledReason: string | null,
  ): EndpointHealth | null {
    const { endpoint } = receiver;
    const since = endpoint.tmFailingSince;
    if (isSuccess && since === null) return null;
    const entry = this.#entries.get(endpoint.id);
    const isNoted =
      since !== null || (entry !== undefined && addMs(entry.failingNotedAt, FAILING_NOTED_EVERY_MS) > at);
    if (!isSuccess && isNoted && disabledReason === null) return null;
    const tmFailingSince = isSuccess ? null : (since ?? at);
    if (entry !== undefined && entry.receiver.endpoint.uri === endpoint.uri) {
      const known = { ...entry.receiver.endpoint, tmFailingSince };
      if (!isSuccess) entry.failingNotedAt = at;
      entry.receiver =
        disabledReason === null
          ? { ...entry.receiver, endpoint: known }
          : { kind: "off", endpoint: { ...known, disabledReason }, reason: disabledReason };
    }
    return { endpointId: endpoint.id, uri: endpoint.uri, tmFailingSince, disabledReason };
  }
}
