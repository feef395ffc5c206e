import type { Connection } from "./connection.ts";
import { createGatheringReader, GATHERING_SQL } from "./gathering-rows.ts";
import type { Operation } from "./writer-context.ts";

/** Gatherings whose wait is over, the oldest first, then complete ones that nobody stored; as JSON. */
export function findGatherings(connection: Connection): Operation {
  const waiting = connection.prepare(GATHERING_SQL.waiting);
  const complete = connection.prepare(GATHERING_SQL.complete);
  const read = createGatheringReader(connection);
  return (request) => {
    const [firstBefore, limit] = [request.number(), request.number()];
    const rows = waiting.all(firstBefore, limit);
    rows.push(...complete.all(firstBefore, limit - rows.length));
    return [JSON.stringify(rows.map((row) => read(row, row[5] ?? null)))];
  };
}
