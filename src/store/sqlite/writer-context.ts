import type { Ids } from "../../domain/ids.ts";
import type { Connection } from "./connection.ts";
import type { DeliveryRows } from "./delivery-rows.ts";
import type { EndpointCache } from "./endpoint-cache.ts";
import type { EventFolder } from "./event-folder.ts";
import type { GatheringRows } from "./gathering-rows.ts";
import type { JournalMark } from "./journal-mark.ts";
import type { NodeNumbers } from "./node-numbers.ts";
import type { OptOutRows } from "./opt-out-rows.ts";
import type { ParkedReceipts } from "./parked-receipts.ts";
import type { QueueRows } from "./queue-rows.ts";
import type { ReceiptApplier } from "./receipt-applier.ts";
import type { ReceiptKeys } from "./receipt-keys.ts";
import type { RowInserters } from "./row-inserter.ts";
import type { TargetRows } from "./target-rows.ts";
import type { Wakes } from "./wakes.ts";
import type { Wire, WireReader } from "./wire.ts";

/** One operation on one connection: reads its request and answers, inside the transaction that is open. */
export type Operation = (request: WireReader) => Wire;

/** What the writer's operations share. */
export interface WriterContext {
  readonly connection: Connection;
  readonly ids: Ids;
  readonly inserters: RowInserters;
  readonly targets: TargetRows;
  readonly queue: QueueRows;
  readonly receiptKeys: ReceiptKeys;
  readonly parked: ParkedReceipts;
  readonly receipts: ReceiptApplier;
  readonly gatherings: GatheringRows;
  readonly optOuts: OptOutRows;
  readonly events: EventFolder;
  readonly deliveries: DeliveryRows;
  readonly endpoints: EndpointCache;
  readonly nodes: NodeNumbers;
  readonly journal: JournalMark;
  readonly wakes: Wakes;
}

/** A part of the writer that remembers something beside the database, and must not remember what was rolled back. */
export interface TransactionPart {
  /** Writes what was gathered during the transaction. */
  beforeCommit?(): void;
  /** Takes in that all of it is there for good. */
  afterCommit?(): void;
  /** Forgets all that the transaction made it remember. */
  afterRollback(): void;
}
