import { LEASE_FROM_BIRTH_MICROS } from "./reserved-deliveries.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Along the index of each endpoint: what is scheduled later than any first lease ends is not looked at. */
export const END_FIRST_LEASES_SQL = `
  UPDATE deliveries INDEXED BY deliveries_due SET due_at = ?1
  WHERE endpoint_id IN (SELECT endpoint_id FROM endpoints) AND blocked = 0 AND due_at > ?1 AND due_at <= ?2
    AND attempts = 0 AND claimed = 1`;

/**
 * Makes due what the process before was handed, or had kept for it, and never wrote an attempt of: it is no more, and nobody
 * else has the file. For the start of a process alone: a thread that is replaced has a process that lives.
 */
export function endFirstLeases({ connection }: WriterContext): Operation {
  const end = connection.prepare(END_FIRST_LEASES_SQL);
  return (request) => {
    const now = request.number();
    end.run(now, now + LEASE_FROM_BIRTH_MICROS);
    return [];
  };
}
