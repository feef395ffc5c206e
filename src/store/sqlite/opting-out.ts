import type { OptOutPeriod, OptOutStore } from "../opting-out.ts";
import type { StoreThreads } from "./store-threads.ts";
import { readJson } from "./wire.ts";

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Who does not want to hear from whom, on the two threads. This side remembers which customers may have lasting opt-outs,
 * for it alone writes the file: a send of any other customer asks no thread.
 */
export async function createOptingOut({ write, read }: StoreThreads): Promise<OptOutStore> {
  const customers = new Set((await read(["customersWithOptOuts"])).list((item) => item.text()));
  return {
    async beginOptOut(period) {
      customers.add(period.customerId); // before the commit, so that no send that comes after it is missed
      return readJson(await write(["beginOptOut", JSON.stringify(period)])) as OptOutPeriod;
    },
    async endOptOut(customerId, sender, handset, at, by) {
      const json = (await write(["endOptOut", customerId, sender, handset, at, by])).textOrNull();
      return json === null ? null : (JSON.parse(json) as OptOutPeriod); // readPeriod made it
    },
    async optedOut(customerId, sender, handsets) {
      if (!customers.has(customerId) || handsets.length === 0) return NOBODY;
      const answer = await read(["optedOut", customerId, sender, handsets.length, ...handsets]);
      return new Set(answer.list((item) => item.text()));
    },
    async listOptOuts({ customerId, sender, handset, lasting, before, limit }) {
      const flag = lasting ? 1 : 0;
      return readJson(
        await read(["listOptOuts", customerId, sender, handset, flag, before, limit]),
      ) as OptOutPeriod[];
    },
  };
}
