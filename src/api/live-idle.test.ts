import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClock } from "../domain/clock.ts";
import type { CustomerId } from "../domain/ids.ts";
import { alterStore } from "./fixtures/altered-store.ts";
import { LiveClients, topicsOf } from "./fixtures/live-client.ts";
import { type Caller, type OpenDoor, openDoor } from "./fixtures/open-door.ts";

const IDLE_CUSTOMERS = 50;
const MESSAGES = 3;

/** How often the store was asked for a customer's events. */
let reads: Map<CustomerId, number>;
let open: OpenDoor;
let clients: LiveClients;
beforeEach(async () => {
  reads = new Map();
  const now = Date.now();
  open = await openDoor({
    clock: createClock(() => now), // it is never time to look far back
    changeStore: (store) =>
      alterStore(store, {
        listEvents(customerId, ...place) {
          reads.set(customerId, (reads.get(customerId) ?? 0) + 1);
          return store.listEvents(customerId, ...place);
        },
      }),
  });
  clients = new LiveClients(open);
});
afterEach(async () => {
  clients.close();
  await open.close();
});

async function post(caller: Caller): Promise<void> {
  const body = { source: { target: "+821028286521" }, destinations: [{ target: "+31616818985" }], text: "x" };
  await open.call("POST", "/v1.0/messages", { as: caller, body });
}

async function listen(caller: Caller) {
  const client = await clients.connect(caller);
  await client.subscribe(topicsOf(caller));
  return client;
}

describe("WebSockets of customers to whom nothing happens", () => {
  it("cause no read of the store, whatever others send, hear and ask", async () => {
    const busy = await listen(open.acme);
    const names = Array.from({ length: IDLE_CUSTOMERS }, (_, n) => `idle-${n}`);
    const idle = await Promise.all(names.map((name) => open.addCustomer(name)));
    await Promise.all(idle.map(listen));
    reads.clear();
    for (let n = 1; n <= MESSAGES; n++) {
      await post(open.acme); // of a customer without a webhook
      await busy.until(n);
      await busy.subscribe(topicsOf(open.acme));
    }
    expect([...reads.keys()]).toEqual([open.acme.customer.id]);
    const [last] = idle;
    if (last === undefined) throw new Error("there are idle customers");
    const woken = await listen(last);
    await post(last);
    await woken.until(1);
    expect([...reads.keys()]).toEqual([open.acme.customer.id, last.customer.id]);
  });
});
