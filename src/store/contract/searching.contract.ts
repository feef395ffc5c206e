import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { firstIdAt } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import type { Acceptance, MessageFilter } from "../accepting.ts";
import { type ContractEngine, type OpenEngine, tel, World } from "./world.ts";

/** Filtered lists of messages, a bounded amount of work a call. */
export function searchingContract(open: OpenEngine): void {
  describe("searching", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const page = (
      filter: MessageFilter,
      wishes: { before?: string | null; limit?: number; targetLimit?: number } = {},
    ) => {
      const { customerId } = world;
      const query = { customerId, before: null, limit: 10, targetLimit: 5_000, ...wishes };
      return world.store.searchMessages(query, filter);
    };

    /** Everything that a filter lets through, page by page. */
    const everything = async (filter: MessageFilter, limit = 10): Promise<Message[]> => {
      const found: Message[] = [];
      let before: string | null = null;
      do {
        const { messages, next } = await page(filter, { before, limit });
        found.push(...messages);
        before = next;
      } while (before !== null);
      return found;
    };

    const textsOf = async (filter: MessageFilter) => (await everything(filter)).map(({ text }) => text);

    const accept = async (
      text: string,
      change: (entry: Acceptance) => Partial<Acceptance["message"]> = () => ({}),
    ) => {
      const entry = world.acceptance({ text });
      const whole = { ...entry, message: { ...entry.message, ...change(entry) } };
      await world.store.acceptMessages([whole]);
      return whole.message;
    };

    const acceptTo = async (text: string, destination: Acceptance["targets"][number]["destination"]) => {
      const entry = world.acceptance({ text, targets: 2 });
      const targets = entry.targets.map((target) => (target.n === 1 ? { ...target, destination } : target));
      await world.store.acceptMessages([{ ...entry, targets }]);
    };

    it("lets everything through without a condition, newest first", async () => {
      for (const text of ["a", "b", "c"]) await accept(text);
      expect(await textsOf({})).toEqual(["c", "b", "a"]);
      const [newest] = (await page({})).messages;
      if (newest === undefined) throw new Error("there was a message");
      const key = { customerId: newest.customerId, messageId: newest.id };
      expect(newest).toEqual(await world.store.getMessage(key));
    });

    it("finds by direction, type and source, which may be more than a number", async () => {
      await accept("plain");
      await accept("mms", () => ({ type: "mms" }));
      await accept("in", () => ({ direction: "inbound" }));
      await accept("named", () => ({ source: { ...tel("ACME"), target_name: "Acme" } }));
      await accept("bare", () => ({ source: tel("ACME") }));
      expect(await textsOf({ type: "mms" })).toEqual(["mms"]);
      expect(await textsOf({ direction: "inbound" })).toEqual(["in"]);
      expect(await textsOf({ source: "ACME" })).toEqual(["bare", "named"]);
      expect(await textsOf({ source: "ACM" })).toEqual([]);
    });

    it("finds by the destination of any target", async () => {
      await acceptTo("one", tel("+4915100000001"));
      await acceptTo("two", { ...tel("+4915100000001"), name: "Ann" });
      await acceptTo("odd", tel("{odd}"));
      expect(await textsOf({ destination: "+4915100000001" })).toEqual(["two", "one"]);
      expect(await textsOf({ destination: "{odd}" })).toEqual(["odd"]);
      expect(await textsOf({ destination: "+31600000000" })).toHaveLength(3);
    });

    it("finds by the status that at least one target has", async () => {
      await world.accept({ text: "waits" });
      const [first] = await world.inFlight({ text: "sent", targets: 2 });
      await world.store.settleTargets([world.sent(first, [null])]);
      expect(await textsOf({ status: "sent" })).toEqual(["sent"]);
      expect(await textsOf({ status: "queued" })).toEqual(["sent", "waits"]);
      expect(await textsOf({ status: "delivered" })).toEqual([]);
    });

    it("finds by a piece of text in any case, taken literally", async () => {
      for (const text of ["Schöne GRÜSSE", "50% off_now", "50 off now", "世界 🎉"]) await accept(text);
      expect(await textsOf({ text: "schöne grüsse" })).toEqual(["Schöne GRÜSSE"]);
      expect(await textsOf({ text: "50% OFF_" })).toEqual(["50% off_now"]);
      expect(await textsOf({ text: "界 🎉" })).toEqual(["世界 🎉"]);
      expect(await textsOf({ text: "" })).toHaveLength(4);
    });

    it("finds between two times: at the first, before the second", async () => {
      const [a, b, c] = [await accept("a"), await accept("b"), await accept("c")];
      expect(await textsOf({ from: b.tmCreate })).toEqual(["c", "b"]);
      expect(await textsOf({ until: b.tmCreate })).toEqual(["a"]);
      expect(await textsOf({ from: a.tmCreate, until: c.tmCreate })).toEqual(["b", "a"]);
      expect(await textsOf({ from: c.tmCreate, until: a.tmCreate })).toEqual([]);
    });

    it("lets through only what meets every condition", async () => {
      await accept("deal", () => ({ type: "mms" }));
      const wanted = await accept("deal");
      await accept("other");
      const filter = { text: "DEAL", type: "sms", direction: "outbound", status: "queued" } as const;
      expect(await textsOf({ ...filter, from: wanted.tmCreate, source: wanted.source.target })).toEqual([
        "deal",
      ]);
      expect(await textsOf({ ...filter, destination: "+1" })).toEqual([]);
    });

    it("goes on where a page ended, and says when nothing is left", async () => {
      for (const text of ["a 1", "b", "a 2", "a 3"]) await accept(text);
      const first = await page({ text: "a" }, { limit: 2 });
      expect(first.messages.map(({ text }) => text)).toEqual(["a 3", "a 2"]);
      const second = await page({ text: "a" }, { limit: 2, before: first.next });
      expect([second.messages.map(({ text }) => text), second.next]).toEqual([["a 1"], null]);
      expect((await page({}, { limit: 4 })).next).toBeNull();
      expect(await page({}, { before: firstIdAt(world.in(-60_000)) })).toEqual({ messages: [], next: null });
    });

    it("ends a page early at its limit of targets, with one message at least", async () => {
      for (const text of ["a", "b"]) await world.accept({ text, targets: 3 });
      const first = await page({}, { targetLimit: 2 });
      expect(first.messages.map(({ text }) => text)).toEqual(["b"]);
      const second = await page({}, { targetLimit: 2, before: first.next });
      expect([second.messages.map(({ text }) => text), second.next]).toEqual([["a"], null]);
    });

    it("finds the one among 10,500, in however many calls", async () => {
      const wanted = world.acceptance({ text: "needle" });
      const hay = Array.from({ length: 10_500 }, () => ({ ...world.acceptance(), queue: [] }));
      await world.store.acceptMessages([wanted, ...hay]);
      expect((await everything({ text: "needle" })).map(({ id }) => id)).toEqual([wanted.message.id]);
      const { source, destination } = { source: wanted.message.source.target, destination: "+1" };
      expect(await everything({ source, destination })).toEqual([]);
    });

    it("neither finds what is deleted nor what is another customer's", async () => {
      const message = await accept("gone");
      const key = { customerId: world.customerId, messageId: message.id };
      await world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      expect(await everything({ text: "gone" })).toEqual([]);
      await accept("mine");
      const query = { customerId: world.otherCustomerId, before: null, limit: 10, targetLimit: 10 };
      expect(await world.store.searchMessages(query, { text: "mine" })).toEqual({ messages: [], next: null });
    });
  });
}
