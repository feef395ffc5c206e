import type { CarrierId } from "../../domain/ids.ts";
import type { InboundContent } from "../../domain/inbound.ts";
import { micros } from "../../domain/micros.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { displacedReference, REFERENCES } from "../displaced-gatherings.ts";
import type { Gathering, GatheringKey } from "../gathering.ts";
import { bytes, type Cell, type Connection, integer, type Row, type Statement, text } from "./connection.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import type { TransactionPart } from "./writer-context.ts";

/** How long the parts of a message that was put together, and carriers' own ids, are known again (port: 10 minutes). */
export const REPEATS_KNOWN_FOR = 10 * 60 * 1_000_000;

/** Parts that are kept, those of taken gatherings included; beyond it a part is refused, and its carrier sends it again (P8). */
export const GATHERED_PARTS_LIMIT = 500_000;

const KEY = "carrier_id, source, destination, reference, total";
const THE_KEY = "carrier_id = ? AND source = ? AND destination = ? AND reference = ? AND total = ?";

export const GATHERING_SQL = {
  state: `SELECT came, taken_at FROM gatherings WHERE ${THE_KEY}`,
  content: `SELECT content FROM gathered_parts WHERE ${THE_KEY} AND sequence = ?`,
  parts: `SELECT sequence, content FROM gathered_parts WHERE ${THE_KEY} ORDER BY sequence`,
  first: `SELECT first_at FROM gatherings WHERE ${THE_KEY}`,
  take: `UPDATE gatherings SET taken_at = ? WHERE ${THE_KEY} AND taken_at IS NULL AND first_at = ? AND came = ?`,
  /** What had to make way under a reference, and whether it holds this very part. */
  displaced: `
    SELECT g.reference, EXISTS (
      SELECT 1 FROM gathered_parts p WHERE p.carrier_id = g.carrier_id AND p.source = g.source
        AND p.destination = g.destination AND p.reference = g.reference AND p.total = g.total
        AND p.sequence = ?6 AND p.content = ?7 AND (g.taken_at IS NULL OR g.taken_at > ?8))
    FROM gatherings g
    WHERE g.carrier_id = ?1 AND g.source = ?2 AND g.destination = ?3 AND g.reference >= ${REFERENCES}
      AND g.reference % ${REFERENCES} = ?4 AND g.total = ?5`,
  displace: `UPDATE gatherings SET reference = ? WHERE ${THE_KEY}`,
  displaceParts: `UPDATE gathered_parts SET reference = ? WHERE ${THE_KEY}`,
  forgotten: `
    SELECT ${KEY} FROM gatherings INDEXED BY gatherings_taken
    WHERE taken_at IS NOT NULL AND taken_at <= ? ORDER BY taken_at LIMIT ?`,
  removeParts: `DELETE FROM gathered_parts WHERE ${THE_KEY}`,
  remove: `DELETE FROM gatherings WHERE ${THE_KEY}`,
  waiting: `
    SELECT ${KEY}, first_at FROM gatherings INDEXED BY gatherings_waiting
    WHERE taken_at IS NULL AND first_at < ? ORDER BY first_at LIMIT ?`,
  complete: `
    SELECT ${KEY}, first_at FROM gatherings INDEXED BY gatherings_complete
    WHERE taken_at IS NULL AND came = total AND first_at >= ? ORDER BY first_at LIMIT ?`,
} as const;

/** A gathering's key as its columns hold it. */
export type GatheringColumns = readonly [Uint8Array, string, string, number, number];

export function gatheringColumns(key: GatheringKey): GatheringColumns {
  return [idToBytes(key.carrierId), key.source, key.destination, key.reference, key.total];
}

/** What is known of a gathering: how many parts came, and whether it was put together already. */
interface GatheringState {
  readonly came: number;
  readonly takenAt: number | null;
}

/** Parts of inbound messages as they come, each once. */
export class GatheringRows implements TransactionPart {
  readonly #state: Statement;
  readonly #content: Statement;
  readonly #begin: Statement;
  readonly #insertPart: Statement;
  readonly #came: Statement;
  readonly #take: Statement;
  readonly #selectDisplaced: Statement;
  readonly #displace: Statement;
  readonly #displaceParts: Statement;
  readonly #forgotten: Statement;
  readonly #removeParts: Statement;
  readonly #remove: Statement;
  readonly #limit: number;
  /** Parts in the table. Counted once, for there may be half a million. */
  #parts: number;
  #committedParts: number;

