import { createSimulator, type Simulator } from "../../src/carriers/simulator/simulator.ts";
import { COMMAND_STATUS } from "../../src/smpp/pdu/command-status.ts";
import type { ApiClient } from "./api-client.ts";
import type { SubmitWitness } from "./submit-witness.ts";

/** Shares that a carrier refuses and the next one takes, so that each of them has work. */
const REFUSED_PERCENT = { north: 50, east: 50, south: 0 } as const;
const WINDOW = 50;

export type CarrierName = keyof typeof REFUSED_PERCENT;
export const CARRIER_NAMES = Object.keys(REFUSED_PERCENT) as CarrierName[];

/** Three carriers that outlive whatever happens to the cluster, each with one bind slot. */
export function createCarriers(witness: SubmitWitness): readonly Simulator[] {
  return CARRIER_NAMES.map((name) =>
    createSimulator({
      behaviours: {
        receiptDelayMs: 20,
        receiptJitterMs: 500,
        errorPercent: REFUSED_PERCENT[name],
        errorStatus: COMMAND_STATUS.ESME_RINVDSTADR,
      },
      logLimit: 1,
      onSubmit: (entry) => witness.note(name, entry),
    }),
  );
}

/** Lets them listen, and tells the cluster of them. */
export async function addCarriers(api: ApiClient, smscs: readonly Simulator[]): Promise<void> {
  for (const [index, name] of CARRIER_NAMES.entries()) {
    const port = (await smscs[index]?.listen())?.port;
    const url = `smpp://${name}:secret@127.0.0.1:${port}?bind=trx&window=${WINDOW}`;
    await api.succeed("POST", "/v1.0/carriers", { name, url });
  }
}
