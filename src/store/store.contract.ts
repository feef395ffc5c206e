import { describe } from "vitest";
import { absorbingContract } from "./contract/absorbing.contract.ts";
import { acceptingContract } from "./contract/accepting.contract.ts";
import { attemptsByCarrierContract } from "./contract/attempts-by-carrier.contract.ts";
import { anyTextContract } from "./contract/any-text.contract.ts";
import { cancelingContract } from "./contract/canceling.contract.ts";
import { changingCarriersContract } from "./contract/changing-carriers.contract.ts";
import { changingContract } from "./contract/changing.contract.ts";
import { searchingContract } from "./contract/searching.contract.ts";
import { addingContract } from "./contract/adding.contract.ts";
import { announcingContract } from "./contract/announcing.contract.ts";
import { claimBoundsContract } from "./contract/claim-bounds.contract.ts";
import { decidingContract } from "./contract/deciding.contract.ts";
import { departingContract } from "./contract/departing.contract.ts";
import { directoryContract } from "./contract/directory.contract.ts";
import { displacingContract } from "./contract/displacing.contract.ts";
import { erasingContract } from "./contract/erasing.contract.ts";
import { erasingOnTheWayContract } from "./contract/erasing-on-the-way.contract.ts";
import { expiringContract } from "./contract/expiring.contract.ts";
import { feedingContract } from "./contract/feeding.contract.ts";
import { gatheringContract } from "./contract/gathering.contract.ts";
import { holdingContract } from "./contract/holding.contract.ts";
import { lanesUpContract } from "./contract/lanes-up.contract.ts";
import { leasedTargetsContract } from "./contract/leased-targets.contract.ts";
import { leasingContract } from "./contract/leasing.contract.ts";
import { leftoverCarriersContract } from "./contract/leftover-carriers.contract.ts";
import { leftoverDeliveriesContract } from "./contract/leftover-deliveries.contract.ts";
import { livingContract } from "./contract/living.contract.ts";
import { longTrailContract } from "./contract/long-trail.contract.ts";
import { numberingContract } from "./contract/numbering.contract.ts";
import { operatingContract } from "./contract/operating.contract.ts";
import { optedOutInMemoryContract } from "./contract/opted-out-in-memory.contract.ts";
import { optingOutContract } from "./contract/opting-out.contract.ts";
import { owningContract } from "./contract/owning.contract.ts";
import { pagingContract } from "./contract/paging.contract.ts";
import { queueingContract } from "./contract/queueing.contract.ts";
import { receiptBasesContract } from "./contract/receipt-bases.contract.ts";
import { receiptsContract } from "./contract/receipts.contract.ts";
import { recountingContract } from "./contract/recounting.contract.ts";
import { recoveringContract } from "./contract/recovering.contract.ts";
import { retainingContract } from "./contract/retaining.contract.ts";
import { recuttingContract } from "./contract/recutting.contract.ts";
import { reroutingContract } from "./contract/rerouting.contract.ts";
import { schedulingContract } from "./contract/scheduling.contract.ts";
import { settlingAgainContract } from "./contract/settling-again.contract.ts";
import { settlingContract } from "./contract/settling.contract.ts";
import { tellingOptOutsContract } from "./contract/telling-opt-outs.contract.ts";
import { unknownAttemptsContract } from "./contract/unknown-attempts.contract.ts";
import type { DamageableEngine } from "./contract/world.ts";

type OpenDamageable = () => Promise<DamageableEngine>;

/** What every engine must do, area by area. Each engine's test calls it with a way to open itself, empty. */
export function storeContract(name: string, open: OpenDamageable): void {
  describe(`${name} keeps the contract`, () => {
    for (const contract of [...OLDER, ...NEW]) contract(open);
  });
}

/** What an engine of the schema before this one must still do on the schema of today: it runs beside newer ones. */
export function storeContractBefore(name: string, open: OpenDamageable): void {
  describe(`${name} keeps the contract of its time`, () => {
    for (const contract of OLDER) contract(open);
  });
}

const OLDER: readonly ((open: OpenDamageable) => void)[] = [
  acceptingContract,
  searchingContract,
  cancelingContract,
  queueingContract,
  settlingContract,
  receiptsContract,
  announcingContract,
  recoveringContract,
  expiringContract,
  leasingContract,
  directoryContract,
  numberingContract,
  gatheringContract,
  optingOutContract,
  recountingContract,
  erasingContract,
  operatingContract,
  retainingContract,
  changingContract,
  pagingContract,
  owningContract,
  departingContract,
  holdingContract,
  leasedTargetsContract,
  leftoverCarriersContract,
  leftoverDeliveriesContract,
  reroutingContract,
  schedulingContract,
  settlingAgainContract,
  livingContract,
  displacingContract,
  erasingOnTheWayContract,
  optedOutInMemoryContract,
  anyTextContract,
];

/** What came with the last schema, or after it. */
const NEW: readonly ((open: OpenDamageable) => void)[] = [
  claimBoundsContract,
  lanesUpContract,
  changingCarriersContract,
  recuttingContract,
  attemptsByCarrierContract,
  receiptBasesContract,
  tellingOptOutsContract,
  decidingContract,
  addingContract,
  absorbingContract,
  feedingContract,
  longTrailContract,
  unknownAttemptsContract,
];
