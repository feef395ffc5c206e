import type { Clock } from "../../domain/clock.ts";
import type { CarrierId, CustomerId, EndpointId, NodeId } from "../../domain/ids.ts";
import type { Logger } from "../../domain/logger.ts";
import type { Metrics } from "../../domain/metrics.ts";
import { type Micros, micros } from "../../domain/micros.ts";
import type { Receipt } from "../../domain/receipt.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import type { Acceptance, MessageChange, MessageKey, MessageQuery } from "../accepting.ts";
import type { DeliveryClaim, DeliverySettlement, EndpointHealth } from "../announcing.ts";
import type { LeaseRequest } from "../leasing.ts";
import type {
  ClaimRequest,
  InFlightMark,
  LeasedQuery,
  RecoveryRequest,
  ReroutableClaim,
  Settlement,
} from "../queueing.ts";
import type { ExpiryRequest } from "../receiving-receipts.ts";
import type { Store, Wake } from "../store.ts";
import { decodeReceiptOutcomes, encodeReceipts } from "./apply-receipts.ts";
import { type AreasBesideThePath, createAreasBesideThePath } from "./areas-beside-the-path.ts";
import { backup } from "./backup.ts";
import { decodeDeliveries, encodeDeliveryClaim } from "./claim-deliveries.ts";
import { decodeReroutable, encodeReroutableClaim } from "./claim-reroutable.ts";
import { decodeClaimed, encodeClaim } from "./claim-targets.ts";
import { decodeDeleted, encodeDeletions } from "./delete-messages.ts";
import { decodeExpired, encodeExpiry } from "./expire.ts";
import {
  decodeLeases,
  decodeLives,
  encodeHeartbeat,
  encodeLeaseRequest,
  encodeRelease,
} from "./lease-binds.ts";
import { decodeMarked, encodeMarks } from "./mark-in-flight.ts";
import { encodeHealths } from "./note-endpoint-health.ts";
import { JournaledAccepting } from "./journaled-accepting.ts";
import type { Patience } from "./lingering.ts";
import { refusalOf } from "./open-database.ts";
import { decodeMessageOrNull, decodeTrails, encodeKey, encodeQuery } from "./read-messages.ts";
import { decodeDepths, decodeEndpointIds } from "./read-queue.ts";
import { decodeLeased, encodeLeasedQuery } from "./leased-targets.ts";
import { decodeCarrierIds } from "./leftover-carriers.ts";
import { decodeRecovered, encodeRecovery } from "./recover-targets.ts";
import { decodeMessage } from "./message-wire.ts";
import { encodeDeliverySettlements } from "./settle-deliveries.ts";
import { decodeSettlementResults, encodeSettlements } from "./settle-targets.ts";
import { type StartedThreads, startThreads } from "./start-threads.ts";
import { type StoreThreads, storeThreads } from "./store-threads.ts";
import { WakeThrottle } from "../wake-throttle.ts";
import type { WireReader } from "./wire.ts";

/**
 * How long operations that no client waits for may wait for a commit to share: at 500 messages a second six commits a
 * message become less than two. A mark stands before the wire, so it waits a timer's tick at most.
 */
const MARK_PATIENCE: Patience = { quietMs: 1, mostMs: 1 };
const PATIENCE: Patience = { quietMs: 5, mostMs: 20 };
/** Sending goes on only once marks and settlements are committed: receipts and webhooks do not hold them up. */
const GIVES_WAY = true;

export interface SqliteStoreOptions {
  /** The database file; made when there is none, in a directory that is there. */
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Opens the embedded store: one thread that writes, one that reads.
 * @throws {DatabaseRefused} when the file cannot be written, is damaged, or was written by a newer version.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const wakes = new WakeThrottle();
  const started = await startThreads({ ...options, wakes });
  try {
    return await bringUp(options, started, wakes);
  } catch (error) {
    await started.reader.end();
    await started.writer.end();
    throw error instanceof StoreUnavailable ? refusalOf(options.file, error) : error;
  }
}

async function bringUp(
  { file, clock, logger }: SqliteStoreOptions,
  { writer, reader, requireWhole }: StartedThreads,
  wakes: WakeThrottle,
): Promise<Store> {
  await writer.submit(["endFirstLeases", clock.now()]);
  const accepting = await JournaledAccepting.open(file, writer, logger);
  const threads = storeThreads(writer, reader);
  const wipe = () => accepting.wipe();
  const others = await createAreasBesideThePath(threads, wipe);

  /** The reader goes first: the last connection to close empties the log, which the reader's may not. */
  async function close(): Promise<void> {
    await accepting.stop();
    await Promise.all([writer.stop(), reader.stop()]);
    accepting.close();
    wakes.close();
    await reader.end();
    await writer.end();
  }
  return Object.assign(new SqliteStore({ file, accepting, threads, wakes, requireWhole, close }), others);
}

interface SqliteStoreParts {
  readonly file: string;
  readonly accepting: JournaledAccepting;
  readonly threads: StoreThreads;
  readonly wakes: WakeThrottle;
  readonly requireWhole: () => void;
  readonly close: () => Promise<void>;
}

/** The port on the journal and the two threads: every method flattens its request and reads the answer. */
class SqliteStore implements Omit<Store, keyof AreasBesideThePath> {
  readonly #file: string;
  readonly #accepting: JournaledAccepting;
  readonly #write: StoreThreads["write"];
  readonly #read: StoreThreads["read"];
  readonly #wakes: WakeThrottle;
  readonly #requireWhole: () => void;
  readonly #close: () => Promise<void>;
  #closed: Promise<void> | null = null;

