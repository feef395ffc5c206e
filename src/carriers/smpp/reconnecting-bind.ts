import type { Logger } from "../../domain/logger.ts";
import type { Metrics } from "../../domain/metrics.ts";
import { type ClientOptions, connectSmpp } from "../../smpp/net/smpp-client.ts";
import type { ConnectionHandlers } from "../../smpp/net/connection-handlers.ts";
import type { SmppConnection } from "../../smpp/net/smpp-connection.ts";
import type { CloseReason } from "../../smpp/session/close-reason.ts";
import type { SessionState } from "../../smpp/session/session-options.ts";
import { BackOff, isTurnedAway, type Paces, troubleOf } from "./back-off.ts";
import { closeWords } from "./close-words.ts";

/** What a bind needs of the world. */
export interface BindDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Milliseconds that only go forward. */
  readonly monotonicMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly paces: Paces;
}

/** What its owner is told; besides these the handlers of a connection, save that it is up or closed. */
export interface BindHandlers<Context> extends Omit<ConnectionHandlers<Context>, "onBound" | "onClosed"> {
  onUp(): void;
  /** After the last outcome of a connection that was up, or when one could not be made. */
  onDown(): void;
  /** Once, after `leave` or `destroy`: nothing will follow. */
  onGone(): void;
}

const BOUND: ReadonlySet<SessionState> = new Set<SessionState>(["bound_trx", "bound_tx", "bound_rx"]);

type State<Context> =
  | { readonly kind: "waiting"; readonly timer: NodeJS.Timeout }
  | { readonly kind: "connecting" | "leaving"; readonly connection: SmppConnection<Context> }
  | { readonly kind: "bound"; readonly connection: SmppConnection<Context>; readonly sinceMs: number }
  | { readonly kind: "gone" };

/**
 * Keeps one bind to a carrier up for as long as it is wanted.
 *
 * It begins `connecting`. When the carrier accepts the bind it is `bound`. Whatever ends the connection, refused credentials
 * too, makes it `waiting`: for a time that grows with each failure in a row and depends on what went wrong; then it is
 * `connecting` again. `leave` ends it: a bound one is `leaving` until what is outstanding is answered and the unbind is said,
 * any other is `gone` at once. `destroy` makes it `gone` without waiting.
 */
export class ReconnectingBind<Context> {
  readonly #name: string;
  readonly #slot: number;
  readonly #options: ClientOptions;
  readonly #handlers: BindHandlers<Context>;
  readonly #deps: BindDeps;
  readonly #backOff: BackOff;
  #state: State<Context>;
  #detail = "connecting";
  #isUnreachable = false;
  #isTurnedAway = false;

  constructor(
    name: string,
    slot: number,
    options: ClientOptions,
    handlers: BindHandlers<Context>,
    deps: BindDeps,
  ) {
    this.#name = name;
    this.#slot = slot;
    this.#options = options;
    this.#handlers = handlers;
    this.#deps = deps;
    this.#backOff = new BackOff(deps.paces, deps.random);
    this.#state = { kind: "connecting", connection: this.#connect() };
  }

  /** The connection, while it is bound: not from the moment that either side wants to unbind, or that it is lost. */
  get connection(): SmppConnection<Context> | null {
    if (this.#state.kind !== "bound") return null;
    return BOUND.has(this.#state.connection.state) ? this.#state.connection : null;
  }

  /** Requests that are unanswered, on a bind that is leaving too. */
  get pendingRequests(): number {
    return "connection" in this.#state ? this.#state.connection.pendingRequests : 0;
  }

  /** In words, how it is or what went wrong last. */
  get detail(): string {
    const isEnding = this.#state.kind === "bound" && this.connection === null;
    return isEnding ? "unbinding" : this.#detail;
  }

  /** Whether it has not failed yet. */
  get isFresh(): boolean {
    return this.#state.kind === "connecting" && this.#detail === "connecting";
  }

  /** Whether the latest attempt ended before the carrier answered; a bind that was up and is lost had its answer. */
  get isUnreachable(): boolean {
    return this.#isUnreachable;
  }

  /** Whether the carrier's latest answer was that the bind failed. */
  get isTurnedAway(): boolean {
    return this.#isTurnedAway;
  }

  /** Unbinds, and binds again as after any other loss. */
  renew(): void {
    this.connection?.unbind();
  }

  /** Gives the bind up in order. */
  leave(): void {
    switch (this.#state.kind) {
      case "bound": {
        const { connection } = this.#state;
        this.#state = { kind: "leaving", connection };
        return connection.unbind();
      }
      case "connecting":
      case "waiting":
        return this.destroy();
      case "leaving":
      case "gone":
        return undefined;
      default:
        return this.#state satisfies never;
    }
  }

  /** Gives the bind up at once: the carrier is told, and nothing is waited for. */
  destroy(): void {
    const state = this.#state;
    if (state.kind === "gone") return;
    if (state.kind === "waiting") {
      clearTimeout(state.timer);
      return this.#goAway();
    }
    this.#state = { kind: "leaving", connection: state.connection };
    state.connection.abandon();
  }

  #connect(): SmppConnection<Context> {
    const handlers = this.#handlers;
    return connectSmpp<Context>(this.#options, {
      onBound: () => this.#becomeBound(),
      onOutcomes: (outcomes, connection) => handlers.onOutcomes(outcomes, connection),
      onRequests: (requests, connection) => handlers.onRequests(requests, connection),
      onWindow: (freeSlots, connection) => handlers.onWindow?.(freeSlots, connection),
      onClosed: (reason) => this.#closed(reason),
    });
  }

  #becomeBound(): void {
    if (this.#state.kind !== "connecting") return;
    const { connection } = this.#state;
    this.#state = { kind: "bound", connection, sinceMs: this.#deps.monotonicMs() };
    this.#detail = "bound";
    this.#isUnreachable = false;
    this.#isTurnedAway = false;
    this.#deps.logger.info({ carrier: this.#name, bind: this.#slot }, "bound to the carrier");
    this.#handlers.onUp();
  }

  #closed(reason: CloseReason): void {
    const state = this.#state;
    if (state.kind === "leaving") return this.#goAway();
    if (state.kind === "bound") this.#backOff.held(this.#deps.monotonicMs() - state.sinceMs);
    const trouble = troubleOf(reason);
    this.#isUnreachable = state.kind === "connecting" && trouble === "line";
    this.#isTurnedAway = isTurnedAway(reason);
    const waitMs = this.#backOff.next(trouble);
    const timer = setTimeout(() => this.#reconnect(), waitMs);
    this.#state = { kind: "waiting", timer };
    this.#detail = closeWords(reason);
    this.#report(reason, waitMs);
    this.#handlers.onDown();
  }

  #report(reason: CloseReason, waitMs: number): void {
    const { logger, metrics } = this.#deps;
    metrics.count("msgbin_carrier_disconnects_total", { carrier: this.#name, reason: reason.kind });
    const fields = { carrier: this.#name, bind: this.#slot, reason: this.#detail, retryInMs: waitMs };
    // Nothing gets better by itself when the account is refused: an operator has to look at it.
    if (troubleOf(reason) === "rejected") logger.error(fields, "the carrier refuses our credentials");
    else logger.warn(fields, "not bound to the carrier");
  }

  #reconnect(): void {
    this.#state = { kind: "connecting", connection: this.#connect() };
  }

  #goAway(): void {
    this.#state = { kind: "gone" };
    this.#detail = "unbound";
    this.#handlers.onGone();
  }
}
