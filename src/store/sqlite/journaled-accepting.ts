import type { MessageId } from "../../domain/ids.ts";
import type { Logger } from "../../domain/logger.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { UnderWay } from "../../domain/under-way.ts";
import type { Acceptance, AcceptanceOutcome } from "../accepting.ts";
import {
  decodeAcceptanceOutcomes,
  decodeJournalState,
  encodeAcceptances,
  encodeApply,
  encodeJournaled,
  encodePassOver,
} from "./accept-messages.ts";
import { AcceptanceJournal } from "./acceptance-journal.ts";
import { type JournalRecord, recordsAfter } from "./journal-records.ts";
import type { Patience } from "./lingering.ts";
import type { OperationThread } from "./operation-thread.ts";
import { WireReader } from "./wire.ts";

/** Nobody waits for what the journal has: it goes into the database with whatever comes along. */
const APPLY_PATIENCE: Patience = { quietMs: 5, mostMs: 25 };
const REFUSED = "an accepted message was refused by the database";
const ACCEPTED: AcceptanceOutcome = { kind: "accepted" };

/**
 * Accepts messages by way of the journal: an acceptance is durable once it stands there, and the database gets it a little
 * later together with others. Reads wait for that (see sqlite-store.ts), and at the next start whatever is missing is
 * brought in before anything else.
 *
 * What needs the database to be decided (an idempotency key), and everything while the database cannot be written, goes the
 * direct way: into the database, and answered after its commit.
 */
export class JournaledAccepting {
  readonly #writer: OperationThread;
  readonly #journal: AcceptanceJournal | null;
  readonly #logger: Logger;
  /** Ids of messages that the journal has and the database has not. */
  readonly #pending = new Set<MessageId>();
  readonly #underWay = new UnderWay();
  #isClosing = false;
  #isJournalLost = false;

  private constructor(writer: OperationThread, journal: AcceptanceJournal | null, logger: Logger) {
    this.#writer = writer;
    this.#journal = journal;
    this.#logger = logger;
    writer.whenFailing(() => journal?.giveBack());
  }

  /** Opens the journal beside a database and brings in what the database does not have of it. */
  static async open(database: string, writer: OperationThread, logger: Logger): Promise<JournaledAccepting> {
    const { id, applied } = decodeJournalState(new WireReader(await writer.submit(["journalState"])));
    const beside = AcceptanceJournal.recordsBeside(database, id);
    const missing = recordsAfter(applied, beside);
    const leftOut = beside.filter(({ sequence }) => sequence > applied).length - missing.length;
    if (leftOut > 0)
      logger.warn({ records: leftOut }, "left out of the journal what does not follow on from this database");
    await bringIn(writer, missing, logger);
    if (missing.length > 0)
      logger.info({ records: missing.length }, "brought in what was accepted before the last end");
    const journal = beginJournal(database, id, missing.at(-1)?.sequence ?? applied, logger);
    return new JournaledAccepting(writer, journal, logger);
  }

  async accept(entries: readonly Acceptance[]): Promise<readonly AcceptanceOutcome[]> {
    if (this.#isClosing) throw new StoreUnavailable("closed", "the store is closed");
    this.#underWay.begin();
    try {
      const journaled = this.#journaled(entries);
      if (journaled === null) return await this.#acceptDirectly(entries);
      const { journal, record } = journaled;
      try {
        if (!(await journal.append(record))) return await this.#acceptDirectly(entries);
      } catch (error) {
        this.#tellLost(error);
        await this.#applyNow(record);
        return entries.map(() => ACCEPTED);
      }
      this.#apply(
        journal,
        record,
        entries.map(({ message }) => message.id), // what is behind an id need not stay in memory so long
      );
      return entries.map(() => ACCEPTED);
    } finally {
      this.#underWay.end();
    }
  }

