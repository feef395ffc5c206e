import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { firstIdAt, type MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import { type ContractEngine, HOUR_MS, keysOf, type OpenEngine, tel, World } from "./world.ts";

/** Accepting, reading, listing and deleting messages. */
export function acceptingContract(open: OpenEngine): void {
  describe("accepting", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it("gives back a message exactly as it was accepted", async () => {
      const entry = world.acceptance({ targets: 2, text: "Grüße, 世界 🎉 'quoted'" });
      const source = { type: "tel", target: "ACME", target_name: "t", name: "Acme", detail: "d" };
      const options = { encoding: "ucs2", flash: true, priority: 0, tmExpire: world.in(HOUR_MS) } as const;
      const failure = { code: "no_route", carrierCode: "7", message: 'No "route".' } as const;
      const targets = [
        {
          ...entry.targets[0],
          n: 0,
          destination: { ...tel("+31"), detail: "x" },
          status: "queued",
          parts: 2,
        },
        {
          n: 1,
          destination: tel("{odd}"),
          status: "failed",
          parts: 1,
          tmUpdate: entry.message.tmCreate,
          failure,
        },
      ] as const;
      const message = { ...entry.message, source, options };
      const whole = {
        ...entry,
        message,
        targets: targets.map((target) => ({ ...entry.targets[0], ...target })),
      };
      expect(await world.store.acceptMessages([whole as typeof entry])).toEqual([{ kind: "accepted" }]);
      const [key] = keysOf(entry);
      expect(await world.store.getMessage(key)).toEqual({ ...message, targets: whole.targets });
    });

    it("keeps a message with 1,000 targets in their order", async () => {
      const [key] = await world.accept({ targets: 1_000 });
      const message = await world.store.getMessage(key);
      expect(message?.targets.map(({ n }) => n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    });

    it("answers outcomes in the order of the entries, and many calls at once", async () => {
      const idempotency = { key: "k", fingerprint: "f", answer: "first", expiresAt: world.in(HOUR_MS) };
      const entries = [
        world.acceptance({ idempotency }),
        world.acceptance(),
        world.acceptance({ idempotency }),
        world.acceptance({ idempotency: { ...idempotency, fingerprint: "g" } }),
      ];
      expect(await world.store.acceptMessages(entries)).toEqual([
        { kind: "accepted" },
        { kind: "accepted" },
        { kind: "replayed", answer: "first" },
        { kind: "key_reused" },
      ]);
      const many = Array.from({ length: 50 }, () => world.acceptance());
      const outcomes = await Promise.all(many.map((entry) => world.store.acceptMessages([entry])));
      expect(outcomes.flat().every(({ kind }) => kind === "accepted")).toBe(true);
    });

    it("writes nothing for a replayed or reused key", async () => {
      const idempotency = { key: "once", fingerprint: "f", answer: "{}", expiresAt: world.in(HOUR_MS) };
      await world.accept({ idempotency });
      const replay = world.acceptance({ idempotency });
      const reuse = world.acceptance({ idempotency: { ...idempotency, fingerprint: "other" } });
      await world.store.acceptMessages([replay, reuse]);
      expect(await world.store.getMessage(keysOf(replay)[0])).toBeNull();
      expect(await world.store.getMessage(keysOf(reuse)[0])).toBeNull();
      expect(await world.claim()).toHaveLength(1);
    });

    it("accepts a message of two requests with the same key at once only one time", async () => {
      const idempotency = { key: "race", fingerprint: "f", answer: "{}", expiresAt: world.in(HOUR_MS) };
      const entries = Array.from({ length: 10 }, () => world.acceptance({ idempotency }));
      const outcomes = await Promise.all(entries.map((entry) => world.store.acceptMessages([entry])));
      expect(outcomes.flat().filter(({ kind }) => kind === "accepted")).toHaveLength(1);
      expect(outcomes.flat().filter(({ kind }) => kind === "replayed")).toHaveLength(9);
    });

    it("lets a key be used again once it has expired, and by another customer at any time", async () => {
      const idempotency = { key: "k", fingerprint: "f", answer: "a", expiresAt: world.in(1) };
      await world.accept({ idempotency });
      const foreign = world.acceptance({ idempotency });
      const message = { ...foreign.message, customerId: world.otherCustomerId };
      const queue = foreign.queue.map((target) => ({ ...target, customerId: world.otherCustomerId }));
      expect(await world.store.acceptMessages([{ ...foreign, message, queue }])).toEqual([
        { kind: "accepted" },
      ]);
      world.passes(2);
      const later = world.acceptance({
        idempotency: { ...idempotency, fingerprint: "g", expiresAt: world.in(9) },
      });
      expect(await world.store.acceptMessages([later])).toEqual([{ kind: "accepted" }]);
    });

    it("finds the answer of a key until it expires, for its customer alone", async () => {
      const expiresAt = world.in(HOUR_MS);
      await world.accept({ idempotency: { key: "find", fingerprint: "f", answer: "the answer", expiresAt } });
      const { store, customerId, otherCustomerId } = world;
      const found = await store.findIdempotent(customerId, "find", world.now());
      expect(found).toEqual({ fingerprint: "f", answer: "the answer" });
      expect(await store.findIdempotent(customerId, "find", expiresAt)).toBeNull();
      expect(await store.findIdempotent(customerId, "other", world.now())).toBeNull();
      expect(await store.findIdempotent(otherCustomerId, "find", world.now())).toBeNull();
    });

    it("answers a foreign, an unknown, a malformed and a deleted id alike", async () => {
      const [key] = await world.accept();
      const [deleted] = await world.accept();
      await world.store.deleteMessages([{ ...deleted, at: world.now(), eventId: world.id() }]);
      for (const foreign of [
        { ...key, customerId: world.otherCustomerId },
        { ...key, messageId: world.id<MessageId>() },
        { ...key, messageId: "no id at all" as MessageId },
        deleted,
      ]) {
        expect(await world.store.getMessage(foreign)).toBeNull();
        expect(await world.store.getTrails(foreign)).toBeNull();
      }
    });
  });
  listingContract(open);
  deletingContract(open);
}

function listingContract(open: OpenEngine): void {
  describe("listing", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    const page = (before: string | null, limit: number, targetLimit = 5_000) =>
      world.store.listMessages({ customerId: world.customerId, before, limit, targetLimit });

    it("lists newest first, page by page, without holes or repeats while messages share a microsecond", async () => {
      const at = world.now();
      const entries = [
        ...Array.from({ length: 7 }, () => world.acceptance({ at })),
        ...Array.from({ length: 5 }, () => world.acceptance()),
      ];
      await world.store.acceptMessages(entries);
      const wanted = entries
        .map(({ message }) => message.id)
        .toSorted()
        .toReversed();
      const seen: string[] = [];
      for (let before: string | null = null; ;) {
        const messages = await page(before, 2);
        const last = messages.at(-1);
        if (last === undefined) break;
        seen.push(...messages.map(({ id }) => id));
        before = last.id;
        await world.accept(); // newer ones do not disturb a walk towards the older
      }
      expect(seen).toEqual(wanted);
    });

    it("begins strictly before a time", async () => {
      const [older] = await world.accept();
      const newer = world.acceptance();
      await world.store.acceptMessages([newer]);
      const listed = await page(firstIdAt(newer.message.tmCreate), 10);
      expect(listed.map(({ id }) => id)).toEqual([older.messageId]);
      const both = await page(firstIdAt(micros(newer.message.tmCreate + 1)), 10);
      expect(both.map(({ id }) => id)).toEqual([newer.message.id, older.messageId]);
    });

    it("ends a page early at the target limit, but holds one message at least", async () => {
      for (let index = 0; index < 3; index++) await world.accept({ targets: 10 });
      expect(await page(null, 10, 15)).toHaveLength(2);
      expect(await page(null, 10, 10)).toHaveLength(1);
      expect(await page(null, 10, 1)).toHaveLength(1);
      expect(await page(null, 10, 100)).toHaveLength(3);
    });

    it("lists neither deleted nor foreign messages", async () => {
      const [kept] = await world.accept();
      const [gone] = await world.accept();
      await world.store.deleteMessages([{ ...gone, at: world.now(), eventId: world.id() }]);
      expect((await page(null, 10)).map(({ id }) => id)).toEqual([kept.messageId]);
      const query = { customerId: world.otherCustomerId, before: null, limit: 10, targetLimit: 5_000 };
      expect(await world.store.listMessages(query)).toEqual([]);
    });

    it("reads its own writes", async () => {
      const keys = await world.sentMessage("k");
      const [listed] = await page(null, 1);
      expect(listed).toEqual(await world.store.getMessage(keys[0]));
      expect(listed?.targets[0]?.status).toBe("sent");
    });
  });
}

function deletingContract(open: OpenEngine): void {
  describe("deleting", () => {
    let engine: ContractEngine;
    let world: World;
    beforeAll(async () => {
      engine = await open();
    });
    beforeEach(() => {
      world = new World(engine);
    });
    afterAll(() => engine.dispose());

    it("hides a message, answers it whole, and keeps the first deletion's times", async () => {
      const [key] = await world.accept({ targets: 2 });
      const before = await world.store.getMessage(key);
      const at = world.now();
      const gone = { ...before, tmUpdate: at, tmDelete: at };
      expect(await world.store.deleteMessages([{ ...key, at, eventId: world.id() }])).toEqual([gone]);
      const again = await world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      expect(again).toEqual([gone]);
    });

    it("answers null for unknown and foreign ids, and leaves the foreign message alone", async () => {
      const [key] = await world.accept();
      const change = { at: world.now(), eventId: world.id() } as const;
      const foreign = { ...key, ...change, eventId: world.id(), customerId: world.otherCustomerId } as const;
      const unknown = { ...key, ...change, eventId: world.id(), messageId: world.id<MessageId>() } as const;
      const changes = [foreign, unknown] as unknown as Parameters<typeof world.store.deleteMessages>[0];
      expect(await world.store.deleteMessages(changes)).toEqual([null, null]);
      expect(await world.store.getMessage(key)).not.toBeNull();
    });

    it("goes on with what is queued, and settles its receipts", async () => {
      const [key] = await world.accept({ text: "still goes" });
      await world.store.deleteMessages([{ ...key, at: world.now(), eventId: world.id() }]);
      const [claimed] = await world.claim();
      expect(claimed?.text).toBe("still goes");
      await world.store.markInFlight([world.mark(key)]);
      const results = await world.store.settleTargets([world.sent(key, ["after"])]);
      expect(results).toEqual([{ kind: "applied", status: "sent" }]);
      const [outcome] = await world.store.applyReceipts([world.receipt("after")]);
      expect(outcome).toMatchObject({ kind: "applied", status: "delivered" });
    });
  });
}
