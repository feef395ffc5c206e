import type { CarrierId, CustomerId, EndpointId } from "../domain/ids.ts";
import type { MessageDeskStore, MessageStore } from "./accepting.ts";
import type { AnnouncementStore } from "./announcing.ts";
import type { DirectoryStore } from "./directory.ts";
import type { ErasureStore } from "./erasing.ts";
import type { InboundStore } from "./gathering.ts";
import type { HoldStore } from "./holding.ts";
import type { LeaseStore } from "./leasing.ts";
import type { NumberStore } from "./numbering.ts";
import type { OptOut } from "../domain/opt-out.ts";
import type { OptOutStore } from "./opting-out.ts";
import type { QueueStore } from "./queueing.ts";
import type { RecountStore } from "./recounting.ts";
import type { ReceiptStore } from "./receiving-receipts.ts";
import type { RetentionStore } from "./retaining.ts";

/** What a commit of any process made claimable or changed. A hint: polling finds what a lost hint would have told. */
export type Wake =
  | { readonly kind: "queue"; readonly carrierId: CarrierId }
  | { readonly kind: "deliveries"; readonly endpointId: EndpointId }
  /** A customer has events that are new, or took in changes. */
  | { readonly kind: "events"; readonly customerId: CustomerId }
  /** A node let go of bind slots. */
  | { readonly kind: "leases" }
  | { readonly kind: "directory" }
  /** A handset wants to hear no more from a sender; told for what is marked already: all else is checked on its way. */
  | ({ readonly kind: "opt-out" } & OptOut);

/**
 * Where everything durable lives. Every operation speaks in batches and is one part of a group commit: what arrives while
 * a commit is under way waits together and goes into the next. A promise resolves after the commit is on stable storage
 * (promise P1). Events are written in the same transaction as the change they announce, one per message and commit.
 *
 * Errors: StoreUnavailable when nothing was written and a later try may succeed (disk full, connection lost), or when nobody
 * knows whether it was (`outcome_unknown`: the connection broke during a commit and did not come back for long).
 */
export interface Store
  extends
    MessageStore,
    MessageDeskStore,
    QueueStore,
    HoldStore,
    ReceiptStore,
    AnnouncementStore,
    DirectoryStore,
    LeaseStore,
    NumberStore,
    InboundStore,
    OptOutStore,
    RecountStore,
    ErasureStore,
    RetentionStore {
  /** Calls the listener after commits, at most 20 times a second for the same wake. Answers how to stop. */
  onWake(listener: (wake: Wake) => void): () => void;
  /** Copies the database, consistent and while in use, to a new file or fails when the engine has tools of its own for it. */
  backup(file: string): Promise<void>;
  /** Whether it can write right now: a cheap write that is rolled forward. Throws StoreUnavailable. */
  probe(): Promise<void>;
  /** Finishes what was handed in, then closes. */
  close(): Promise<void>;
}
