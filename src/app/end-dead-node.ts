import type { NodeId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { LeaseStore } from "../store/leasing.ts";

/**
 * Lets go of the bind slots of a node whose process is known to be dead, as it would have done itself if it had been let: the
 * others take them and what it had in flight at once, and not when its leases are over.
 */
export async function endDeadNode(
  node: NodeId | null,
  store: Pick<LeaseStore, "releaseBinds">,
  logger: Logger,
): Promise<void> {
  if (node === null) return;
  try {
    await store.releaseBinds(node, null);
    logger.info({ dead: node }, "the process before this one ended without leaving; its bind slots are free");
  } catch (error) {
    logger.warn(
      { dead: node, error: String(error) },
      "a dead node's bind slots could not be freed; they run out",
    );
  }
}
