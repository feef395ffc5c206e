import type { EndpointId } from "../domain/ids.ts";
import { addMs } from "../domain/micros.ts";
import { EndpointWorker, type WorkerDeps, type WorkerKeeper } from "./endpoint-worker.ts";
import { Pace } from "./pace.ts";

export interface RosterLimits {
  /** Endpoints served at a time. */
  readonly workers: number;
  /** Attempts at a time over all endpoints. */
  readonly attempts: number;
}

export const ROSTER_LIMITS: RosterLimits = { workers: 256, attempts: 2_048 };

/** However many endpoints are served, each may have this many attempts at a time. */
const LEAST_SHARE = 4;
/** A worker that others wait for makes room after so long. */
const TURN_MS = 10_000;
/** Endpoints remembered as troubled; beyond it the one noticed first is forgotten. */
export const TROUBLED_KEPT = 10_000;

/**
 * Decides which endpoints are served now and which wait. Endpoints in trouble (failing or slow) have half of the places at most
 * and wait in a line of their own, so that any number of dead receivers leaves the others served; and nobody keeps a place
 * for longer than his turn while others wait.
 */
export class Roster implements WorkerKeeper {
  readonly #deps: WorkerDeps;
  readonly #limits: RosterLimits;
  readonly #active = new Map<EndpointId, EndpointWorker>();
  readonly #calmLine = new Set<EndpointId>();
  readonly #troubledLine = new Set<EndpointId>();
  /** The pace of those in trouble, so that each turn goes on as carefully as the last one ended. */
  readonly #troubled = new Map<EndpointId, Pace>();
  #onEmpty: (() => void) | null = null;

  constructor(deps: WorkerDeps, limits: RosterLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  /** How many endpoints are served and how many wait for a place. */
  get counts(): { readonly active: number; readonly waiting: number } {
    return { active: this.#active.size, waiting: this.#calmLine.size + this.#troubledLine.size };
  }

  /** Something may be due to the endpoint. */
  wake(id: EndpointId): void {
    if (this.#onEmpty !== null) return;
    const worker = this.#active.get(id);
    if (worker !== undefined) return worker.wake();
    this.#enterLine(id);
    return this.#fill();
  }

  /** Ends the turns that have lasted long enough, as far as others wait. To be called about every second. */
  endTurns(): void {
    const now = this.#deps.clock.now();
    const workers = [...this.#active.values()];
    for (const worker of workers) this.#remember(worker);
    let calm = this.#calmLine.size;
    let troubled = this.#troubledLine.size;
    for (const worker of workers) {
      const mayStay = addMs(worker.since, TURN_MS) > now && !worker.isLeaving;
      if (mayStay || (calm <= 0 && !(troubled > 0 && worker.pace.isTroubled))) continue;
      if (calm > 0) calm -= 1;
      else troubled -= 1;
      if (!worker.isLeaving) worker.leave();
    }
  }

  /** Starts nothing more; resolves when every worker has finished what it holds. */
  async empty(): Promise<void> {
    this.#calmLine.clear();
    this.#troubledLine.clear();
    const emptied = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    for (const worker of this.#active.values()) worker.leave();
    if (this.#active.size === 0) this.#onEmpty?.();
    await emptied;
  }

  share(): number {
    return Math.max(LEAST_SHARE, Math.floor(this.#limits.attempts / this.#active.size));
  }

  onDone(worker: EndpointWorker): void {
    this.#active.delete(worker.id);
    this.#remember(worker);
    if (this.#onEmpty === null) {
      if (worker.leavesBehind) this.#enterLine(worker.id);
      this.#fill();
    } else if (this.#active.size === 0) this.#onEmpty();
  }

  #enterLine(id: EndpointId): void {
    const line = this.#troubled.has(id) ? this.#troubledLine : this.#calmLine;
    line.add(id);
  }

  #fill(): void {
    while (this.#active.size < this.#limits.workers) {
      const id = this.#next();
      if (id === undefined) return;
      const worker = new EndpointWorker(id, this.#troubled.get(id) ?? new Pace(), this.#deps, this);
      this.#active.set(id, worker);
      worker.wake();
    }
  }

  /** Takes the next endpoint out of its line; the troubled ones get a place only while they have fewer than half. */
  #next(): EndpointId | undefined {
    const [calm] = this.#calmLine;
    if (calm !== undefined) {
      this.#calmLine.delete(calm);
      return calm;
    }
    const [troubled] = this.#troubledLine;
    if (troubled === undefined || this.#troubledActive() >= this.#limits.workers / 2) return undefined;
    this.#troubledLine.delete(troubled);
    return troubled;
  }

  #troubledActive(): number {
    let count = 0;
    for (const id of this.#active.keys()) if (this.#troubled.has(id)) count += 1;
    return count;
  }

  #remember({ id, pace }: EndpointWorker): void {
    this.#troubled.delete(id);
    if (!pace.isTroubled) return;
    this.#troubled.set(id, pace);
    const [first] = this.#troubled.keys();
    if (this.#troubled.size > TROUBLED_KEPT && first !== undefined) this.#troubled.delete(first);
  }
}
