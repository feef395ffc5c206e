import type { Clock } from "../../domain/clock.ts";
import type { CustomerId } from "../../domain/ids.ts";
import type { Logger } from "../../domain/logger.ts";
import { PacedLine } from "../../domain/paced-line.ts";
import { UnderWay } from "../../domain/under-way.ts";
import type { Store } from "../../store/store.ts";
import { SOCKETS_MAX, SOCKETS_PER_CUSTOMER_MAX } from "../limits.ts";
import { type Bearer, CredentialWatch } from "./credential-watch.ts";
import type { LiveSocket } from "./live-socket.ts";

/** So often it is asked which sockets are due without having been woken: to look far back, and to have waited too long for room. */
const POLL_MS = 1_000;
/** Wakes come in swarms: so long after one all sockets that were woken read together. */
const GATHER_MS = 50;
const HEARTBEAT_MS = 30_000;
/** Sockets that read from the store at a time: others have questions too. */
const AT_ONCE = 8;
/** When the server stops, a client gets this long to say goodbye. */
const GOODBYE_MS = 1_000;

/** RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;
/** Ours, from the range for applications (RFC 6455 §7.4.2). */
const UNAUTHENTICATED = 4401;

/** A socket, and the credential that it came with. */
export interface LiveMember extends Pick<Bearer, "expiresAt" | "isStillGood"> {
  readonly socket: LiveSocket;
}

interface LiveDeskDeps {
  readonly store: Pick<Store, "onWake">;
  readonly clock: Clock;
  /** Milliseconds that never step. */
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}

/**
 * Keeps all WebSockets of this process fed: one loop for them, whatever their number. Only those read from the store that
 * have a reason to.
 */
export class LiveDesk {
  readonly #deps: LiveDeskDeps;
  readonly #members = new Map<CustomerId, Map<LiveSocket, Bearer>>();
  #count = 0;
  readonly #credentials: CredentialWatch;
  /** When the store is away, it is so for all of them. */
  readonly #untoldLine: PacedLine;
  readonly #forgetWakes: () => void;
  readonly #heart: NodeJS.Timeout;
  #timer: NodeJS.Timeout | null = null;
  #isSoon = false;
  #isFeeding = false;
  #isStopped = false;
  /** What asks the store. */
  readonly #asking = new UnderWay();

  constructor(deps: LiveDeskDeps) {
    this.#deps = deps;
    this.#credentials = new CredentialWatch(deps.clock);
    this.#untoldLine = new PacedLine(deps.monotonicMs);
    this.#forgetWakes = deps.store.onWake((wake) => {
      if (wake.kind === "directory") this.#credentials.look();
      else if (wake.kind === "events") this.#hearOfEvents(wake.customerId);
    });
    this.#heart = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  /** Why no further socket of the customer may come; null when one may. */
  refusal(customerId: CustomerId): string | null {
    if (this.#isStopped) return "the server stops";
    if (this.#count >= SOCKETS_MAX) return `there are ${SOCKETS_MAX} WebSockets already`;
    const own = this.#members.get(customerId)?.size ?? 0;
    return own >= SOCKETS_PER_CUSTOMER_MAX ? `you have ${SOCKETS_PER_CUSTOMER_MAX} WebSockets already` : null;
  }

  add({ socket, expiresAt, isStillGood }: LiveMember): void {
    const sendAway = (): void => socket.leave(UNAUTHENTICATED, "the credential is no longer good");
    const bearer = { expiresAt, isStillGood, sendAway };
    const own = this.#members.get(socket.customerId) ?? new Map<LiveSocket, Bearer>();
    this.#members.set(socket.customerId, own.set(socket, bearer));
    this.#count += 1;
    this.#credentials.add(bearer);
    this.#schedule(POLL_MS);
  }

  remove(socket: LiveSocket): void {
    const own = this.#members.get(socket.customerId);
    const bearer = own?.get(socket);
    if (own === undefined || bearer === undefined) return;
    own.delete(socket);
    if (own.size === 0) this.#members.delete(socket.customerId);
    this.#count -= 1;
    this.#credentials.remove(bearer);
  }

  /** A socket has something to do: looks soon. */
  wake(): void {
    if (this.#isSoon || this.#isStopped) return; // what cuts all connections off waits for its time
    this.#isSoon = true;
    if (this.#isFeeding) return; // the loop goes on soon by itself
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#schedule(GATHER_MS);
  }

  /**
   * Says goodbye to every client; answers at once.
   * @param cutAll ends every connection that is left a little later, also of who was sent away before and does not go
   */
  stop(cutAll: () => void): void {
    this.#isStopped = true;
    this.#forgetWakes();
    this.#credentials.stop();
    clearInterval(this.#heart);
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const socket of this.#sockets()) socket.leave(GOING_AWAY, "the server stops");
    this.#timer = setTimeout(cutAll, GOODBYE_MS);
  }

  /** All connections are gone: resolves when nothing is asked of the store any more. */
  async end(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all([this.#asking.idle(), this.#credentials.idle()]);
  }

  #hearOfEvents(customerId: CustomerId): void {
    const own = this.#members.get(customerId);
    if (own === undefined) return;
    for (const socket of own.keys()) socket.expectNews();
    this.wake();
  }

  *#sockets(): Iterable<LiveSocket> {
    for (const own of this.#members.values()) yield* own.keys();
  }

  #schedule(ms: number): void {
    if (this.#timer !== null || this.#isFeeding || this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#feed(), ms);
  }

  async #feed(): Promise<void> {
    this.#timer = null;
    this.#isFeeding = true;
    this.#asking.begin();
    this.#isSoon = false;
    const waiting = [...this.#sockets()].filter((socket) => socket.isDue());
    const line = Array.from({ length: AT_ONCE }, async () => {
      let isMore = false;
      for (let socket = waiting.pop(); socket !== undefined; socket = waiting.pop())
        isMore = (await this.#pump(socket)) || isMore;
      return isMore;
    });
    const isMore = (await Promise.all(line)).includes(true);
    this.#isFeeding = false;
    this.#asking.end();
    if (this.#count > 0) this.#schedule(isMore ? 0 : this.#isSoon ? GATHER_MS : POLL_MS);
  }

  async #pump(socket: LiveSocket): Promise<boolean> {
    try {
      return await socket.pump();
    } catch (error) {
      this.#untoldLine.happened((count) =>
        this.#deps.logger.warn({ count, error: String(error) }, "a WebSocket could not be told what is new"),
      );
      socket.leave(GOING_AWAY, "events cannot be read now: come back with last_event_id");
      return false;
    }
  }

  #beat(): void {
    for (const socket of this.#sockets()) socket.beat();
  }
}
