import { optOutOf, type OptOutPeriod } from "../opting-out.ts";
import { idToBytes } from "./id-bytes.ts";
import { handsetKey, senderKey } from "./opt-out-rows.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Begins a period unless one lasts; answers the one that lasts now, as JSON. */
export function beginOptOut({ connection, optOuts, wakes }: WriterContext): Operation {
  const insert = connection.prepare("INSERT INTO opt_outs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  return (request) => {
    const period = readJson(request) as OptOutPeriod;
    const { customerId, id, sender, handset, since, until, beganBy, endedBy } = period;
    const customer = idToBytes(customerId);
    const lasting = optOuts.lasting(customer, sender, handset);
    wakes.optOut(optOutOf(lasting ?? period));
    if (lasting !== null) return [JSON.stringify(lasting)];
    const keys = [sender, senderKey(sender), handset, handsetKey(handset)] as const;
    insert.run(customer, idToBytes(id), ...keys, since, until, beganBy, endedBy);
    optOuts.began(period);
    return [JSON.stringify(period)];
  };
}
