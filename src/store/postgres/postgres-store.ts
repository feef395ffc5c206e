import type { Clock } from "../../domain/clock.ts";
import { createIds } from "../../domain/ids.ts";
import type { Logger } from "../../domain/logger.ts";
import type { Metrics } from "../../domain/metrics.ts";
import type { RetentionRequest } from "../retaining.ts";
import type { Store } from "../store.ts";
import { acceptMessages } from "./accept-messages.ts";
import { applyReceipts } from "./apply-receipts.ts";
import { claimDeliveries } from "./claim-deliveries.ts";
import { claimReroutable } from "./claim-reroutable.ts";
import { claimTargets, type NamedClaim } from "./claim-targets.ts";
import { Database } from "./connection.ts";
import { cancelMessages } from "./cancel-messages.ts";
import { DamageWatch } from "./damage-watch.ts";
import { DatabaseRefused } from "./database-refused.ts";
import { decideHeld } from "./decide-held.ts";
import { deleteMessages } from "./delete-messages.ts";
import { eraseNumber } from "./erase-number.ts";
import { expire } from "./expire.ts";
import { findGatherings, keepParts } from "./gathering.ts";
import { type CommitPile, GroupCommit } from "./group-commit.ts";
import { type KeptKey, lookForAnswers } from "./idempotency-keys.ts";
import { Housekeeping } from "./keep-house.ts";
import { heldTargets } from "./held-targets.ts";
import { heartbeat, leaseBinds, releaseBinds } from "./lease-binds.ts";
import { leasedTargets } from "./leased-targets.ts";
import { leftoverCarriers } from "./leftover-carriers.ts";
import { markInFlight } from "./mark-in-flight.ts";
import type { Reads } from "./message-rows.ts";
import { migrate } from "./migrate.ts";
import { noteEndpointHealth } from "./note-endpoint-health.ts";
import { createNumbering } from "./numbering.ts";
import { OpenWork } from "./open-work.ts";
import { createOptingOut } from "./opting-out.ts";
import { OverlookedReceipts } from "./overlooked-receipts.ts";
import { probe } from "./probe.ts";
import { queueDepths } from "./queue-depths.ts";
import { directoryReads } from "./read-directory.ts";
import { findIdempotent, getMessage, getTrails, listMessages } from "./read-messages.ts";
import { dueEndpoints, nextDeliveryAt, nextDueAt } from "./read-queue.ts";
import { receiveMessages } from "./receive-messages.ts";
import { createRecounting } from "./recounting.ts";
import { recoverTargets } from "./recover-targets.ts";
import { resendMessages } from "./resend-messages.ts";
import { searchMessages } from "./search-messages.ts";
import { settleDeliveries } from "./settle-deliveries.ts";
import { settleTargets } from "./settle-targets.ts";
import { sweepRetention } from "./sweep-retention.ts";
import { WakeLine } from "./wake-line.ts";
import { directoryWrites } from "./write-directory.ts";
import type { WriterContext } from "./writer-context.ts";

/** Connections a process holds at most, beside one that listens: each kind of group commit has one under way. */
const WRITERS = 8;
const READERS = 4;

