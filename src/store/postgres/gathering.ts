import type { CarrierId } from "../../domain/ids.ts";
import type { InboundContent } from "../../domain/inbound.ts";
import { micros } from "../../domain/micros.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { displacedReference, REFERENCES } from "../displaced-gatherings.ts";
import type { Gathering, GatheringKey, KeptPart } from "../gathering.ts";
import type { Session, Value } from "./connection.ts";
import type { Reads } from "./message-rows.ts";
import { ROWS_OF } from "./parked-receipts.ts";
import type { WriterContext } from "./writer-context.ts";

/** How long the parts of a message that was put together, and carriers' own ids, are known again (port: 10 minutes). */
export const REPEATS_KNOWN_FOR = 10 * 60 * 1_000_000;

/** Parts that are kept, those of taken gatherings included; beyond about so many a part is refused, and its carrier sends it again (P8). */
export const GATHERED_PARTS_LIMIT = 500_000;

const KEY = "carrier_id, source, destination, reference, total";
const THE_KEY = "carrier_id = $1 AND source = $2 AND destination = $3 AND reference = $4 AND total = $5";

export const GATHERING_SQL = {
  begin: {
    name: "gathering_begin",
    text: `INSERT INTO gatherings (${KEY}, first_at, came) VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING`,
  },
  /** Parts of one message that come over two nodes wait for each other here. */
  state: { name: "gathering_state", text: `SELECT taken_at FROM gatherings WHERE ${THE_KEY} FOR UPDATE` },
  content: {
    name: "gathering_content",
    text: `SELECT content FROM gathered_parts WHERE ${THE_KEY} AND sequence = $6`,
  },
  removeParts: { name: "gathering_remove_parts", text: `DELETE FROM gathered_parts WHERE ${THE_KEY}` },
  beginAgain: {
    name: "gathering_begin_again",
    text: `UPDATE gatherings SET first_at = $6, came = 0, taken_at = NULL WHERE ${THE_KEY}`,
  },
  /** What had to make way under a reference, and whether it holds this very part. */
  displaced: {
    name: "gathering_displaced",
    text: `
    SELECT g.reference, (
      SELECT 1 FROM gathered_parts p WHERE p.carrier_id = g.carrier_id AND p.source = g.source
        AND p.destination = g.destination AND p.reference = g.reference AND p.total = g.total
        AND p.sequence = $6 AND p.content = $7 AND (g.taken_at IS NULL OR g.taken_at > $8)) IS NOT NULL AS repeated
    FROM gatherings g
    WHERE g.carrier_id = $1 AND g.source = $2 AND g.destination = $3 AND g.reference >= ${REFERENCES}
      AND g.reference % ${REFERENCES} = $4 AND g.total = $5`,
  },
  /** A copy makes way: whoever waits for the row still finds it there. */
  displace: {
    name: "gathering_displace",
    text: `
    INSERT INTO gatherings (${KEY}, first_at, came)
    SELECT carrier_id, source, destination, $6::integer, total, first_at, came FROM gatherings WHERE ${THE_KEY}`,
  },
  displaceParts: {
    name: "gathering_displace_parts",
    text: `UPDATE gathered_parts SET reference = $6 WHERE ${THE_KEY}`,
  },
  insertPart: {
    name: "gathering_insert_part",
    text: `
    INSERT INTO gathered_parts (${KEY}, sequence, content)
    SELECT $1::uuid, $2::text, $3::text, $4::integer, $5::integer, $6::integer, $7::text
    WHERE ${ROWS_OF("gathered_parts")} < $8 RETURNING 1`,
  },
  came: {
    name: "gathering_came",
    text: `UPDATE gatherings SET came = came + 1 WHERE ${THE_KEY} RETURNING came, first_at`,
  },
  parts: {
    name: "gathering_parts",
    text: `SELECT sequence, content FROM gathered_parts WHERE ${THE_KEY} ORDER BY sequence`,
  },
  /** By its key: with a bare `first_at` the index of those that wait would do as well, and all carriers' are in that. */
  take: {
    name: "gathering_take",
    text: `
    UPDATE gatherings SET taken_at = $6 WHERE ${THE_KEY} AND taken_at IS NULL AND first_at + 0 = $7 AND came = $8 RETURNING 1`,
  },
  waiting: {
    name: "gatherings_waiting",
    text: `
    SELECT ${KEY}, first_at FROM gatherings WHERE taken_at IS NULL AND first_at < $1 ORDER BY first_at LIMIT $2`,
  },
  complete: {
    name: "gatherings_complete",
    text: `
    SELECT ${KEY}, first_at FROM gatherings
    WHERE taken_at IS NULL AND came = total AND first_at >= $1 ORDER BY first_at LIMIT $2`,
  },
  forget: {
    name: "gatherings_forget",
    text: `
    WITH old AS (
      SELECT ctid AS place, ${KEY} FROM gatherings WHERE taken_at IS NOT NULL AND taken_at <= $1 ORDER BY taken_at LIMIT $2
      FOR UPDATE SKIP LOCKED
    ), parts AS (
      DELETE FROM gathered_parts p USING old o CROSS JOIN LATERAL (
        SELECT ctid FROM gathered_parts WHERE carrier_id = o.carrier_id AND source = o.source
          AND destination = o.destination AND reference = o.reference AND total = o.total OFFSET 0) AS f (place)
      WHERE p.ctid = f.place
    )
    DELETE FROM gatherings g USING old o WHERE g.ctid = o.place`,
  },
} as const;

