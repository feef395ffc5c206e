import type { PoolClient } from "pg";
import type { Session, Statement, Value } from "./connection.ts";
import { breaksConnection, failureOf, OutcomeUnknown, READ_ONLY, sqlStateOf } from "./postgres-failure.ts";
import { type Answer, type Asked, type PreparedStatements, StatementBatch } from "./statement-batch.ts";

interface Pending extends Asked {
  readonly onAnswer: (answer: Answer) => void;
  readonly onError: (error: unknown) => void;
}

const BEGIN = command("BEGIN");
const COMMIT = command("COMMIT");
const NOBODY = (): void => {};

/**
 * Statements of one connection. What is asked in one turn of the event loop goes out together, in the order in which it was
 * asked; a transaction begins with its first statement, and what nobody waits for goes with its COMMIT.
 */
export class PipelinedSession implements Session {
  readonly #client: PoolClient;
  readonly #prepared: PreparedStatements;
  #pending: Pending[] = [];
  /** Somebody waits for what is pending. */
  #isWanted = false;
  #isUnderWay = false;
  #isBegun = false;
  #isOver = false;

  constructor(client: PoolClient, prepared: PreparedStatements) {
    this.#client = client;
    this.#prepared = prepared;
  }

  async rows<Row>(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return (await this.#ask(statement, values)).rows as Row[]; // the statement's own columns
  }

  async run(statement: Statement, values: readonly Value[]): Promise<number> {
    return (await this.#ask(statement, values)).count;
  }

  withNext(
    statement: Statement,
    values: readonly Value[],
    onRows?: (rows: readonly unknown[]) => void,
  ): void {
    this.#pending.push({
      statement,
      values,
      onAnswer: ({ rows }) => onRows?.(rows),
      onError: NOBODY, // whoever waits for the batch hears of it
    });
  }

  /** Begins a transaction, with the first statement. */
  begin(): void {
    this.withNext(BEGIN, []);
    this.#isBegun = true;
  }

  /**
   * Commits, unless nothing was asked. The transaction is over in any case.
   * @throws {OutcomeUnknown} when the connection broke meanwhile.
   */
  async commit(): Promise<void> {
    if (this.#isUntouched()) return;
    try {
      const committing = this.#ask(COMMIT, []);
      this.#isOver = true;
      await committing;
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      if (cause !== error && breaksConnection(cause) && sqlStateOf(cause) !== READ_ONLY)
        throw new OutcomeUnknown("the connection broke during a commit", { cause });
      await this.rollBack();
      throw error;
    }
  }

  async rollBack(): Promise<void> {
    this.#isOver = true;
    if (this.#isUntouched()) return;
    this.#pending = [];
    await this.#client.query("ROLLBACK").catch(NOBODY); // a broken connection has rolled back by itself
  }

  #isUntouched(): boolean {
    return this.#isBegun && this.#pending[0]?.statement === BEGIN && this.#pending.length === 1;
  }

  #ask(statement: Statement, values: readonly Value[]): Promise<Answer> {
    // The connection is somebody else's by now.
    if (this.#isOver)
      return Promise.reject(new Error(`${statement.name} was asked after its transaction was over`));
    return new Promise((onAnswer, onError) => {
      this.#pending.push({ statement, values, onAnswer, onError });
      if (this.#isWanted) return;
      this.#isWanted = true;
      queueMicrotask(() => this.#send());
    });
  }

  #send(): void {
    if (this.#isUnderWay || !this.#isWanted) return;
    this.#isWanted = false;
    this.#isUnderWay = true;
    const sent = this.#pending;
    this.#pending = [];
    const batch = new StatementBatch(sent, this.#prepared, (error, answers) => {
      this.#isUnderWay = false;
      this.#send();
      if (error === null)
        for (const [index, { onAnswer }] of sent.entries())
          onAnswer(answers?.[index] ?? { rows: [], count: 0 });
      else for (const { onError } of sent) onError(failureOf(error));
    });
    this.#client.query(batch);
  }
}

/** A statement without values or a plan. */
function command(text: string): Statement {
  return { name: text.toLowerCase(), text };
}
