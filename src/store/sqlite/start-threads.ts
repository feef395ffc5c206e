import type { Logger } from "../../domain/logger.ts";
import type { Metrics } from "../../domain/metrics.ts";
import type { WakeThrottle } from "../wake-throttle.ts";
import { OperationThread } from "./operation-thread.ts";

const COMMIT_OPERATIONS = 4_000;
/** Reads are answered when all of their pile are done. */
const READ_OPERATIONS = 64;

/** Reads that take longer are given up; all of them follow an index and have a row limit. */
const READ_DEADLINE_MS = 5_000;

interface ThreadsOptions {
  readonly file: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Told of what commits owe to listeners. */
  readonly wakes: WakeThrottle;
}

/** The thread that writes and the one that reads, open. */
export interface StartedThreads {
  readonly writer: OperationThread;
  readonly reader: OperationThread;
  /** Throws StoreUnavailable once one of them has met a damaged page. */
  readonly requireWhole: () => void;
}

/** @throws {DatabaseRefused} */
export async function startThreads({
  file,
  logger,
  metrics,
  wakes,
}: ThreadsOptions): Promise<StartedThreads> {
  const damage = watchForDamage(logger);
  const shared = {
    file,
    onLost: (error: Error) => logger.error({ error: error.message }, "store thread lost"),
    onDamaged: damage.note,
  };
  const writer = await OperationThread.start({
    ...shared,
    script: "writer-thread",
    pileOperations: COMMIT_OPERATIONS,
    deadlineMs: null,
    onPile(woken, operations, tookMs) {
      metrics.observe("msgbin_store_commit_seconds", tookMs / 1_000);
      metrics.count("msgbin_store_operations_total", {}, operations);
      wakes.wake(woken);
    },
  });
  const reader = await OperationThread.start({
    ...shared,
    script: "reader-thread",
    pileOperations: READ_OPERATIONS,
    deadlineMs: READ_DEADLINE_MS,
    onPile: (_, __, tookMs) => metrics.observe("msgbin_store_read_seconds", tookMs / 1_000),
  });
  return { writer, reader, requireWhole: damage.requireWhole };
}

/** Tells once that the database is damaged: from then on requests are answered 503, which nobody logs. */
function watchForDamage(logger: Logger): {
  readonly note: (error: Error) => void;
  readonly requireWhole: () => void;
} {
  let first: Error | null = null;
  return {
    note(error: Error): void {
      if (first === null) logger.error({ error: error.message }, "the database is damaged");
      first ??= error;
    },
    requireWhole(): void {
      if (first !== null) throw first;
    },
  };
}
