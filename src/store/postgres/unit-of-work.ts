import { EventFolder } from "./event-folder.ts";
import type { Session } from "./connection.ts";
import { QueueRows } from "./queue-rows.ts";
import { ReceiptKeys } from "./receipt-keys.ts";
import { TargetRows } from "./target-rows.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

/** What one transaction that moves targets works with. */
export interface UnitOfWork {
  readonly session: Session;
  readonly targets: TargetRows;
  readonly queue: QueueRows;
  readonly keys: ReceiptKeys;
  readonly events: EventFolder;
  readonly wakes: Wakes;
}

/**
 * Runs work on targets in one transaction, writes what it gathered, and tells of it after the commit. All locks are taken
 * in one order: targets, queue and leased rows, receipt keys, events, deliveries.
 */
export async function moveTargets<T>(
  { database, ids, tell }: WriterContext,
  work: (unit: UnitOfWork) => Promise<T>,
): Promise<T> {
  const [answer, wakes] = await database.transaction(async (session) => {
    const owed = new Wakes();
    const unit: UnitOfWork = {
      session,
      wakes: owed,
      targets: new TargetRows(session),
      queue: new QueueRows(session, owed),
      keys: new ReceiptKeys(session),
      events: new EventFolder(session, ids, owed),
    };
    const result = await work(unit);
    await writeAll(unit);
    return [result, owed] as const;
  });
  tell(wakes);
  return answer;
}

/** Writes what was gathered so far: what nobody waits for goes out with the events, or with the COMMIT. */
export async function writeAll({ targets, queue, keys, events }: UnitOfWork): Promise<void> {
  targets.flush();
  queue.flush();
  keys.flush();
  await events.flush();
}
