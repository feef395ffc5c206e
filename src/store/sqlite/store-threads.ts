import type { Patience } from "./lingering.ts";
import type { OperationThread } from "./operation-thread.ts";
import { type Wire, WireReader } from "./wire.ts";

/** The two threads as the areas of the port see them: an operation in, its answer out. */
export interface StoreThreads {
  /**
   * @param patience how long it may wait for others that share its commit; none when it is left out or null.
   * @param givesWay whether others may go before it when much waits; not when it is left out.
   */
  readonly write: (wire: Wire, patience?: Patience | null, givesWay?: boolean) => Promise<WireReader>;
  /**
   * Sees everything that was written or accepted before, save while the database cannot be written: then what it has.
   * @param longOf whose it is, of a read that may take long: others go before it; left out of one that does not.
   */
  readonly read: (wire: Wire, longOf?: string) => Promise<WireReader>;
}

export function storeThreads(writer: OperationThread, reader: OperationThread): StoreThreads {
  return {
    write: async (wire, patience = null, givesWay = false) =>
      new WireReader(await writer.submit(wire, patience, givesWay)),
    async read(wire, longOf) {
      if (writer.hasPromised && !writer.isFailing) await untilApplied(writer);
      const answer = longOf === undefined ? reader.submit(wire) : reader.submitLong(wire, longOf);
      return new WireReader(await answer);
    },
  };
}

/** Resolves when the database has what the journal has, or cannot be written. */
async function untilApplied(writer: OperationThread): Promise<void> {
  try {
    await writer.submit(["pass"]);
  } catch (error) {
    if (!writer.isFailing) throw error;
  }
}
