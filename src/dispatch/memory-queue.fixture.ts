import type { CarrierId, NodeId } from "../domain/ids.ts";
import type { TargetKey } from "../domain/message.ts";
import type { Micros } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { TargetStatus } from "../domain/target-status.ts";
import type { TrailEntry } from "../domain/trail.ts";
import { holdOf } from "../domain/unknown-outcome.ts";
import type { BindLease, LeaseAnswer, LeaseRequest, NodeLife } from "../store/leasing.ts";
import type {
  ClaimRequest,
  InFlightMark,
  LeasedQuery,
  LeasedTarget,
  ReroutableClaim,
  ReroutableTargets,
  RecoveryRequest,
  RecoveryResult,
  Settlement,
  SettlementResult,
} from "../store/queueing.ts";
import type { Wake } from "../store/store.ts";
import { withinBounds } from "./within-bounds.fixture.ts";

export interface MemoryRow {
  target: OutboundTarget;
  state: "waiting" | "leased" | "marked" | "held" | "done";
  node: NodeId | null;
  mark: InFlightMark | null;
  status: TargetStatus;
  readonly trail: TrailEntry[];
  readonly receiptKeys: (string | null)[];
}

/** Holds the slots that were let go of. */
const NOBODY = "" as NodeId;

export function keyText({ messageId, n }: TargetKey): string {
  return `${messageId}/${n}`;
}

/** A text that sorts as engines sort targets. */
function sortText({ messageId, n }: TargetKey): string {
  return `${messageId}/${String(n).padStart(6, "0")}`;
}

type Operation =
  | "claimTargets"
  | "claimReroutable"
  | "markInFlight"
  | "settleTargets"
  | "recoverTargets"
  | "leaseBinds"
  | "heartbeat"
  | "leasedTargets";

/**
 * The queue and the leases as an engine keeps them, in memory. Each operation takes effect and resolves after `commitMs`;
 * `failures` makes operations fail and write nothing.
 */
export class MemoryQueue {
  readonly rows = new Map<string, MemoryRow>();
  readonly calls: { readonly operation: Operation; readonly size: number }[] = [];
  readonly leases = new Map<string, BindLease>();
  /** When a lane was last up at the holder of a slot, or at one before. */
  readonly lanesUpAt = new Map<string, Micros>();
  commitMs = 1;
  /** Asked before each operation; an error it gives makes the operation fail. */
  failing: (operation: Operation) => Error | null = () => null;
  /** Asked after each operation; an error it gives is told instead of what the operation did. */
  losing: (operation: Operation) => Error | null = () => null;
  /** Whether nodes are told at once of slots that are free. */
  tellsOfSlots = true;
  readonly nodes = new Map<NodeId, Micros>();
  /** The most that was marked and not settled at any time. */
  mostMarked = 0;
  readonly #listeners = new Set<(wake: Wake) => void>();

  /** Puts targets in as waiting, or as leased by a hand-over. */
  insert(targets: readonly OutboundTarget[], node: NodeId | null = null): void {
    for (const target of targets) {
      this.rows.set(keyText(target), {
        target,
        state: node === null ? "waiting" : "leased",
        node,
        mark: null,
        status: "queued",
        trail: [],
        receiptKeys: [],
      });
    }
    if (node === null)
      for (const { carrierId } of targets.slice(0, 1)) this.wake({ kind: "queue", carrierId });
  }

  /** Puts targets in as marked in flight with their message. */
  insertDeparting(
    targets: readonly OutboundTarget[],
    node: NodeId,
    { bind, epoch }: Pick<InFlightMark, "bind" | "epoch">,
  ): void {
    this.insert(targets, node);
    for (const target of targets) {
      const row = this.row(target);
      row.state = "marked";
      row.mark = { ...target, node, bind, epoch, at: target.dueAt };
    }
    this.mostMarked = Math.max(this.mostMarked, this.countOf("marked"));
  }

  row(key: TargetKey): MemoryRow {
    const row = this.rows.get(keyText(key));
    if (row === undefined) throw new Error("no such row");
    return row;
  }

  countOf(state: MemoryRow["state"]): number {
    return [...this.rows.values()].filter((row) => row.state === state).length;
  }

  /** What an operator, a sweep or another node does behind the dispatcher's back. */
  takeAway(key: TargetKey): void {
    const row = this.row(key);
    row.state = "done";
    row.status = "canceled";
    row.node = null;
  }

