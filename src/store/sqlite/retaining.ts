import type { RetentionStore } from "../retaining.ts";
import {
  type RetentionActs,
  type RetentionSlice,
  type RetentionSpan,
  type SweptCustomer,
  walkRetention,
} from "../retention-walk.ts";
import type { StoreThreads } from "./store-threads.ts";
import { readJson } from "./wire.ts";

/** Taking away what is not kept any longer, on the two threads. There is one node, and there are no months to drop. */
export function createRetaining({ write, read }: StoreThreads): RetentionStore {
  async function slice(operation: keyof RetentionActs, span: RetentionSpan): Promise<RetentionSlice> {
    const { customerId, after, before, limit, now } = span;
    const answer = await write([operation, customerId, after, before, limit, now]);
    return {
      looked: answer.number(),
      changed: answer.number(),
      heldBack: answer.number(),
      last: answer.textOrNull(),
      isMore: answer.number() === 1,
    };
  }

  const acts: RetentionActs = {
    customersFrom: async (id) => readJson(await read(["retentionCustomers", id])) as SweptCustomer[], // retention-customers.ts made it
    dropMonths: async () => [],
    removeOld: (span) => slice("removeOld", span),
    emptyOld: (span) => slice("emptyOld", span),
    emptyWaiting: (span) => slice("emptyWaiting", span),
  };
  return { sweepRetention: (request) => walkRetention(acts, request) };
}
