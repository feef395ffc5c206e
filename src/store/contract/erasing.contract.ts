import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EventId, MessageId } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import type { KeptPart } from "../gathering.ts";
import { acceptanceTo, eraseWholly } from "./erasure.ts";
import { type ContractEngine, keysOf, type OpenEngine, tel, World } from "./world.ts";

/** Taking one phone number out of everything. */
export function erasingContract(open: OpenEngine): void {
  describe("erasing", () => {
    let engine: ContractEngine;
    let world: World;
    let made = 0;
    let number: string;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
      number = `+49151${String(made++).padStart(8, "0")}`;
    });
    afterAll(() => engine.dispose());

    const erase = (limit = 1_000, spelling = number) => eraseWholly(world, spelling, limit);
    const acceptance = (to = number, wishes: Parameters<typeof acceptanceTo>[2] = {}) =>
      acceptanceTo(world, to, wishes);

    const inbound = (): Message => {
      const at = world.now();
      const target = { n: 0, destination: tel("+3197"), status: "received", parts: 1 } as const;
      return {
        id: world.id<MessageId>(at),
        customerId: world.customerId,
        type: "sms",
        direction: "inbound",
        source: { ...tel(number), name: "Ann" },
        text: "private too",
        options: { data: "00ff", udh: "050401" },
        targets: [{ ...target, tmUpdate: at, failure: null }],
        tmCreate: at,
        tmUpdate: null,
        tmDelete: null,
      };
    };

    it("takes number and text out of messages to it, and stops what waits", async () => {
      const made = acceptance();
      const [first, ...others] = made.targets;
      if (first === undefined) throw new Error("there are two");
      const targets = [{ ...first, status: "canceled" as const }, ...others];
      const entry = { ...made, targets, queue: made.queue.slice(1) };
      await world.store.acceptMessages([entry]);
      const [key] = keysOf(entry);
      expect(await erase()).toEqual({ messages: 1, targets: 1, parts: 0, optOuts: 0 });
      const message = await world.store.getMessage(key);
      expect(message?.text).toBe("");
      expect(message?.source).toEqual(entry.message.source);
      expect(message?.targets[1]).toMatchObject({ destination: tel("erased"), status: "canceled" });
      expect(message?.targets[0]).toMatchObject({ destination: tel("+31600000000"), status: "canceled" });
      expect(await world.claim()).toEqual([]);
    });

    it("takes number, text and data out of messages from it, deleted ones too", async () => {
      const messages = [inbound(), inbound()];
      const none = { transportId: null, gathering: null };
      await world.store.receiveMessages(
        messages.map((message) => ({ message, eventId: world.id<EventId>(), ...none })),
      );
      const [kept, deleted] = messages;
      if (kept === undefined || deleted === undefined) throw new Error("there are two");
      const change = { customerId: world.customerId, messageId: deleted.id, at: world.now() };
      await world.store.deleteMessages([{ ...change, eventId: world.id<EventId>() }]);
      expect(await erase()).toMatchObject({ messages: 2, targets: 0 });
      const { customerId } = world;
      const found = await world.store.getMessage({ customerId, messageId: kept.id });
      expect(found).toEqual({ ...kept, source: tel("erased"), text: "", options: {} });
      const again = { customerId, messageId: deleted.id, at: world.now(), eventId: world.id<EventId>() };
      const [gone] = await world.store.deleteMessages([again]);
      expect(gone).toMatchObject({ source: tel("erased"), text: "" });
    });

    it("takes the carrier's words off the trail and out of a failure, and keeps its code", async () => {
      const entry = acceptance(number, { leased: true });
      await world.store.acceptMessages([entry]);
      const keys = keysOf(entry);
      await world.store.markInFlight(keys.map((key) => world.mark(key)));
      const failure = { code: "unreachable", carrierCode: "1", message: `${number} is off` } as const;
      const trail = [{ at: world.now(), what: "refused", words: number }];
      await world.store.settleTargets(
        keys.map(
          (key) => ({ ...world.base(key), trail, outcome: "failed", status: "failed", failure }) as const,
        ),
      );
      await erase();
      const trails = await world.store.getTrails(keys[0]);
      expect(trails?.[1]).toEqual([{ at: trail[0]?.at, what: "refused" }]);
      expect(trails?.[0]).toEqual(trail);
      const message = await world.store.getMessage(keys[0]);
      expect(message?.targets[1]?.failure).toEqual({ code: "unreachable", carrierCode: "", message: "" });
    });

    it("leaves neither a body to be sent again nor an answer in the log", async () => {
      const { id } = await world.endpoint();
      await world.store.acceptMessages([acceptance()]);
      const [delivery] = await world.deliveries(id);
      if (delivery === undefined) throw new Error("the message was announced");
      const body = `{"to":"${number}"}`;
      await world.store.settleDeliveries([
        { ...world.attempted(delivery), outcome: "retry", attempts: 0, dueAt: world.now(), body },
      ]);
      await erase();
      const [again] = await world.deliveries(id);
      expect(again).toMatchObject({ eventId: delivery.eventId, attempts: 1, body: null });
      expect(JSON.stringify(again)).not.toContain(number.slice(1));
      const log = { customerId: world.customerId, endpointId: null, before: null, limit: 10 };
      expect((await world.store.listAttempts(log)).map(({ answer }) => answer)).toEqual([""]);
    });

    it("removes kept parts, from it and to it", async () => {
      const part = (source: string, destination: string): KeptPart => {
        const content = { encoding: "gsm7", text: "x", data: "", udh: "" } as const;
        const { carrierId } = world;
        return {
          carrierId,
          source,
          destination,
          reference: 1,
          total: 2,
          sequence: 1,
          content,
          at: world.now(),
        };
      };
      const bare = number.slice(1);
      await world.store.keepParts([part(number, "1"), part("2", bare), part("2", "1")]);
      expect(await erase()).toMatchObject({ parts: 2 });
      const left = await world.store.findGatherings(world.in(60_000), 10_000);
      const ours = left.filter(({ carrierId }) => carrierId === world.carrierId);
      expect(ours.map(({ source, destination }) => [source, destination])).toEqual([["2", "1"]]);
    });

    it("leaves opt-outs in force without their number", async () => {
      const between = { sender: "+1555", handset: number, since: world.now(), until: null };
      const words = { beganBy: "api", endedBy: "" };
      const period = { id: world.id(), customerId: world.customerId, ...between, ...words };
      await world.store.beginOptOut(period);
      expect(await erase()).toMatchObject({ optOuts: 1 });
      expect(await world.store.optedOut(world.customerId, "+1555", [number])).toEqual(new Set([number]));
      const all = { sender: null, handset: null, lasting: true, before: null, limit: 10 };
      const listed = await world.store.listOptOuts({ customerId: world.customerId, ...all });
      expect(listed).toEqual([{ ...period, handset: "erased" }]);
    });

    it("takes the number out of answers that are kept for repeated requests", async () => {
      const answer = `[{"target":"${number}"},{"target":"${number}9"}]`;
      const idempotency = { key: "erased", fingerprint: "f", answer, expiresAt: world.in(60_000) };
      await world.accept({ idempotency });
      await erase();
      const kept = await world.store.findIdempotent(world.customerId, "erased", world.now());
      expect(kept?.answer).toBe(`[{"target":"erased"},{"target":"${number}9"}]`);
    });

    it("knows the number in any spelling, and lets numbers pass that only look alike", async () => {
      const bare = acceptance(number.slice(1));
      const longer = acceptance(`${number}1`);
      await world.store.acceptMessages([bare, longer]);
      expect(await erase(1_000, number.replace("+49", "+49 (0)").replace("(0)", ""))).toMatchObject({
        targets: 1,
      });
      expect((await world.store.getMessage(keysOf(bare)[0]))?.targets[1]?.destination.target).toBe("erased");
      expect((await world.store.getMessage(keysOf(longer)[0]))?.text).toBe("private");
    });

    it("goes on in slices, also over a restart, and finds nothing the second time", async () => {
      const entries = Array.from({ length: 5 }, () => acceptance());
      await world.store.acceptMessages(entries);
      const first = await world.store.eraseNumber(number, world.now(), 2);
      expect(first.more).toBe(true);
      await engine.reopen();
      const rest = await erase(7);
      expect(first.targets + rest.targets).toBe(5);
      expect(first.messages + rest.messages).toBe(5);
      expect(await erase()).toEqual({ messages: 0, targets: 0, parts: 0, optOuts: 0 });
    });

    it("erases nothing for a text without a digit", async () => {
      expect(await erase(10, "erased")).toEqual({ messages: 0, targets: 0, parts: 0, optOuts: 0 });
    });
  });
}
