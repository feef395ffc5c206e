import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { createInTurn, PartDone, requireUnchanged, TRIES } from "./in-turn.ts";

describe("taking turns", () => {
  it("runs works of one key one after the other", async () => {
    const inTurn = createInTurn();
    const first = Promise.withResolvers<void>();
    const order: string[] = [];
    const one = inTurn("a", async () => {
      await first.promise;
      order.push("one");
    });
    const two = inTurn("a", async () => {
      order.push("two");
    });
    await inTurn("b", async () => {
      order.push("other key");
    });
    first.resolve();
    await Promise.all([one, two]);
    expect(order).toEqual(["other key", "one", "two"]);
  });

  it("goes on after a work that failed, and passes its error on", async () => {
    const inTurn = createInTurn();
    const failed = inTurn("a", async () => {
      throw new Error("broke");
    });
    const next = inTurn("a", async () => "went on");
    await expect(failed).rejects.toThrow("broke");
    expect(await next).toBe("went on");
  });

  it("runs a work again whose record another process changed meanwhile, and others after it", async () => {
    const inTurn = createInTurn();
    const order: string[] = [];
    const one = inTurn("a", async () => {
      order.push("one");
      requireUnchanged(order.length > 2);
      return order.length;
    });
    const two = inTurn("a", async () => order.push("two"));
    expect(await one).toBe(3);
    await two;
    expect(order).toEqual(["one", "one", "one", "two"]);
  });

  it("tells a failure after something was written from one before, in whichever try it was", async () => {
    const inTurn = createInTurn();
    const busy = new StoreUnavailable("busy", "busy");
    await expect(
      inTurn("a", async () => {
        throw busy;
      }),
    ).rejects.toBe(busy);
    let tries = 0;
    const work = inTurn("a", async (noteChange) => {
      if (++tries === 2) throw busy;
      noteChange();
      requireUnchanged(false);
    });
    await expect(work).rejects.toThrow(PartDone);
    expect(tries).toBe(2);
    const broken = inTurn("a", async (noteChange) => {
      noteChange();
      throw new Error("broke");
    });
    await expect(broken).rejects.toThrow(/^broke$/);
  });

  it("gives up when the record changes every time: later it may succeed", async () => {
    const inTurn = createInTurn();
    let tries = 0;
    const work = inTurn("a", async () => {
      tries++;
      requireUnchanged(false);
    });
    await expect(work).rejects.toMatchObject({ name: "StoreUnavailable", reason: "busy" });
    expect(tries).toBe(TRIES);
  });
});
