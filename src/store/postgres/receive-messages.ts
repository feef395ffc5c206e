import { UNOWNED } from "../../domain/inbound.ts";
import type { Reception, ReceptionOutcome } from "../gathering.ts";
import { findWritten, insertMessages } from "./accept-messages.ts";
import type { Session } from "./connection.ts";
import { GATHERING_SQL, REPEATS_KNOWN_FOR, takeGathering } from "./gathering.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

/** Old repeats that are forgotten for each new message: more than come, so that they never pile up. */
const FORGOTTEN_EACH = 4;

export const RECEIVE_SQL = {
  /** Nothing when the id was known within the time in which repeats come. */
  know: {
    name: "transport_know",
    text: `
    INSERT INTO transport_ids AS t (carrier_id, transport_id, at) VALUES ($1, $2, $3)
    ON CONFLICT (carrier_id, transport_id) DO UPDATE SET at = excluded.at WHERE t.at <= $4 RETURNING 1`,
  },
  forget: {
    name: "transport_forget",
    text: `
    DELETE FROM transport_ids t USING (
      SELECT ctid AS place FROM transport_ids WHERE at <= $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED) AS u
    WHERE t.ctid = u.place AND t.at <= $1`,
  },
} as const;

/**
 * Writes inbound messages with their targets and `message_created`, and takes the gatherings that they came from.
 * @param isRepeat after a commit of unknown outcome: what it wrote is received, and its transport ids and gatherings are taken.
 */
export async function receiveMessages(
  context: WriterContext,
  pile: readonly (readonly Reception[])[],
  isRepeat: boolean,
): Promise<readonly (readonly ReceptionOutcome[])[]> {
  const { database, tell } = context;
  const entries = pile.flat();
  const known = isRepeat ? await findWritten(context, entries) : new Set<string>();
  const wakes = new Wakes();
  const outcomes = await database.transaction(async (session) => {
    const found: ReceptionOutcome[] = [];
    const fresh: Reception[] = [];
    for (const entry of entries) {
      const isWritten = known.has(entry.message.id);
      const repeated = !isWritten && (await isRepeated(session, entry));
      found.push({ kind: repeated ? "repeated" : "received" });
      if (!isWritten && !repeated) fresh.push(entry);
    }
    const written = fresh.map(writtenOf);
    const rows = await insertMessages(session, written);
    for (const { eventId, message } of written) if (eventId !== null) wakes.events(message.customerId);
    for (const { endpoint_id } of rows) wakes.deliveries(endpoint_id);
    const latest = Math.max(0, ...entries.map(({ message }) => message.tmCreate)) - REPEATS_KNOWN_FOR;
    const limit = entries.length * FORGOTTEN_EACH;
    await session.run(RECEIVE_SQL.forget, [latest, limit]);
    await session.run(GATHERING_SQL.forget, [latest, limit]);
    return found;
  });
  tell(wakes);
  let taken = 0;
  return pile.map(({ length }) => outcomes.slice(taken, (taken += length)));
}

async function isRepeated(
  session: Session,
  { message, transportId, gathering }: Reception,
): Promise<boolean> {
  const { tmCreate } = message;
  if (transportId !== null) {
    const values = [transportId.carrierId, transportId.id, tmCreate, tmCreate - REPEATS_KNOWN_FOR];
    if ((await session.rows(RECEIVE_SQL.know, values)).length === 0) return true;
  }
  return gathering !== null && !(await takeGathering(session, gathering, tmCreate));
}

function writtenOf({ message, eventId }: Reception) {
  const event = message.customerId === UNOWNED ? null : eventId;
  return { message, targets: message.targets, queue: [], leasedTo: null, eventId: event };
}
