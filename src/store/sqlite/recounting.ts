import type { AuditEntry, FedEvent, LoggedAttempt, Recount, RecountStore } from "../recounting.ts";
import { encodeClosings } from "./close-events.ts";
import { decodeMessageOrNull, encodeKey } from "./read-messages.ts";
import type { StoreThreads } from "./store-threads.ts";
import { readJson } from "./wire.ts";

/** What happened and who was told, on the two threads. */
export function createRecounting({ write, read }: StoreThreads): RecountStore {
  return {
    async recount({ customerId, messageId }) {
      const json = (await read(["recount", customerId, messageId])).textOrNull();
      return json === null ? null : (JSON.parse(json) as Recount); // readRecount made it
    },
    async listAttempts({ customerId, endpointId, before, limit }) {
      return readJson(await read(["listAttempts", customerId, endpointId, before, limit])) as LoggedAttempt[];
    },
    async listEvents(customerId, after, limit) {
      return readJson(await read(["listEvents", customerId, after, limit])) as FedEvent[];
    },
    getMessageDeletedToo: async (key) =>
      decodeMessageOrNull(await read(encodeKey("getMessageDeletedToo", key))),
    async closeEvents(events) {
      await write(encodeClosings(events));
    },
    replayEvents: async (request) => (await write(["replayEvents", JSON.stringify(request)])).number(),
    async appendAudit(entry) {
      await write(["appendAudit", JSON.stringify(entry)]);
    },
    async listAudit(before, limit) {
      return readJson(await read(["listAudit", before, limit])) as AuditEntry[];
    },
  };
}
