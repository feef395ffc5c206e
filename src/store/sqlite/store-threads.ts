import type { OperationThread } from "./operation-thread.ts";
import { type Wire, WireReader } from "./wire.ts";

/** The two threads as the areas of the port see them: an operation in, its answer out. */
export interface StoreThreads {
  readonly write: (wire: Wire) => Promise<WireReader>;
  readonly read: (wire: Wire) => Promise<WireReader>;
}

export function storeThreads(writer: OperationThread, reader: OperationThread): StoreThreads {
  return {
    write: async (wire) => new WireReader(await writer.submit(wire)),
    read: async (wire) => new WireReader(await reader.submit(wire)),
  };
}