  /**
   * Passes on what the database answers for a message; throws StoreUnavailable when it answers nothing because it cannot be
   * written, and the message is accepted all the same.
   */
  found<Answer>(messageId: MessageId, answer: Answer | null): Answer | null {
    if (answer === null && this.#pending.has(messageId))
      throw new StoreUnavailable(
        "busy",
        "the message is accepted and cannot be brought into the database now",
      );
    return answer;
  }

  /** Overwrites what the journal holds and the database has: a number was erased. */
  async wipe(): Promise<void> {
    await this.#journal?.wipe();
  }

  /** Takes nothing more; resolves when what was handed in is in the journal, and on its way to the database. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    await this.#underWay.idle();
  }

  /** Lets go of the journal, once the database has everything. */
  close(): void {
    this.#journal?.close();
  }

  /** The record that the journal is to have of them; null when they go the direct way. */
  #journaled(
    entries: readonly Acceptance[],
  ): { readonly journal: AcceptanceJournal; readonly record: JournalRecord } | null {
    const journal = this.#journal;
    if (journal === null || this.#writer.isFailing || entries.some(({ idempotency }) => idempotency !== null))
      return null;
    const record = { sequence: journal.nextSequence, payload: encodeJournaled(entries) };
    if (!this.#writer.hasRoomFor(record.payload.length))
      throw new StoreUnavailable("busy", "too many operations wait for the database");
    return journal.takes(record.payload.length) ? { journal, record } : null;
  }

  async #acceptDirectly(entries: readonly Acceptance[]): Promise<readonly AcceptanceOutcome[]> {
    return decodeAcceptanceOutcomes(new WireReader(await this.#writer.submit(encodeAcceptances(entries))));
  }

  /**
   * Brings a record that the journal failed to write into the database. It may stand in the file all the same: when it is
   * refused, the database passes it over for good, so that no later start brings in what its sender was told to send again.
   */
  async #applyNow(record: JournalRecord): Promise<void> {
    try {
      await this.#writer.submit(encodeApply(record));
    } catch (error) {
      this.#passOver(record);
      throw error;
    }
  }

  /** Before those that come after it, which may be more than go into one pile. */
  #passOver({ sequence }: JournalRecord): void {
    this.#writer.submitPromised(encodePassOver(sequence), APPLY_PATIENCE, true).catch((failure: unknown) => {
      const fields = { sequence, error: String(failure) };
      this.#logger.warn(fields, "the next start may bring in a message that was refused");
    });
  }

  #apply(journal: AcceptanceJournal, record: JournalRecord, messages: readonly MessageId[]): void {
    for (const id of messages) this.#pending.add(id);
    void this.#writer.submitPromised(encodeApply(record), APPLY_PATIENCE).then(
      () => this.#applied(journal, record, messages),
      (error: unknown) => this.#leave(record, error),
    );
  }

  #applied(journal: AcceptanceJournal, { sequence }: JournalRecord, messages: readonly MessageId[]): void {
    for (const id of messages) this.#pending.delete(id);
    journal.applied(sequence);
  }

  #tellLost(error: unknown): void {
    if (this.#isJournalLost) return;
    this.#isJournalLost = true;
    const text =
      "the journal of acceptances failed: each goes into the database by itself until the next start";
    this.#logger.error({ error: String(error) }, text);
  }

  /** One that is itself at fault is passed over: those after it would wait for it for ever. */
  #leave(record: JournalRecord, error: unknown): void {
    const fields = { sequence: record.sequence, error: String(error) };
    if (error instanceof StoreUnavailable) {
      this.#logger.warn(fields, "an accepted message is left in the journal: the next start brings it in");
      return;
    }
    this.#logger.error(fields, REFUSED);
    this.#passOver(record);
  }
}

/** Applies records in their order; one that is itself at fault is passed over, and those after it are tried again. */
async function bringIn(
  writer: OperationThread,
  missing: readonly JournalRecord[],
  logger: Logger,
): Promise<void> {
  for (let left = missing; left.length > 0;) {
    const applied = await Promise.allSettled(left.map((record) => writer.submit(encodeApply(record))));
    const at = applied.findIndex(({ status }) => status === "rejected");
    const [failed, record] = [applied[at], left[at]];
    if (failed?.status !== "rejected" || record === undefined) return;
    if (failed.reason instanceof StoreUnavailable) throw failed.reason;
    logger.error({ sequence: record.sequence, error: String(failed.reason) }, REFUSED);
    await writer.submit(encodePassOver(record.sequence));
    left = left.slice(at + 1);
  }
}

/** Null when there is no room for it or its folder cannot be written: then all acceptances go the direct way. */
function beginJournal(
  database: string,
  id: number,
  sequence: number,
  logger: Logger,
): AcceptanceJournal | null {
  try {
    return new AcceptanceJournal(database, id, sequence);
  } catch (error) {
    logger.warn({ error: String(error) }, "no journal of acceptances: each goes into the database by itself");
    return null;
  }
}
