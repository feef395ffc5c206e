import { bytes, type Connection, integer, integerOrNull, type Row, type Statement } from "./connection.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import type { NodeNumbers } from "./node-numbers.ts";
import type { RowInserter, RowInserters } from "./row-inserter.ts";
import type { TargetRef } from "./target-rows.ts";
import type { Wakes } from "./wakes.ts";
import type { TransactionPart } from "./writer-context.ts";

/** What a target's row holds wherever it waits. */
export interface QueuedRow {
  readonly priority: number;
  readonly expiresAt: number;
  readonly attempts: number;
  readonly fallbacks: Uint8Array;
}

/** When and for which bind slot a target was marked in flight. */
export interface LaneMark {
  readonly at: number;
  readonly bind: number;
  readonly epoch: number;
}

/** A row that was taken out of the leased ones. */
export interface LeasedRow extends QueuedRow {
  readonly node: number;
  readonly markedAt: number | null;
  readonly bind: number | null;
}

type Depth = { waiting: number; inFlight: number; held: number };

const LEASED_COLUMNS = "priority, expires_at, attempts, fallbacks, node, marked_at, bind";
const THE_ROW = "carrier_id = ? AND message_id = ? AND n = ?";

/** More ids than this are forgotten together: the cache is for the few carriers of a service. */
const CARRIERS_REMEMBERED = 1_000;

/** The two tables of targets on their way out, and the counters of what is in them. */
export class QueueRows implements TransactionPart {
  readonly #wakes: Wakes;
  readonly #nodes: NodeNumbers;
  readonly #insertWaiting: Statement;
  readonly #removeWaiting: Statement;
  readonly #endHold: Statement;
  readonly #insertLeased: RowInserter;
  readonly #takeLeased: Statement;
  readonly #takeAnyLeased: Statement;
  readonly #dropMarked: Statement;
  readonly #mark: Statement;
  readonly #endValidity: Statement;
  readonly #addDepth: Statement;
  readonly #depths = new Map<string, Depth>();
  readonly #carriers = new Map<string, Uint8Array>();
  /** No leased row expires before this: spares the expiry sweep from looking at all of them. Never too late. */
  #earliestLeasedExpiry = Number.POSITIVE_INFINITY;
  /** By carrier: every node that has leased rows is in here, though not every node in here has. */
  readonly #leasingNodes = new Map<string, Set<number>>();
  readonly #selectLeasing: Statement;
  /** Whether the transaction found that less is leased than was taken for it: all else that it adds may stay. */
  #hasNarrowed = false;