  claimTargets({ carrierId, node, now, ...bounds }: ClaimRequest): Promise<readonly OutboundTarget[]> {
    return this.#commit("claimTargets", bounds.limit, () => {
      const due = withinBounds(bounds, this.#due(carrierId, now));
      for (const row of due) Object.assign(row, { state: "leased", node });
      return due.map(({ target }) => target);
    });
  }

  /** Looks at all that are due, whatever the limits. */
  claimReroutable(request: ReroutableClaim): Promise<ReroutableTargets> {
    const { carrierId, node, priority, dueBy, fallbacks, limit } = request;
    return this.#commit("claimReroutable", limit, () => {
      const due = this.#due(carrierId, dueBy).filter(
        ({ target }) =>
          target.priority === priority && target.fallbacks.some((fallback) => fallbacks.includes(fallback)),
      );
      for (const row of due) Object.assign(row, { state: "leased", node });
      return { targets: due.map(({ target }) => target), last: null };
    });
  }

  markInFlight(marks: readonly InFlightMark[]): Promise<readonly boolean[]> {
    return this.#commit("markInFlight", marks.length, () => {
      const marked = marks.map((mark) => {
        const row = this.row(mark);
        if (row.node !== mark.node || row.state !== "leased") return false;
        Object.assign(row, { state: "marked", mark });
        return true;
      });
      this.mostMarked = Math.max(this.mostMarked, this.countOf("marked"));
      return marked;
    });
  }

  settleTargets(settlements: readonly Settlement[]): Promise<readonly SettlementResult[]> {
    return this.#commit("settleTargets", settlements.length, () =>
      settlements.map((each) => this.#settle(each)),
    );
  }

  recoverTargets({ carrierId, liveNodes, policy, now, limit }: RecoveryRequest): Promise<RecoveryResult> {
    return this.#commit("recoverTargets", limit, () => {
      const dead = [...this.rows.values()].filter(
        ({ node, target }) => node !== null && target.carrierId === carrierId && !liveNodes.includes(node),
      );
      const batch = dead.slice(0, limit);
      const unknown = batch.filter(({ state }) => state === "marked").length;
      for (const row of batch) {
        const attempts = row.target.attempts + 1;
        const held = holdOf(policy, { carrier: carrierId, at: now, attempts });
        if (row.state === "marked") row.target = { ...row.target, attempts };
        Object.assign(row, { state: row.state === "marked" && held ? "held" : "waiting", node: null });
      }
      return { released: batch.length - unknown, unknown, more: dead.length > limit };
    });
  }

  leasedTargets({ carrierId, node, after, limit }: LeasedQuery): Promise<readonly LeasedTarget[]> {
    return this.#commit("leasedTargets", limit, () => {
      const own = [...this.rows.values()].filter(
        (row) => row.node === node && row.target.carrierId === carrierId,
      );
      const keys = own.map(({ target: { customerId, messageId, n }, mark }) => {
        return { customerId, messageId, n, markedAt: mark?.at ?? null };
      });
      const rest = keys.filter((key) => after === null || sortText(key) > sortText(after));
      return rest.toSorted((one, other) => (sortText(one) < sortText(other) ? -1 : 1)).slice(0, limit);
    });
  }

  nextDueAt(carrierId: CarrierId): Promise<Micros | null> {
    const dues = [...this.rows.values()]
      .filter(({ state, target }) => state === "waiting" && target.carrierId === carrierId)
      .map(({ target }) => target.dueAt);
    return Promise.resolve(dues.length === 0 ? null : (Math.min(...dues) as Micros));
  }

  /** None: it keeps no accounts. */
  leftoverCarriers(): Promise<readonly CarrierId[]> {
    return Promise.resolve([]);
  }

  heartbeat(node: NodeId, _now: Micros, expiresAt: Micros): Promise<readonly NodeLife[]> {
    return this.#commit("heartbeat", 1, () => {
      this.nodes.set(node, expiresAt);
      return Array.from(this.nodes, ([each, until]) => ({ node: each, expiresAt: until }));
    });
  }

  leaseBinds(request: LeaseRequest): Promise<LeaseAnswer> {
    const { carrierId, slots, want, node, now, expiresAt, upAt } = request;
    return this.#commit("leaseBinds", want, () => {
      const held: BindLease[] = [];
      for (let bind = 0; bind < slots; bind++) {
        const before = this.leases.get(`${carrierId}/${bind}`);
        const isFree = before === undefined || before.node === NOBODY || before.expiresAt <= now;
        if (!isFree && before.node !== node) continue;
        if (held.length === want) {
          if (before?.node !== node) continue;
          this.leases.set(`${carrierId}/${bind}`, { ...before, node: NOBODY });
          this.#slotsAreFree();
          continue;
        }
        const epoch = before === undefined ? 1 : before.node === node ? before.epoch : before.epoch + 1;
        const lease = { carrierId, bind, node, epoch, expiresAt };
        this.leases.set(`${carrierId}/${bind}`, lease);
        held.push(lease);
        const saidAt = this.lanesUpAt.get(`${carrierId}/${bind}`) ?? upAt;
        if (upAt !== null && saidAt !== null)
          this.lanesUpAt.set(`${carrierId}/${bind}`, upAt > saidAt ? upAt : saidAt);
      }
      return { leases: held, upElsewhereAt: this.#upElsewhereAt(request) };
    });
  }

  #upElsewhereAt({ carrierId, slots, node }: LeaseRequest): Micros | null {
    const others = Array.from({ length: slots }, (_, bind) => `${carrierId}/${bind}`)
      .filter((slot) => this.leases.get(slot)?.node !== node)
      .map((slot) => this.lanesUpAt.get(slot))
      .filter((at) => at !== undefined);
    return others.toSorted((one, other) => other - one)[0] ?? null;
  }

  releaseBinds(
    node: NodeId,
    binds: { carrierId: CarrierId; slots: readonly number[] } | null,
  ): Promise<void> {
    if (binds === null) this.nodes.delete(node);
    for (const [key, lease] of this.leases) {
      const isMeant =
        binds === null || (lease.carrierId === binds.carrierId && binds.slots.includes(lease.bind));
      if (lease.node === node && isMeant) this.leases.delete(key);
    }
    this.#slotsAreFree();
    return Promise.resolve();
  }

  onWake(listener: (wake: Wake) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  wake(wake: Wake): void {
    for (const listener of this.#listeners) listener(wake);
  }

  #due(carrierId: CarrierId, by: Micros): readonly MemoryRow[] {
    return [...this.rows.values()]
      .filter(
        ({ state, target }) => state === "waiting" && target.carrierId === carrierId && target.dueAt <= by,
      )
      .toSorted(
        (one, other) => one.target.priority - other.target.priority || one.target.dueAt - other.target.dueAt,
      );
  }

  #settle(settlement: Settlement): SettlementResult {
    const row = this.row(settlement);
    if (row.node !== settlement.node || (row.mark?.at ?? null) !== settlement.markedAt)
      return { kind: "stale" };
    row.trail.push(...settlement.trail);
    const attempts = row.target.attempts + (row.state === "marked" ? 1 : 0);
    row.node = null;
    switch (settlement.outcome) {
      case "sent":
        row.state = "done";
        row.status = "sent";
        row.receiptKeys.push(...settlement.receiptKeys);
        break;
      case "retry":
        row.receiptKeys.push(...settlement.receiptKeys);
        this.#putBack(row, { dueAt: settlement.dueAt, partStates: settlement.partStates, attempts });
        break;
      case "released":
        this.#putBack(row, {});
        break;
      case "rerouted": {
        const { nextCarrierId: carrierId, fallbacks, parts, dueAt, attempts: counted = 0 } = settlement;
        this.#putBack(row, { carrierId, fallbacks, parts, dueAt, attempts: counted });
        break;
      }
      case "held":
        Object.assign(row, { state: "held", target: { ...row.target, attempts } });
        row.receiptKeys.push(...settlement.receiptKeys);
        break;
      case "failed":
        row.state = "done";
        row.status = settlement.status;
        break;
      default:
        throw new Error("no such outcome", { cause: settlement satisfies never });
    }
    return { kind: "applied", status: row.status };
  }

  #putBack(row: MemoryRow, change: Partial<OutboundTarget>): void {
    row.state = "waiting";
    row.mark = null;
    row.target = { ...row.target, ...change };
    this.wake({ kind: "queue", carrierId: row.target.carrierId });
  }

  #slotsAreFree(): void {
    if (this.tellsOfSlots) this.wake({ kind: "leases" });
  }

  async #commit<Answer>(operation: Operation, size: number, write: () => Answer): Promise<Answer> {
    this.calls.push({ operation, size });
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, this.commitMs);
    await promise;
    const failure = this.failing(operation);
    if (failure !== null) throw failure;
    const answer = write();
    const loss = this.losing(operation);
    if (loss !== null) throw loss;
    return answer;
  }
}
