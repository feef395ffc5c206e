import type { MessageDeskStore } from "../accepting.ts";
import type { DirectoryStore } from "../directory.ts";
import type { ErasureStore } from "../erasing.ts";
import type { InboundStore } from "../gathering.ts";
import type { HoldStore } from "../holding.ts";
import type { NumberStore } from "../numbering.ts";
import type { OptOutStore } from "../opting-out.ts";
import type { RecountStore } from "../recounting.ts";
import type { RetentionStore } from "../retaining.ts";
import { createDirectory } from "./directory.ts";
import { createErasing } from "./erasing.ts";
import { createGathering } from "./gathering.ts";
import { createHolding } from "./holding.ts";
import { createMessageDesk } from "./message-desk.ts";
import { createNumbering } from "./numbering.ts";
import { createOptingOut } from "./opting-out.ts";
import { createRecounting } from "./recounting.ts";
import { createRetaining } from "./retaining.ts";
import type { StoreThreads } from "./store-threads.ts";

/** The areas of the port beside the way of an outbound message: each stands in a file of its own. */
export type AreasBesideThePath = DirectoryStore &
  ErasureStore &
  HoldStore &
  InboundStore &
  MessageDeskStore &
  NumberStore &
  OptOutStore &
  RecountStore &
  RetentionStore;

export async function createAreasBesideThePath(
  threads: StoreThreads,
  wipeJournal: () => Promise<void>,
): Promise<AreasBesideThePath> {
  return {
    ...createDirectory(threads),
    ...createErasing(threads, wipeJournal),
    ...createGathering(threads),
    ...createHolding(threads),
    ...createMessageDesk(threads),
    ...createNumbering(threads),
    ...(await createOptingOut(threads)),
    ...createRecounting(threads),
    ...createRetaining(threads),
  };
}
