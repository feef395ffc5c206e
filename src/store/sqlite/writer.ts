import { createIds } from "../../domain/ids.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { acceptMessages, applyAcceptances, journalState } from "./accept-messages.ts";
import { addCustomer } from "./add-customer.ts";
import { applyReceipts } from "./apply-receipts.ts";
import { appendAudit } from "./audit-log.ts";
import { beginOptOut } from "./begin-opt-out.ts";
import { cancelMessages } from "./cancel-messages.ts";
import { claimDeliveries } from "./claim-deliveries.ts";
import { claimReroutable } from "./claim-reroutable.ts";
import { claimTargets } from "./claim-targets.ts";
import { decideHeld } from "./decide-held.ts";
import type { Connection } from "./connection.ts";
import { deleteMessages } from "./delete-messages.ts";
import { closeEvents } from "./close-events.ts";
import { DeliveryRows } from "./delivery-rows.ts";
import { EndpointCache } from "./endpoint-cache.ts";
import { endFirstLeases } from "./end-first-leases.ts";
import { endOptOut } from "./end-opt-out.ts";
import { eraseNumber } from "./erase-number.ts";
import { EventFolder } from "./event-folder.ts";
import { expire } from "./expire.ts";
import { GatheringRows } from "./gathering-rows.ts";
import { JournalMark } from "./journal-mark.ts";
import { keepParts } from "./keep-parts.ts";
import { heartbeat, leaseBinds, releaseBinds } from "./lease-binds.ts";
import { markInFlight } from "./mark-in-flight.ts";
import { NodeNumbers } from "./node-numbers.ts";
import { noteEndpointHealth } from "./note-endpoint-health.ts";
import { OptOutRows } from "./opt-out-rows.ts";
import { ParkedReceipts } from "./parked-receipts.ts";
import { probe } from "./probe.ts";
import { putAccessKey } from "./put-access-key.ts";
import { putCarrier } from "./put-carrier.ts";
import { putCustomer } from "./put-customer.ts";
import { putNumber } from "./put-number.ts";
import { putEndpoint } from "./put-endpoint.ts";
import { putSetting, settingOnce } from "./put-setting.ts";
import { QueueRows } from "./queue-rows.ts";
import { ReceiptApplier } from "./receipt-applier.ts";
import { ReceiptKeys } from "./receipt-keys.ts";
import { receiveMessages } from "./receive-messages.ts";
import { recoverTargets } from "./recover-targets.ts";
import { removeCarrier } from "./remove-carrier.ts";
import { emptyOld, emptyWaiting, removeOld } from "./remove-old.ts";
import { removeEndpoint } from "./remove-endpoint.ts";
import { replayEvents } from "./replay-events.ts";
import { resendMessages } from "./resend-messages.ts";
import { RowInserters } from "./row-inserter.ts";
import { settleDeliveries } from "./settle-deliveries.ts";
import { settleTargets } from "./settle-targets.ts";
import { asUnavailable, type OperationFailure, toFailure } from "./sqlite-failure.ts";
import { TargetRows } from "./target-rows.ts";
import { Wakes } from "./wakes.ts";
import { type Wire, WireReader, type WireValue } from "./wire.ts";
import type { Operation, TransactionPart, WriterContext } from "./writer-context.ts";

const OPERATIONS: Readonly<Record<string, (context: WriterContext) => Operation>> = {
  acceptMessages,
  applyAcceptances,
  journalState,
  deleteMessages,
  cancelMessages,
  resendMessages,
  decideHeld,
  claimTargets,
  claimReroutable,
  markInFlight,
  settleTargets,
  recoverTargets,
  applyReceipts,
  keepParts,
  receiveMessages,
  expire,
  claimDeliveries,
  endFirstLeases,
  settleDeliveries,
  noteEndpointHealth,
  closeEvents,
  replayEvents,
  appendAudit,
  eraseNumber,
  removeOld,
  emptyOld,
  emptyWaiting,
  addCustomer,
  putCustomer,
  putAccessKey,
  putEndpoint,
  removeEndpoint,
  putCarrier,
  putNumber,
  beginOptOut,
  endOptOut,
  removeCarrier,
  putSetting,
  settingOnce,
  heartbeat,
  leaseBinds,
  releaseBinds,
  probe,
  /** Does nothing: who hands it in waits for all that was handed in before. */
  pass: () => () => [],
};