  constructor(connection: Connection, nodes: NodeNumbers, wakes: Wakes, inserters: RowInserters) {
    this.#nodes = nodes;
    this.#wakes = wakes;
    this.#insertWaiting = connection.prepare("INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#removeWaiting = connection.prepare(`DELETE FROM queue WHERE ${THE_ROW} RETURNING held`);
    this.#endHold = connection.prepare(`UPDATE queue SET held = 0, due_at = ? WHERE ${THE_ROW} AND held = 1`);
    this.#insertLeased = inserters.make("INSERT INTO leased", 12);
    this.#takeLeased = connection.prepare(
      `DELETE FROM leased WHERE ${THE_ROW} AND node = ? AND marked_at IS ? RETURNING ${LEASED_COLUMNS}`,
    );
    this.#takeAnyLeased = connection.prepare(
      `DELETE FROM leased WHERE ${THE_ROW} RETURNING ${LEASED_COLUMNS}`,
    );
    this.#dropMarked = connection.prepare(
      `DELETE FROM leased WHERE ${THE_ROW} AND node = ? AND marked_at = ?`,
    );
    this.#mark = connection.prepare(`
      UPDATE leased SET marked_at = ?5, bind = ?6, epoch = ?7, attempts = attempts + 1
      WHERE carrier_id = ?1 AND message_id = ?2 AND n = ?3 AND node = ?4 AND marked_at IS NULL AND expires_at > ?5`);
    this.#endValidity = connection.prepare(`UPDATE leased SET expires_at = 0 WHERE ${THE_ROW}`);
    this.#addDepth = connection.prepare(`
      INSERT INTO queue_depths (carrier_id, waiting, in_flight, held) VALUES (?, ?, ?, ?)
      ON CONFLICT (carrier_id) DO UPDATE SET waiting = waiting + excluded.waiting,
        in_flight = in_flight + excluded.in_flight, held = held + excluded.held`);
    this.#selectLeasing = connection.prepare(
      "SELECT carrier_id, node, min(expires_at) FROM leased GROUP BY carrier_id, node",
    );
    this.#findLeased();
  }

  /** The bytes of a carrier's id, which comes again with nearly every row. */
  carrierBytes(carrierId: string): Uint8Array {
    const known = this.#carriers.get(carrierId);
    if (known !== undefined) return known;
    if (this.#carriers.size >= CARRIERS_REMEMBERED) this.#carriers.clear();
    const made = idToBytes(carrierId);
    this.#carriers.set(carrierId, made);
    return made;
  }

  insertWaiting(carrierId: string, target: TargetRef, row: QueuedRow, dueAt: number, isHeld = false): void {
    this.#insertWaiting.run(
      this.carrierBytes(carrierId),
      target.message,
      target.n,
      target.customer,
      row.priority,
      dueAt,
      row.expiresAt,
      row.attempts,
      isHeld ? 1 : 0,
      row.fallbacks,
    );
    const depth = this.#depthOf(carrierId);
    if (isHeld) depth.held++;
    else {
      depth.waiting++;
      this.#wakes.queue(carrierId);
    }
  }

  /** Takes a target out of the queue and says whether it was held; undefined when it is not there. */
  removeWaiting(carrierId: string, target: TargetRef): { readonly isHeld: boolean } | undefined {
    const row = this.#removeWaiting.get(this.carrierBytes(carrierId), target.message, target.n);
    if (row === undefined) return undefined;
    const isHeld = row[0] === 1;
    const depth = this.#depthOf(carrierId);
    if (isHeld) depth.held--;
    else depth.waiting--;
    return { isHeld };
  }

  /** Makes a held target due; false when it is not held. */
  endHold(carrierId: string, target: TargetRef, dueAt: number): boolean {
    const { changes } = this.#endHold.run(dueAt, this.carrierBytes(carrierId), target.message, target.n);
    if (Number(changes) === 0) return false;
    const depth = this.#depthOf(carrierId);
    depth.held--;
    depth.waiting++;
    this.#wakes.queue(carrierId);
    return true;
  }

  /** @param mark what marks it in flight from the start, which counts as an attempt. */
  insertLeased(
    carrierId: string,
    target: TargetRef,
    row: QueuedRow,
    node: number,
    mark: LaneMark | null,
  ): void {
    this.#insertLeased.add(
      this.carrierBytes(carrierId),
      target.message,
      target.n,
      target.customer,
      row.priority,
      row.expiresAt,
      mark === null ? row.attempts : row.attempts + 1,
      row.fallbacks,
      node,
      mark?.at ?? null,
      mark?.bind ?? null,
      mark?.epoch ?? null,
    );
    this.noteLeased(carrierId, node, row.expiresAt);
    const depth = this.#depthOf(carrierId);
    if (mark === null) depth.waiting++;
    else depth.inFlight++;
  }

  /** Takes in that rows of a node, none of which expires before `expiresAt`, were put among the leased ones. */
  noteLeased(carrierId: string, node: number, expiresAt: number): void {
    if (expiresAt < this.#earliestLeasedExpiry) this.#earliestLeasedExpiry = expiresAt;
    const nodes = this.#leasingNodes.get(carrierId);
    if (nodes === undefined) this.#leasingNodes.set(carrierId, new Set([node]));
    else nodes.add(node);
  }

  /** Takes a target from the node that has it; undefined when that node does not have it, or not under that mark. */
  takeLeased(
    carrierId: string,
    target: TargetRef,
    node: string,
    markedAt: number | null,
  ): LeasedRow | undefined {
    const number = this.#nodes.numberOf(node);
    const carrier = this.carrierBytes(carrierId);
    return this.#taken(carrierId, this.#takeLeased.get(carrier, target.message, target.n, number, markedAt));
  }

  /** Takes a target from whichever node has it. */
  takeAnyLeased(carrierId: string, target: TargetRef): LeasedRow | undefined {
    return this.#taken(
      carrierId,
      this.#takeAnyLeased.get(this.carrierBytes(carrierId), target.message, target.n),
    );
  }

  /** Ends a node's mark without reading it; false when the node has no such mark. */
  dropMarked(carrierId: string, target: TargetRef, node: string, markedAt: number): boolean {
    const number = this.#nodes.numberOf(node);
    const carrier = this.carrierBytes(carrierId);
    const { changes } = this.#dropMarked.run(carrier, target.message, target.n, number, markedAt);
    if (Number(changes) === 0) return false;
    this.#depthOf(carrierId).inFlight--;
    return true;
  }

  /** Marks a target in flight; false when the node does not have it, has marked it, or its validity is over. */
  mark(carrierId: string, message: Uint8Array, n: number, node: string, lane: LaneMark): boolean {
    const number = this.#nodes.numberOf(node);
    const { changes } = this.#mark.run(
      this.carrierBytes(carrierId),
      message,
      n,
      number,
      lane.at,
      lane.bind,
      lane.epoch,
    );
    if (Number(changes) === 0) return false;
    const depth = this.#depthOf(carrierId);
    depth.waiting--;
    depth.inFlight++;
    return true;
  }

  /** Ends the validity of a target that some node has: it is not marked in flight once more, and runs out when it comes back. */
  endValidity(carrierId: string, target: TargetRef): void {
    this.#endValidity.run(this.carrierBytes(carrierId), target.message, target.n);
  }

  get earliestLeasedExpiry(): number {
    return this.#earliestLeasedExpiry;
  }

  /** Sets the bound anew, after a look at every leased row. */
  resetEarliestLeasedExpiry(earliest: number): void {
    this.#hasNarrowed = true;
    this.#earliestLeasedExpiry = earliest;
  }

  /** Whether some node but these may have leased rows of the carrier. */
  hasLeasesBeside(carrierId: string, nodes: readonly number[]): boolean {
    return [...(this.#leasingNodes.get(carrierId) ?? [])].some((node) => !nodes.includes(node));
  }

  /** Takes in that no node but these has leased rows of the carrier. */
  onlyLeasedTo(carrierId: string, nodes: readonly number[]): void {
    this.#hasNarrowed = true;
    this.#leasingNodes.set(carrierId, new Set(nodes));
  }

  afterCommit(): void {
    this.#hasNarrowed = false;
  }

  afterRollback(): void {
    this.#depths.clear();
    if (this.#hasNarrowed) this.#findLeased();
    this.#hasNarrowed = false;
  }

  beforeCommit(): void {
    for (const [carrierId, depth] of this.#depths) {
      this.#addDepth.run(this.carrierBytes(carrierId), depth.waiting, depth.inFlight, depth.held);
    }
    this.#depths.clear();
  }

  /** Takes in what is leased, anew: what a transaction that is rolled back made of it may be too late. */
  #findLeased(): void {
    this.#leasingNodes.clear();
    this.#earliestLeasedExpiry = Number.POSITIVE_INFINITY;
    for (const row of this.#selectLeasing.all()) {
      this.noteLeased(bytesToId(bytes(row[0])), integer(row[1]), integer(row[2]));
    }
  }

  #taken(carrierId: string, row: Row | undefined): LeasedRow | undefined {
    if (row === undefined) return undefined;
    const markedAt = integerOrNull(row[5] ?? null);
    const depth = this.#depthOf(carrierId);
    if (markedAt === null) depth.waiting--;
    else depth.inFlight--;
    return {
      priority: integer(row[0]),
      expiresAt: integer(row[1]),
      attempts: integer(row[2]),
      fallbacks: bytes(row[3]),
      node: integer(row[4]),
      markedAt,
      bind: integerOrNull(row[6] ?? null),
    };
  }

  #depthOf(carrierId: string): Depth {
    let depth = this.#depths.get(carrierId);
    if (depth === undefined) {
      depth = { waiting: 0, inFlight: 0, held: 0 };
      this.#depths.set(carrierId, depth);
    }
    return depth;
  }
}
