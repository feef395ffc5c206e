import type { CustomerId } from "../../domain/ids.ts";
import type { Logger } from "../../domain/logger.ts";
import { UnderWay } from "../../domain/under-way.ts";
import type { Store } from "../../store/store.ts";
import { SOCKETS_MAX, SOCKETS_PER_CUSTOMER_MAX } from "../limits.ts";
import type { LiveSocket } from "./live-socket.ts";

/** The safety net under lost wakes, and how changes of customers without webhooks are found, for which nobody is woken. */
const POLL_MS = 1_000;
/** Wakes come in swarms: so long after one all sockets are looked at together. */
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

/** A socket and a way to ask whether its credential is still good. */
export interface LiveMember {
  readonly socket: LiveSocket;
  readonly isStillGood: () => Promise<boolean>;
}

interface LiveDeskDeps {
  readonly store: Pick<Store, "onWake">;
  readonly logger: Logger;
}

/** Keeps all WebSockets of this process fed: one loop for them, whatever their number. */
export class LiveDesk {
  readonly #deps: LiveDeskDeps;
  readonly #members = new Set<LiveMember>();
  readonly #forgetWakes: () => void;
  readonly #heart: NodeJS.Timeout;
  #timer: NodeJS.Timeout | null = null;
  #isSoon = false;
  #isFeeding = false;
  #isChecking = false;
  #mustCheck = false;
  #isStopped = false;
  /** What asks the store. */
  readonly #asking = new UnderWay();

  constructor(deps: LiveDeskDeps) {
    this.#deps = deps;
    this.#forgetWakes = deps.store.onWake(({ kind }) => {
      if (kind === "directory") void this.#check();
      else this.wake();
    });
    this.#heart = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  /** Why no further socket of the customer may come; null when one may. */
  refusal(customerId: CustomerId): string | null {
    if (this.#isStopped) return "the server stops";
    if (this.#members.size >= SOCKETS_MAX) return `there are ${SOCKETS_MAX} WebSockets already`;
    const own = [...this.#members].filter(({ socket }) => socket.customerId === customerId).length;
    return own >= SOCKETS_PER_CUSTOMER_MAX ? `you have ${SOCKETS_PER_CUSTOMER_MAX} WebSockets already` : null;
  }

  add(member: LiveMember): void {
    this.#members.add(member);
    this.#schedule(POLL_MS);
  }

  remove(member: LiveMember): void {
    this.#members.delete(member);
  }

  /** Something may be new: looks soon. */
  wake(): void {
    if (this.#isSoon || this.#members.size === 0) return;
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
    clearInterval(this.#heart);
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const { socket } of this.#members) socket.leave(GOING_AWAY, "the server stops");
    this.#timer = setTimeout(cutAll, GOODBYE_MS);
  }

  /** All connections are gone: resolves when nothing is asked of the store any more. */
  async end(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#asking.idle();
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
    const waiting = [...this.#members];
    const line = Array.from({ length: AT_ONCE }, async () => {
      let isMore = false;
      for (let member = waiting.pop(); member !== undefined; member = waiting.pop())
        isMore = (await this.#pump(member)) || isMore;
      return isMore;
    });
    const isMore = (await Promise.all(line)).includes(true);
    this.#isFeeding = false;
    this.#asking.end();
    if (this.#members.size > 0) this.#schedule(isMore ? 0 : this.#isSoon ? GATHER_MS : POLL_MS);
  }

  async #pump({ socket }: LiveMember): Promise<boolean> {
    try {
      return await socket.pump();
    } catch (error) {
      this.#deps.logger.warn({ error: String(error) }, "a WebSocket could not be told what is new");
      socket.leave(GOING_AWAY, "events cannot be read now: come back with last_event_id");
      return false;
    }
  }

  #beat(): void {
    for (const { socket } of this.#members) socket.beat();
    void this.#check(); // some credentials end by the clock, and a wake may be lost
  }

  /** Sends away those whose credential is no longer good. One round at a time; who calls during one has another after it. */
  async #check(): Promise<void> {
    this.#mustCheck = true;
    if (this.#isChecking) return;
    this.#isChecking = true;
    this.#asking.begin();
    while (this.#mustCheck && !this.#isStopped) {
      this.#mustCheck = false;
      for (const { socket, isStillGood } of this.#members) {
        if (this.#isStopped) break;
        // A store that does not answer now says nothing against a credential.
        if (!(await isStillGood().catch(() => true)))
          socket.leave(UNAUTHENTICATED, "the credential is no longer good");
      }
    }
    this.#isChecking = false;
    this.#asking.end();
  }
}