/** What became of a pile: an answer for each operation, null for those among the failures. */
export interface PileResult {
  readonly answers: (Wire | null)[];
  readonly failures: OperationFailure[];
  readonly wakes: string[];
}

/** So many operations that are refused are left out of a pile, which is run again each time; with more it is run one by one. */
const LEFT_OUT_AT_ONCE = 16;

/** Runs piles of operations, each pile in one transaction, on the one connection that writes. */
export class Writer {
  readonly #connection: Connection;
  readonly #operations = new Map<string, Operation>();
  readonly #wakes: Wakes;
  readonly #inserters: RowInserters;
  /** In the order in which they must write before a commit: what one gathers, a later one may add to. */
  readonly #parts: readonly TransactionPart[];
  /** Which operation of a pile is run; null while none is. */
  #at: number | null = null;
  /** Whether a transaction ended without a commit, and what it made the parts remember is not all forgotten yet. */
  #isToRollBack = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    const ids = createIds((bytes) => crypto.getRandomValues(bytes));
    const wakes = new Wakes();
    const inserters = new RowInserters(connection);
    const nodes = new NodeNumbers(connection);
    const targets = new TargetRows(connection);
    const queue = new QueueRows(connection, nodes, wakes, inserters);
    const endpoints = new EndpointCache(connection);
    const deliveries = new DeliveryRows(connection, wakes, inserters);
    const events = new EventFolder(connection, ids, endpoints, deliveries, wakes, inserters);
    const receiptKeys = new ReceiptKeys(connection, inserters);
    const parked = new ParkedReceipts(connection);
    const receipts = new ReceiptApplier(targets, queue, receiptKeys, parked, events);
    const gatherings = new GatheringRows(connection);
    const journal = new JournalMark(connection);
    this.#wakes = wakes;
    this.#inserters = inserters;
    this.#parts = [
      events,
      inserters,
      receiptKeys,
      parked,
      queue,
      endpoints,
      deliveries,
      nodes,
      gatherings,
      journal,
      wakes,
    ];
    const context = {
      connection,
      inserters,
      ids,
      wakes,
      nodes,
      targets,
      queue,
      endpoints,
      deliveries,
      events,
      receiptKeys,
      parked,
      receipts,
      gatherings,
      journal,
      optOuts: new OptOutRows(connection),
    };
    for (const [name, create] of Object.entries(OPERATIONS)) this.#operations.set(name, create(context));
  }

  /**
   * Commits a pile. An operation that throws takes nobody with it: the pile is rolled back and run again without it, or one by
   * one. When the database itself does not take writes, all of them fail, and the next pile tries anew.
   */
  run(pile: readonly Wire[]): PileResult {
    try {
      return this.#runWhole(pile);
    } catch (error) {
      return this.#runAgain(pile, error);
    }
  }

  close(): void {
    this.#connection.close();
  }

  #runWhole(pile: readonly Wire[]): PileResult {
    return { answers: this.#transact(pile), failures: [], wakes: this.#wakes.take() };
  }

  /**
   * Runs what failed as a whole. Those that refuse to be done (a table is full) are left out, or each pile that has one would
   * cost a commit for each of its operations. What another error is thrown in need not be at fault: rows are gathered.
   */
  #runAgain(pile: readonly Wire[], firstError: unknown): PileResult {
    const failures: OperationFailure[] = [];
    let left = pile.map((wire, index) => ({ wire, index }));
    const placed = (run: (rest: readonly Wire[]) => PileResult): PileResult => {
      const result = run(left.map(({ wire }) => wire));
      const places = left.map(({ index }) => index);
      return placeAmong(pile.length, places, failures, result);
    };
    for (let error = firstError; ;) {
      const refused = error instanceof StoreUnavailable && this.#at !== null ? left[this.#at] : undefined;
      if (left.length === 1 || isOfDatabase(error)) return placed((rest) => this.#allFailed(rest, error));
      if (refused === undefined || failures.length === LEFT_OUT_AT_ONCE)
        return placed((rest) => this.#runOneByOne(rest));
      failures.push(toFailure(refused.index, error));
      left = left.filter((one) => one !== refused);
      try {
        return placed((rest) => this.#runWhole(rest));
      } catch (next) {
        error = next;
      }
    }
  }

  /** Once the database itself does not take writes, nothing later is tried: a record of the journal must not overtake another. */
  #runOneByOne(pile: readonly Wire[]): PileResult {
    const failures: OperationFailure[] = [];
    const wakes = new Set<string>();
    let ofDatabase: OperationFailure | null = null;
    const answers = pile.map((wire, index) => {
      if (ofDatabase !== null) {
        failures.push({ ...ofDatabase, index });
        return null;
      }
      try {
        const [answer = null] = this.#transact([wire]);
        for (const wake of this.#wakes.take()) wakes.add(wake);
        return answer;
      } catch (error) {
        const failure = toFailure(index, error);
        if (isOfDatabase(error)) ofDatabase = failure;
        failures.push(failure);
        return null;
      }
    });
    return { answers, failures, wakes: [...wakes] };
  }

  #allFailed(pile: readonly Wire[], error: unknown): PileResult {
    const failures = pile.map((_, index) => toFailure(index, error));
    return { answers: pile.map(() => null), failures, wakes: [] };
  }

  #transact(pile: readonly Wire[]): Wire[] {
    if (this.#isToRollBack) this.#rollBack();
    this.#connection.execute("BEGIN IMMEDIATE");
    this.#isToRollBack = true;
    try {
      const answers = pile.map((wire, index) => {
        this.#at = index;
        return this.#operate(wire, pile[index - 1]?.[0]);
      });
      this.#at = null;
      for (const part of this.#parts) part.beforeCommit?.();
      this.#connection.execute("COMMIT");
      this.#isToRollBack = false;
      for (const part of this.#parts) part.afterCommit?.();
      return answers;
    } catch (error) {
      this.#tryToRollBack();
      throw error;
    }
  }

  #operate(wire: Wire, before: WireValue | undefined): Wire {
    const request = new WireReader(wire);
    const name = request.text();
    const operation = this.#operations.get(name);
    if (operation === undefined) throw new Error(`no operation ${name}`);
    if (name !== before) this.#inserters.flush(); // one of another kind may read what was gathered
    return operation(request);
  }

  /** Parts read the database again, which fails as anything may: what failed the pile is told, and the next one begins here. */
  #tryToRollBack(): void {
    try {
      this.#rollBack();
    } catch {
      // #isToRollBack stays set: nothing is done before this was
    }
  }

  #rollBack(): void {
    if (this.#connection.isInTransaction) this.#connection.execute("ROLLBACK");
    for (const part of this.#parts) part.afterRollback();
    this.#isToRollBack = false;
  }
}

/** The result of those operations of a pile that were left, at their places among all of it. */
function placeAmong(
  operations: number,
  left: readonly number[],
  refused: readonly OperationFailure[],
  { answers, failures, wakes }: PileResult,
): PileResult {
  const all: (Wire | null)[] = Array.from({ length: operations }, () => null);
  for (const [place, answer] of answers.entries()) all[left[place] ?? operations] = answer;
  const others = failures.map((failure) => ({ ...failure, index: left[failure.index] ?? operations }));
  return { answers: all, failures: [...refused, ...others].toSorted((a, b) => a.index - b.index), wakes };
}

/** Whether every other operation would fail alike. */
function isOfDatabase(error: unknown): boolean {
  const unavailable = asUnavailable(error);
  return unavailable !== null && unavailable !== error;
}
