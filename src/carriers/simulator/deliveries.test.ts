import { describe, expect, it } from "vitest";

import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import { deliverSm } from "../../smpp/pdu/pdu-defaults.ts";
import { startPair } from "../smpp/smpp-carrier.fixture.ts";
import { Accounts, MAX_ACCOUNTS } from "./accounts.ts";
import { defaultBehaviours } from "./behaviours.ts";
import { noCounts } from "./counters.ts";
import { type Account, Deliveries, type Delivery, MAX_DELIVERY_ATTEMPTS, MAX_WAITING } from "./deliveries.ts";
import { Schedule } from "./schedule.ts";

describe("Deliveries", () => {
  it("keep half a million for a client that is away, and drop one more", () => {
    const counters = noCounts();
    const deliveries = makeDeliveries(counters);
    const account = accountOf("away");
    const delivery = deliveryTo(account);
    for (let count = 0; count < MAX_WAITING; count++) deliveries.deliver(delivery);
    expect([account.waiting.size, counters.deliveriesDropped]).toEqual([MAX_WAITING, 0]);
    deliveries.deliver(delivery);
    expect([account.waiting.size, counters.deliveriesDropped]).toEqual([MAX_WAITING, 1]);
  });

  it("try one that is refused for now a thousand times, and not once more", () => {
    const counters = noCounts();
    const schedule = new Schedule(() => performance.now());
    const deliveries = makeDeliveries(counters, schedule);
    const delivery = deliveryTo(accountOf("busy"));
    delivery.attempts = MAX_DELIVERY_ATTEMPTS - 2;
    refuse(deliveries, delivery);
    expect(schedule.size).toBe(1);
    refuse(deliveries, delivery);
    expect(schedule.size).toBe(1);
    schedule.clear();
  });

  it("give up at once what a client will never take", () => {
    const schedule = new Schedule(() => performance.now());
    const delivery = deliveryTo(accountOf("choosy"));
    refuse(makeDeliveries(noCounts(), schedule), delivery, COMMAND_STATUS.ESME_RX_P_APPN);
    expect(schedule.size).toBe(0);
  });

  it("drop what fits into no PDU, and what comes after it does not wait", async () => {
    await using pair = await startPair();
    await pair.up();
    const handset = pair.simulator.handset("+31616818985");
    handset.write("1".repeat(21), "for nobody");
    handset.write("1".repeat(20), "for somebody");
    await pair.until(() => pair.inbound.length === 1);
    expect(pair.inbound).toMatchObject([{ text: "for somebody" }]);
    expect(pair.simulator.counters().deliveriesDropped).toBe(1);
  });

  it("go over any bind of the account that may receive when theirs is gone", async () => {
    await using pair = await startPair({ query: "?binds=2", behaviours: { receiptDelayMs: 30 } });
    await pair.up();
    await pair.send({});
    const used = pair.simulator.log()[0]?.connection;
    pair.simulator
      .clients()
      .find(({ number }) => number === used)
      ?.drop();
    await pair.until(() => pair.receipts.length === 1);
    expect(pair.receipts[0]?.state).toBe("delivered");
  });
});

describe("Accounts", () => {
  it("are a thousand at most", () => {
    const accounts = new Accounts();
    for (let count = 0; count < MAX_ACCOUNTS; count++) expect(accounts.get(`${count}`)).not.toBeNull();
    expect(accounts.get("one more")).toBeNull();
    expect(accounts.get("7")?.systemId).toBe("7");
  });
});

function makeDeliveries(counters = noCounts(), schedule = new Schedule(() => performance.now())): Deliveries {
  const behaviours = defaultBehaviours();
  return new Deliveries(() => behaviours, schedule, counters);
}

function accountOf(systemId: string): Account {
  const account = new Accounts().get(systemId);
  if (account === null) throw new Error("no account");
  return account;
}

function deliveryTo(account: Account): Delivery {
  return { account, body: deliverSm({}), origin: null, attempts: 0 };
}

function refuse(
  deliveries: Deliveries,
  context: Delivery,
  commandStatus: number = COMMAND_STATUS.ESME_RX_T_APPN,
) {
  deliveries.takeOutcomes([{ kind: "nacked", context, commandStatus }]);
}