  constructor({ file, accepting, threads, wakes, requireWhole, close }: SqliteStoreParts) {
    this.#file = file;
    this.#accepting = accepting;
    this.#write = threads.write;
    this.#read = threads.read;
    this.#wakes = wakes;
    this.#requireWhole = requireWhole;
    this.#close = close;
  }

  /** Nothing more is promised on a database that is known to be damaged. */
  async acceptMessages(entries: readonly Acceptance[]) {
    this.#requireWhole();
    return this.#accepting.accept(entries);
  }

  async getMessage(key: MessageKey) {
    const answer = await this.#read(encodeKey("getMessage", key));
    return this.#accepting.found(key.messageId, decodeMessageOrNull(answer));
  }

  async listMessages(query: MessageQuery) {
    return (await this.#read(encodeQuery(query))).list(decodeMessage);
  }

  async getTrails(key: MessageKey) {
    const answer = await this.#read(encodeKey("getTrails", key));
    return this.#accepting.found(key.messageId, decodeTrails(answer));
  }

  async deleteMessages(changes: readonly MessageChange[]) {
    return decodeDeleted(await this.#write(encodeDeletions(changes)));
  }

  async findIdempotent(customerId: CustomerId, key: string, now: Micros) {
    const answer = await this.#read(["findIdempotent", customerId, key, now]);
    return answer.number() === 0 ? null : { fingerprint: answer.text(), answer: answer.text() };
  }

  async claimTargets(request: ClaimRequest) {
    return decodeClaimed(await this.#write(encodeClaim(request)), request.carrierId);
  }

  async claimReroutable(request: ReroutableClaim) {
    return decodeReroutable(await this.#write(encodeReroutableClaim(request)), request.carrierId);
  }

  async markInFlight(marks: readonly InFlightMark[]) {
    return decodeMarked(await this.#write(encodeMarks(marks), patience(marks, MARK_PATIENCE)));
  }

  async settleTargets(settlements: readonly Settlement[]) {
    return decodeSettlementResults(
      await this.#write(encodeSettlements(settlements), patience(settlements, PATIENCE)),
    );
  }

  async recoverTargets(request: RecoveryRequest) {
    return decodeRecovered(await this.#write(encodeRecovery(request)));
  }

  async leasedTargets(query: LeasedQuery) {
    return decodeLeased(await this.#read(encodeLeasedQuery(query)));
  }

  async nextDueAt(carrierId: CarrierId) {
    return timeOrNull(await this.#read(["nextDueAt", carrierId]));
  }

  async queueDepths() {
    return decodeDepths(await this.#read(["queueDepths"]));
  }

  async leftoverCarriers() {
    return decodeCarrierIds(await this.#read(["leftoverCarriers"]));
  }

  async applyReceipts(receipts: readonly Receipt[]) {
    return decodeReceiptOutcomes(
      await this.#write(encodeReceipts(receipts), patience(receipts, PATIENCE), GIVES_WAY),
    );
  }

  async expire(request: ExpiryRequest) {
    return decodeExpired(await this.#write(encodeExpiry(request)));
  }

  async claimDeliveries(claim: DeliveryClaim) {
    return decodeDeliveries(
      await this.#write(encodeDeliveryClaim(claim), PATIENCE, GIVES_WAY),
      claim.endpointId,
    );
  }

  async settleDeliveries(settlements: readonly DeliverySettlement[]) {
    await this.#write(encodeDeliverySettlements(settlements), patience(settlements, PATIENCE), GIVES_WAY);
  }

  async noteEndpointHealth(healths: readonly EndpointHealth[]) {
    await this.#write(encodeHealths(healths));
  }

  async dueEndpoints(now: Micros, limit: number) {
    return decodeEndpointIds(await this.#read(["dueEndpoints", now, limit]));
  }

  async nextDeliveryAt(endpointId: EndpointId) {
    return timeOrNull(await this.#read(["nextDeliveryAt", endpointId]));
  }

  async heartbeat(node: NodeId, _now: Micros, expiresAt: Micros) {
    return decodeLives(await this.#write(encodeHeartbeat(node, expiresAt)));
  }

  async leaseBinds(request: LeaseRequest) {
    return decodeLeases(await this.#write(encodeLeaseRequest(request)), request);
  }

  async releaseBinds(node: NodeId, binds: Parameters<Store["releaseBinds"]>[1]) {
    await this.#write(encodeRelease(node, binds));
  }

  onWake(listener: (wake: Wake) => void) {
    return this.#wakes.listen(listener);
  }

  backup(file: string) {
    return backup({ file: this.#file, into: file });
  }

  async probe() {
    this.#requireWhole();
    await this.#write(["probe"]);
  }

  close() {
    this.#closed ??= this.#close();
    return this.#closed;
  }
}

/** So many items are a batch already and need not wait for company. */
const BATCH_ENOUGH = 512;

function patience(items: readonly unknown[], otherwise: Patience): Patience | null {
  return items.length >= BATCH_ENOUGH ? null : otherwise;
}

function timeOrNull(answer: WireReader): Micros | null {
  const value = answer.numberOrNull();
  return value === null ? null : micros(value);
}
