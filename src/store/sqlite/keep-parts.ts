import type { Gathering, KeptPart } from "../gathering.ts";
import { createGatheringReader, GATHERING_SQL, gatheringColumns } from "./gathering-rows.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Keeps parts and answers, as JSON, the gatherings that they made complete. */
export function keepParts({ connection, gatherings }: WriterContext): Operation {
  const firstAt = connection.prepare(GATHERING_SQL.first);
  const read = createGatheringReader(connection);
  return (request) => {
    const parts = readJson(request) as KeptPart[];
    const completed: Gathering[] = [];
    for (const part of parts) {
      const key = gatheringColumns(part);
      // JSON keeps halves of surrogate pairs, which a text column does not: a part may end within a character.
      if (!gatherings.keep(key, part.sequence, JSON.stringify(part.content), part.at)) continue;
      completed.push(read(key, firstAt.get(...key)?.[0] ?? null));
    }
    return [JSON.stringify(completed)];
  };
}