  constructor(connection: Connection, limit = GATHERED_PARTS_LIMIT) {
    this.#limit = limit;
    this.#state = connection.prepare(GATHERING_SQL.state);
    this.#content = connection.prepare(GATHERING_SQL.content);
    this.#begin = connection.prepare("INSERT INTO gatherings VALUES (?, ?, ?, ?, ?, ?, 0, NULL)");
    this.#insertPart = connection.prepare("INSERT INTO gathered_parts VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#came = connection.prepare(`UPDATE gatherings SET came = came + 1 WHERE ${THE_KEY}`);
    this.#take = connection.prepare(GATHERING_SQL.take);
    this.#selectDisplaced = connection.prepare(GATHERING_SQL.displaced);
    this.#displace = connection.prepare(GATHERING_SQL.displace);
    this.#displaceParts = connection.prepare(GATHERING_SQL.displaceParts);
    this.#forgotten = connection.prepare(GATHERING_SQL.forgotten);
    this.#removeParts = connection.prepare(GATHERING_SQL.removeParts);
    this.#remove = connection.prepare(GATHERING_SQL.remove);
    const count = connection.prepare("SELECT count(*) FROM gathered_parts").get();
    this.#parts = this.#committedParts = integer(count?.[0]);
  }

  /** Keeps a part unless it repeats one that is known; true when it makes its gathering complete. */
  keep(key: GatheringColumns, sequence: number, content: string, at: number): boolean {
    let state = this.#read(key);
    const known = state === null ? undefined : this.#content.get(...key, sequence)?.[0];
    if (state !== null && (state.takenAt !== null || known !== undefined)) {
      const isRemembered = state.takenAt === null || at - state.takenAt < REPEATS_KNOWN_FOR;
      if (isRemembered && known === content) return false;
      // Too late to be a repeat, or other words under the same reference: another message.
      const displaced = this.#selectDisplaced.all(...key, sequence, content, at - REPEATS_KNOWN_FOR);
      if (displaced.some((row) => row[1] === 1)) return false;
      if (state.takenAt !== null) this.#forget(key);
      else this.#makeWay(key, displaced);
      state = null;
    }
    if (state === null) this.#begin.run(...key, at);
    if (this.#parts >= this.#limit)
      throw new StoreUnavailable("busy", `more than ${this.#limit} parts of inbound messages wait`);
    this.#insertPart.run(...key, sequence, content);
    this.#came.run(...key);
    this.#parts++;
    return (state?.came ?? 0) + 1 === key[4];
  }

  /** Notes that a gathering's message is stored; false when it was before, or the gathering is not that one any more. */
  take(gathering: Gathering, at: number): boolean {
    const { firstAt, parts } = gathering;
    return Number(this.#take.run(at, ...gatheringColumns(gathering), firstAt, parts.length).changes) === 1;
  }

  /** Removes at most `limit` gatherings that were taken so long ago that no repeat comes any more. */
  forgetTaken(now: number, limit: number): void {
    for (const row of this.#forgotten.all(now - REPEATS_KNOWN_FOR, limit)) this.#forget(columnsOf(row));
  }

  /** Takes in that parts were removed by others. */
  removed(parts: number): void {
    this.#parts -= parts;
  }

  afterCommit(): void {
    this.#committedParts = this.#parts;
  }

  afterRollback(): void {
    this.#parts = this.#committedParts;
  }

  #makeWay(key: GatheringColumns, displaced: readonly Row[]): void {
    const used = displaced.map((row) => integer(row[0]));
    const reference = displacedReference(key[3], used);
    this.#displace.run(reference, ...key);
    this.#displaceParts.run(reference, ...key);
  }

  #forget(key: GatheringColumns): void {
    this.#parts -= Number(this.#removeParts.run(...key).changes);
    this.#remove.run(...key);
  }

  #read(key: GatheringColumns): GatheringState | null {
    const row = this.#state.get(...key);
    return row === undefined ? null : { came: integer(row[0]), takenAt: asTime(row[1]) };
  }
}

/** Reads whole gatherings on a connection. */
export function createGatheringReader(connection: Connection): (row: Row, firstAt: Cell) => Gathering {
  const parts = connection.prepare(GATHERING_SQL.parts);
  return (row, firstAt) => {
    const key = columnsOf(row);
    return {
      carrierId: bytesToId(key[0]) as CarrierId, // the bytes of a carrier_id column
      source: key[1],
      destination: key[2],
      reference: key[3],
      total: key[4],
      parts: parts.all(...key).map((part) => ({
        sequence: integer(part[0]),
        content: JSON.parse(text(part[1])) as InboundContent, // only keepParts writes it
      })),
      firstAt: micros(integer(firstAt)),
    };
  };
}

function columnsOf(row: Row): GatheringColumns {
  return [bytes(row[0]), text(row[1]), text(row[2]), integer(row[3]), integer(row[4])];
}

function asTime(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : integer(cell);
}
