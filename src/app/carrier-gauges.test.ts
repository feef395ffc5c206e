import { expect, it } from "vitest";
import { createClock } from "../domain/clock.ts";
import type { CarrierId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { createMetrics } from "../observe/metrics.ts";
import { createCarrierGauges } from "./carrier-gauges.ts";

const ID = "0190a000-0000-7000-8000-00000000000a" as CarrierId;
const HEALTH = {
  state: "up",
  detail: "",
  isUnreachable: false,
  isTurnedAway: false,
  lanes: 1,
  windowUsed: 2,
  windowSize: 10,
} as const;

function seriesOf(carrier: string, text: string): readonly string[] {
  return text.split("\n").filter((line) => line.includes(`carrier="${carrier}"`));
}

it("shows what waits under the name that a carrier has, and that nothing does under one that it had", async () => {
  const metrics = createMetrics();
  let name = "north";
  const refresh = createCarrierGauges({
    store: {
      queueDepths: async () => [{ carrierId: ID, waiting: 3, oldestDueAt: micros(1), inFlight: 2, held: 1 }],
    },
    carriers: () => [{ id: ID, name, health: () => HEALTH }],
    clock: createClock(() => 5_000),
    metrics,
  });
  metrics.beforeRender(refresh);
  expect(await metrics.render()).toMatch(/^msgbin_queue_waiting{carrier="north"} 3$/m);
  name = "nord";
  const text = await metrics.render();
  expect(seriesOf("north", text)).toEqual([
    'msgbin_queue_waiting{carrier="north"} 0',
    'msgbin_queue_in_flight{carrier="north"} 0',
    'msgbin_queue_held{carrier="north"} 0',
    'msgbin_queue_oldest_age{carrier="north"} 0',
  ]);
  expect(text).toMatch(/^msgbin_queue_waiting{carrier="nord"} 3$/m);
  expect(text).toMatch(/^msgbin_queue_oldest_age{carrier="nord"} [1-9]/m);
});

it.each([
  ["up", 0],
  ["silent", 1],
] as const)("shows whether a carrier that is %s answers", async (state, isSilent) => {
  const metrics = createMetrics();
  const refresh = createCarrierGauges({
    store: { queueDepths: async () => [] },
    carriers: () => [{ id: ID, name: "north", health: () => ({ ...HEALTH, state }) }],
    clock: createClock(() => 5_000),
    metrics,
  });
  metrics.beforeRender(refresh);
  expect(await metrics.render()).toContain(`msgbin_carrier_silent{carrier="north"} ${isSilent}\n`);
});

it("shows no lanes and no window of a carrier that is gone, until there is one of the name again", async () => {
  const metrics = createMetrics();
  const north = { id: ID, name: "north", health: () => ({ ...HEALTH, lanes: 0 }) };
  let carriers = [north];
  const depths = { queueDepths: async () => [] };
  const clock = createClock(() => 5_000);
  metrics.beforeRender(createCarrierGauges({ store: depths, carriers: () => carriers, clock, metrics }));
  const ofCarrier = async () =>
    seriesOf("north", await metrics.render()).filter((line) => line.startsWith("msgbin_carrier_"));
  expect(await ofCarrier()).toHaveLength(4);
  carriers = [];
  expect(await ofCarrier()).toEqual([]);
  carriers = [north];
  expect(await ofCarrier()).toHaveLength(4);
});

it("goes on while the store cannot be read, with what was read last of the queue", async () => {
  const metrics = createMetrics();
  let lanes = 1;
  let isReadable = true;
  const refresh = createCarrierGauges({
    store: {
      async queueDepths() {
        if (!isReadable) throw new StoreUnavailable("connection_lost", "it is away");
        return [{ carrierId: ID, waiting: 3, oldestDueAt: micros(1), inFlight: 2, held: 1 }];
      },
    },
    carriers: () => [{ id: ID, name: "north", health: () => ({ ...HEALTH, lanes }) }],
    clock: createClock(() => 5_000),
    metrics,
  });
  metrics.beforeRender(refresh);
  await metrics.render();
  [lanes, isReadable] = [0, false];
  const text = await metrics.render();
  expect(text).toMatch(/^msgbin_carrier_lanes{carrier="north"} 0$/m);
  expect(text).toMatch(/^msgbin_queue_waiting{carrier="north"} 3$/m);
});