interface KeyRow {
  readonly carrier_id: string;
  readonly source: string;
  readonly destination: string;
  readonly reference: number;
  readonly total: number;
  readonly first_at: number;
}

interface DisplacedRow {
  readonly reference: number;
  readonly repeated: boolean;
}

/** Notes that a gathering's message is stored; false when it was before, or the gathering is not that one any more. */
export async function takeGathering(session: Session, gathering: Gathering, at: number): Promise<boolean> {
  const { firstAt, parts } = gathering;
  const values = [...keyValues(gathering), at, firstAt, parts.length];
  return (await session.rows(GATHERING_SQL.take, values)).length > 0;
}

/** A gathering's key as its statements take it. */
function keyValues({ carrierId, source, destination, reference, total }: GatheringKey): Value[] {
  return [carrierId, source, destination, reference, total];
}

/** Keeps parts, each once, and answers the gatherings that they made complete. */
export function keepParts(
  { database }: WriterContext,
  parts: readonly KeptPart[],
): Promise<readonly Gathering[]> {
  return database.transaction(async (session) => {
    const completed: Gathering[] = [];
    for (const part of parts) {
      const firstAt = await keepPart(session, part);
      if (firstAt !== null) completed.push(await readGathering(session, part, firstAt));
    }
    return completed;
  });
}

/** Answers when the first part came, when this one makes the gathering complete; else null. */
async function keepPart(session: Session, part: KeptPart): Promise<number | null> {
  const key = keyValues(part);
  // JSON keeps halves of surrogate pairs, which a text column does not: a part may end within a character.
  const content = JSON.stringify(part.content);
  const takenAt = await holdGathering(session, key, part.at);
  const [known] = await session.rows<{ content: string }>(GATHERING_SQL.content, [...key, part.sequence]);
  if (takenAt !== null || known !== undefined) {
    const isRemembered = takenAt === null || part.at - takenAt < REPEATS_KNOWN_FOR;
    if (isRemembered && known?.content === content) return null;
    // Too late to be a repeat, or other words under the same reference: another message.
    const others = [...key, part.sequence, content, part.at - REPEATS_KNOWN_FOR];
    const displaced = await session.rows<DisplacedRow>(GATHERING_SQL.displaced, others);
    if (displaced.some(({ repeated }) => repeated)) return null;
    if (takenAt !== null) await session.run(GATHERING_SQL.removeParts, key);
    else await makeWay(session, part, displaced);
    await session.run(GATHERING_SQL.beginAgain, [...key, part.at]);
  }
  const values = [...key, part.sequence, content, GATHERED_PARTS_LIMIT];
  if ((await session.rows(GATHERING_SQL.insertPart, values)).length === 0)
    throw new StoreUnavailable("busy", `more than ${GATHERED_PARTS_LIMIT} parts of inbound messages wait`);
  const [now] = await session.rows<{ came: number; first_at: number }>(GATHERING_SQL.came, key);
  return now !== undefined && now.came === part.total ? now.first_at : null;
}

/** Begins a gathering unless it is there, and locks it; answers when it was taken. One that is forgotten meanwhile begins anew. */
async function holdGathering(session: Session, key: readonly Value[], at: number): Promise<number | null> {
  for (;;) {
    await session.run(GATHERING_SQL.begin, [...key, at]);
    const [state] = await session.rows<{ taken_at: number | null }>(GATHERING_SQL.state, key);
    if (state !== undefined) return state.taken_at;
  }
}

async function makeWay(
  session: Session,
  key: GatheringKey,
  displaced: readonly DisplacedRow[],
): Promise<void> {
  const used = displaced.map(({ reference }) => reference);
  const values = [...keyValues(key), displacedReference(key.reference, used)];
  await session.run(GATHERING_SQL.displace, values);
  await session.run(GATHERING_SQL.displaceParts, values);
}

async function readGathering(session: Reads, key: GatheringKey, firstAt: number): Promise<Gathering> {
  const { carrierId, source, destination, reference, total } = key;
  const rows = await session.rows<{ sequence: number; content: string }>(GATHERING_SQL.parts, keyValues(key));
  const parts = rows.map(({ sequence, content }) => ({
    sequence,
    content: JSON.parse(content) as InboundContent, // only keepPart writes it
  }));
  return { carrierId, source, destination, reference, total, parts, firstAt: micros(firstAt) };
}

/** Gatherings whose wait is over, the oldest first, then complete ones that nobody stored. */
export async function findGatherings(
  session: Reads,
  firstBefore: number,
  limit: number,
): Promise<readonly Gathering[]> {
  const rows = await session.rows<KeyRow>(GATHERING_SQL.waiting, [firstBefore, limit]);
  if (rows.length < limit)
    rows.push(...(await session.rows<KeyRow>(GATHERING_SQL.complete, [firstBefore, limit - rows.length])));
  const gatherings: Gathering[] = [];
  for (const { carrier_id, first_at, ...key } of rows) {
    const carrierId = carrier_id as CarrierId; // a carrier_id column
    gatherings.push(await readGathering(session, { ...key, carrierId }, first_at));
  }
  return gatherings;
}