/** Everything is done by then: a server that does not even take leave is not waited for. */
const GOODBYE_MS = 3_000;

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`; may lead to a pooler. */
  readonly url: string;
  /** Past the pooler, for what needs a session: LISTEN and the migration's lock. */
  readonly directUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Opens the store of many processes, and brings its schema up to date.
 * @throws {DatabaseRefused} when it cannot be reached, is too new or belongs to another program.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, directUrl, clock, logger } = options;
  for (const address of [url, directUrl]) checkAddress(address);
  await migrate(directUrl, Math.floor(clock.now() / 1_000));
  const onIdleError = (error: Error) => logger.debug({ error: error.message }, "a database connection broke");
  const damage = new DamageWatch(logger, () => performance.now());
  const onFailure = (error: unknown, isWrite: boolean) => damage.note(error, isWrite);
  const database = new Database({ url, writers: WRITERS, readers: READERS, onIdleError, onFailure });
  const wakes = new WakeLine(directUrl, logger);
  await wakes.open();
  return storeOf(options, database, wakes, damage);
}

function checkAddress(address: string): void {
  if (!URL.canParse(address) || !/^postgres(ql)?:$/.test(new URL(address).protocol))
    throw new DatabaseRefused("bad_address", "the database's address is not of the form postgres://…");
}

function storeOf(
  options: PostgresStoreOptions,
  database: Database,
  wakes: WakeLine,
  damage: DamageWatch,
): Store {
  const open = new OpenWork();
  const context: WriterContext = {
    database,
    housekeeping: new Housekeeping(database),
    overlooked: new OverlookedReceipts(),
    clock: options.clock,
    ids: createIds((bytes) => crypto.getRandomValues(bytes)),
    tell: (owed) => wakes.wake(owed.owed),
    later: (work) => open.later(work),
    carriers: new Set(),
  };
  const reads = timedReads(database, options.metrics);
  let closed: Promise<void> | null = null;

  async function close(): Promise<void> {
    await open.close();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, GOODBYE_MS);
    await Promise.race([wakes.close().then(() => database.close()), late]);
    clearTimeout(timer);
  }

  const operations = {
    ...messaging(context, reads, options.metrics),
    ...queueing(context, reads, options.metrics),
    ...announcing(context, reads, options.metrics),
    ...inbound(context, reads, options.metrics),
    ...createNumbering(context, reads),
    ...createOptingOut(context, reads),
    ...createRecounting(context, reads),
    eraseNumber: (number: string, now: number, limit: number) => eraseNumber(context, number, now, limit),
    sweepRetention: (request: RetentionRequest) => sweepRetention(context, reads, request),
    ...directoryReads(reads),
    ...directoryWrites(context),
    async probe() {
      damage.requireWhole();
      await probe(context);
    },
    backup: () =>
      Promise.reject(new Error("PostgreSQL is backed up by its own tools: use pg_dump or a base backup")),
  };
  return {
    ...open.guard(operations),
    onWake: (listener) => wakes.listen(listener),
    close: () => (closed ??= close()),
  };
}

function messaging(context: WriterContext, reads: Reads, metrics: Metrics) {
  const accepting = lane(metrics, acceptMany(context), (entries) => weightOfAcceptances(entries));
  const deleting = lane(metrics, (pile: Parameters<typeof deleteMessages>[1]) =>
    deleteMessages(context, pile),
  );
  const receipts = lane(metrics, (pile: Parameters<typeof applyReceipts>[1]) => applyReceipts(context, pile));
  const answers = new GroupCommit((pile: readonly KeptKey[]) => lookForAnswers(context, pile), {
    weigh: () => 1,
    onPile: timed(metrics),
  });
  return {
    acceptMessages: accepting,
    deleteMessages: deleting,
    applyReceipts: receipts,
    getMessage: (key) => getMessage(reads, key),
    listMessages: (query) => listMessages(reads, query),
    searchMessages: (query, filter) => searchMessages(reads, query, filter),
    cancelMessages: (changes) => cancelMessages(context, changes),
    resendMessages: (changes) => resendMessages(context, changes),
    getTrails: (key) => getTrails(reads, key),
    async findIdempotent(customerId, key, now) {
      const found = await findIdempotent(reads, customerId, key, now);
      return found === null ? null : answers.submit({ customerId, key });
    },
    expire: (request) => expire(context, request),
  } satisfies Partial<Store>;
}

function inbound(context: WriterContext, reads: Reads, metrics: Metrics) {
  return {
    keepParts: (parts) => keepParts(context, parts),
    findGatherings: (firstBefore, limit) => findGatherings(reads, firstBefore, limit),
    receiveMessages: lane(metrics, (pile: Parameters<typeof receiveMessages>[1], isRepeat) =>
      receiveMessages(context, pile, isRepeat),
    ),
  } satisfies Partial<Store>;
}

/** A target weighs as much as a message: each is a row or three. */
function weightOfAcceptances(entries: Parameters<Store["acceptMessages"]>[0]): number {
  return entries.reduce((weight, { targets }) => weight + 1 + targets.length, 0);
}

function acceptMany(context: WriterContext) {
  type Entries = Parameters<Store["acceptMessages"]>[0];
  return async (pile: readonly Entries[], isRepeat: boolean) => {
    const outcomes = await acceptMessages(context, pile.flat(), isRepeat);
    let taken = 0;
    return pile.map(({ length }) => outcomes.slice(taken, (taken += length)));
  };
}

function queueing(context: WriterContext, reads: Reads, metrics: Metrics) {
  const claims = new GroupCommit(
    (pile: readonly NamedClaim[], isRepeat) => claimTargets(context, pile, isRepeat),
    {
      weigh: () => 50,
      onPile: timed(metrics),
    },
  );
  const marks = lane(metrics, (pile: Parameters<typeof markInFlight>[1], isRepeat) =>
    markInFlight(context, pile, isRepeat),
  );
  const settles = lane(metrics, (pile: Parameters<typeof settleTargets>[1]) => settleTargets(context, pile));
  return {
    claimTargets: (request) => claims.submit({ request, claim: crypto.randomUUID() }),
    claimReroutable: (request) => claimReroutable(context, request),
    markInFlight: marks,
    settleTargets: settles,
    recoverTargets: (request) => recoverTargets(context, request),
    leasedTargets: (query) => leasedTargets(reads, query),
    heldTargets: (query) => heldTargets(reads, query),
    decideHeld: (decision, targets, at) => decideHeld(context, decision, targets, at),
    nextDueAt: (carrierId) => nextDueAt(reads, carrierId),
    queueDepths: () => queueDepths(reads, context.carriers),
    leftoverCarriers: () => leftoverCarriers(reads),
    heartbeat: (node, now, expiresAt) => heartbeat(context, node, now, expiresAt),
    leaseBinds: (request) => leaseBinds(context, request),
    releaseBinds: (node, binds) => releaseBinds(context, node, binds),
  } satisfies Partial<Store>;
}

function announcing(context: WriterContext, reads: Reads, metrics: Metrics) {
  const claims = new GroupCommit(
    (pile: Parameters<typeof claimDeliveries>[1]) => claimDeliveries(context, pile),
    {
      weigh: () => 50,
      onPile: timed(metrics),
    },
  );
  const settles = lane(metrics, (pile: Parameters<typeof settleDeliveries>[1]) =>
    settleDeliveries(context, pile),
  );
  return {
    claimDeliveries: (claim) => claims.submit(claim),
    settleDeliveries: async (settlements) => void (await settles(settlements)),
    noteEndpointHealth: (healths) => noteEndpointHealth(context, healths),
    dueEndpoints: (now, limit) => dueEndpoints(reads, now, limit),
    nextDeliveryAt: (endpointId) => nextDeliveryAt(reads, endpointId),
  } satisfies Partial<Store>;
}

/** Group commit of batches; an empty one asks for nothing. */
function lane<Item, Answer>(
  metrics: Metrics,
  commit: CommitPile<readonly Item[], Answer>,
  weigh = (batch: readonly Item[]) => batch.length,
): (batch: readonly Item[]) => Promise<Answer> {
  const commits = new GroupCommit(commit, { weigh, onPile: timed(metrics) });
  return (batch) => commits.submit(batch);
}

function timed(metrics: Metrics) {
  return (operations: number, tookMs: number) => {
    metrics.observe("msgbin_store_commit_seconds", tookMs / 1_000);
    metrics.count("msgbin_store_operations_total", {}, operations);
  };
}

function timedReads(database: Database, metrics: Metrics): Reads {
  return {
    async rows<Row>(...query: Parameters<Reads["rows"]>) {
      const begun = performance.now();
      try {
        return await database.read<Row>(...query);
      } finally {
        metrics.observe("msgbin_store_read_seconds", (performance.now() - begun) / 1_000);
      }
    },
  };
}
