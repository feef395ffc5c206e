import { describe, expect, it } from "vitest";
import type { CustomerId, EndpointId, EventId, MessageId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { DeliverySettlement, EndpointHealth } from "../store/announcing.ts";
import { ManualTime } from "./fixtures/manual-time.ts";
import { until } from "./fixtures/until.ts";
import { SETTLE_BATCH, Settler, type SettlerOptions } from "./settler.ts";

describe("Settler", () => {
  it("folds results that end together into one operation", async () => {
    const { settler, batches } = settlerOver();
    await settleAll(settler, 3);
    expect(batches).toEqual([["0", "1", "2"]]);
  });

  it.each([
    [SETTLE_BATCH, [SETTLE_BATCH]],
    [SETTLE_BATCH + 1, [SETTLE_BATCH, 1]],
  ])("writes %i results in operations of %j", async (count, sizes) => {
    const { settler, batches } = settlerOver();
    await settleAll(settler, count);
    expect(batches.map((batch) => batch.length)).toEqual(sizes);
  });

  it("has one operation under way at a time, and the next takes all that ended meanwhile", async () => {
    const gate = Promise.withResolvers<void>();
    const { settler, batches } = settlerOver({ settleDeliveries: () => gate.promise });
    const first = settleAll(settler, 1);
    await until(() => batches.length === 1);
    const later = [settleAll(settler, 1, 1), settleAll(settler, 2, 2)];
    gate.resolve();
    await Promise.all([first, ...later]);
    expect(batches).toEqual([["0"], ["1", "2", "3"]]);
  });

  it("keeps results while the store is unavailable, in order, and writes each once", async () => {
    let failures = 2;
    const { settler, batches, time } = settlerOver({
      settleDeliveries: async () => {
        if (failures-- > 0) throw new StoreUnavailable("disk_full", "no room");
      },
    });
    const first = settleAll(settler, 2);
    await until(() => time.waits === 1);
    const second = settleAll(settler, 1, 2);
    time.advance(1_000);
    await until(() => time.waits === 1);
    time.advance(1_000);
    await Promise.all([first, second]);
    expect(batches).toEqual([
      ["0", "1"],
      ["0", "1", "2"],
      ["0", "1", "2"],
    ]);
  });

  it("lets go of results that the store can never take, and says so", async () => {
    const { settler, batches, lines } = settlerOver({
      settleDeliveries: () => Promise.reject(new Error("no such column")),
    });
    await settleAll(settler, 2);
    expect(batches).toHaveLength(1);
    expect(lines).toEqual(["results of webhooks could not be stored"]);
  });

  it("writes the latest word on each endpoint, after the results, and again when the store was unavailable", async () => {
    let failures = 1;
    const { settler, batches, healths, time } = settlerOver({
      noteEndpointHealth: async () => {
        if (failures-- > 0) throw new StoreUnavailable("busy", "later");
      },
    });
    settler.note(health("a", 1));
    settler.note(health("a", 2));
    settler.note(health("b", 1));
    await settleAll(settler, 1);
    await until(() => time.waits === 1);
    settler.note(health("b", 3));
    time.advance(1_000);
    await until(() => healths.length === 2);
    expect(batches).toHaveLength(1);
    expect(healths).toEqual([
      [health("a", 2), health("b", 1)],
      [health("a", 2), health("b", 3)],
    ]);
  });

  it("forgets for no later word that an endpoint is to be switched off, unless its address is another", async () => {
    const { settler, healths } = settlerOver();
    const gone = { disabledReason: "gone", at: micros(1) };
    settler.note({ ...health("a", 1), ...gone });
    settler.note({ ...health("a", 2), tmFailingSince: null });
    settler.note({ ...health("b", 1), ...gone });
    settler.note({ ...health("b", 2), uri: "https://new.example.com/" });
    await settleAll(settler, 1);
    await until(() => healths.length === 1);
    expect(healths).toEqual([
      [
        { ...health("a", 2), tmFailingSince: null, ...gone },
        { ...health("b", 2), uri: "https://new.example.com/" },
      ],
    ]);
  });

  it("writes nothing after it was stopped", async () => {
    const { settler, batches, time } = settlerOver();
    settler.settle(settlement("0"), () => {});
    settler.stop();
    settler.settle(settlement("1"), () => {});
    await new Promise((resolve) => time.after(50, () => resolve(null)));
    expect(batches).toEqual([]);
  });
});

function settlerOver(store: Partial<SettlerOptions["store"]> = {}) {
  const time = new ManualTime();
  const batches: string[][] = [];
  const healths: (readonly EndpointHealth[])[] = [];
  const lines: string[] = [];
  const write = (_: object, message: string): void => void lines.push(message);
  const settler = new Settler({
    after: time.after,
    logger: { debug: write, info: write, warn: write, error: write },
    store: {
      settleDeliveries: async (settlements) => {
        batches.push(settlements.map((settlement) => settlement.eventId));
        await store.settleDeliveries?.(settlements);
      },
      noteEndpointHealth: async (notes) => {
        healths.push(notes);
        await store.noteEndpointHealth?.(notes);
      },
    },
  });
  return { settler, batches, healths, lines, time };
}

/** Hands in results numbered from `first`, and resolves when all of them are done with. */
async function settleAll(settler: Settler, count: number, first = 0): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => {
    return new Promise<void>((resolve) => settler.settle(settlement(String(first + index)), resolve));
  });
  await Promise.all(all);
}

function settlement(event: string): DeliverySettlement {
  return {
    endpointId: "e" as EndpointId,
    messageId: "m" as MessageId,
    eventId: event as EventId,
    customerId: "c" as CustomerId,
    attempt: { at: micros(1), tookMs: 1, statusCode: 200, error: "", answer: "" },
    outcome: "delivered",
  };
}

function health(endpoint: string, since: number): EndpointHealth {
  return {
    endpointId: endpoint as EndpointId,
    uri: "",
    tmFailingSince: micros(since),
    disabledReason: null,
    at: micros(since),
  };
}
