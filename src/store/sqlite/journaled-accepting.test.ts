import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClock } from "../../domain/clock.ts";
import type { EndpointId } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import type { Acceptance, MessageKey } from "../accepting.ts";
import type { Store } from "../store.ts";
import { World } from "../contract/world.ts";
import { encodeJournaled } from "./accept-messages.ts";
import { AcceptanceJournal } from "./acceptance-journal.ts";
import { JOURNAL_FILE_BYTES } from "./journal-file.ts";
import { JournaledAccepting } from "./journaled-accepting.ts";
import { OperationThread } from "./operation-thread.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const clock = createClock(() => Date.now());

/** A message, null too while the database cannot be asked for it. */
function readOrNull(store: Store, key: MessageKey): Promise<Message | null> {
  return store.getMessage(key).catch(() => null);
}

describe("acceptance by way of the journal", () => {
  let directory: string;
  let file: string;
  let store: Store;
  const errors: string[] = [];
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "msgbin-journal-"));
    file = path.join(directory, "msgbin.db");
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  async function open(): Promise<World> {
    const logger = { ...SILENT, error: (_: unknown, text: string) => void errors.push(text) };
    store = await openSqliteStore({ file, clock, logger, metrics: UNCOUNTED });
    return new World({ store, reopen: () => Promise.reject(new Error("not here")), dispose: async () => {} });
  }

  it("is seen by whoever reads after it", async () => {
    const world = await open();
    for (let round = 0; round < 20; round++) {
      const [key] = await world.accept();
      expect(await store.getMessage(key)).toMatchObject({ id: key.messageId });
      const page = { customerId: world.customerId, before: null, limit: 1, targetLimit: 10 };
      expect(await store.listMessages(page)).toMatchObject([{ id: key.messageId }]);
    }
  });

  it("is brought into the database by the next start, its marks with it", async () => {
    let world = await open();
    await store.close();
    const [plain, marked] = [
      world.acceptance({ leased: true }),
      world.acceptance({ leased: true, marks: [{ carrierId: world.carrierId, bind: 0, epoch: 3 }] }),
    ];
    const journal = new AcceptanceJournal(file, 0, 0);
    await Promise.all([
      journal.append({ sequence: 1, payload: encodeJournaled([plain]) }),
      journal.append({ sequence: 2, payload: encodeJournaled([marked]) }),
    ]);
    journal.close();

    const before = world;
    world = await open();
    for (const { message } of [plain, marked])
      expect(
        await store.getMessage({ customerId: message.customerId, messageId: message.id }),
      ).not.toBeNull();
    const { carrierId, otherNode } = before;
    const request = {
      carrierId,
      liveNodes: [otherNode],
      policy: "resend",
      now: before.now(),
      limit: 10,
    } as const;
    expect(await store.recoverTargets(request)).toEqual({ released: 1, unknown: 1, more: false });
  });

  it("is brought in once, though the process ended before it could note that", async () => {
    const world = await open();
    const entry = world.acceptance();
    await store.acceptMessages([entry]);
    await store.close();
    const left = readdirSync(directory).filter((name) => name.includes("accepted"));
    expect(left.some((name) => readFileSync(path.join(directory, name)).includes(entry.message.id))).toBe(
      true,
    );
    await open();
    expect((await store.queueDepths()).find(({ carrierId }) => carrierId === world.carrierId)?.waiting).toBe(
      1,
    );
  });

  it("is left out where it does not follow on from the database", async () => {
    const world = await open();
    await store.close();
    const journal = new AcceptanceJournal(file, 0, 1);
    const entry = world.acceptance();
    await journal.append({ sequence: 2, payload: encodeJournaled([entry]) });
    journal.close();
    await open();
    const { customerId, id: messageId } = entry.message;
    expect(await store.getMessage({ customerId, messageId })).toBeNull();
  });

  it("goes through more than both files hold", async () => {
    const world = await open();
    const text = "x".repeat(20_000);
    const messages = Math.ceil((3 * JOURNAL_FILE_BYTES) / text.length);
    const accepted = Array.from({ length: messages }, () => world.accept({ text }));
    const keys = (await Promise.all(accepted)).map(([key]) => key);
    const first = keys[0];
    if (first === undefined) throw new Error("nothing was accepted");
    expect(await store.getMessage(first)).toMatchObject({ text });
    const depth = (await store.queueDepths()).find(({ carrierId }) => carrierId === world.carrierId);
    expect(depth?.waiting).toBe(messages);
  });

  it("leaves nothing in the journal of a number that was erased", async () => {
    const world = await open();
    const accepting = Array.from({ length: 50 }, () => world.accept());
    await Promise.all(accepting);
    const digits = "31600000000"; // world's first handset
    const isThere = (): boolean =>
      readdirSync(directory).some(
        (name) => name.includes("accepted") && readFileSync(path.join(directory, name)).includes(digits),
      );
    expect(isThere()).toBe(true);
    const meanwhile = world.accept({ text: "meanwhile" });
    let more = true;
    while (more) ({ more } = await store.eraseNumber(`+${digits}`, world.now(), 1_000));
    const [key] = await meanwhile;
    expect(await store.getMessage(key)).not.toBeNull();
    expect((await store.eraseNumber(`+${digits}`, world.now(), 1_000)).more).toBe(false);
    expect(isThere()).toBe(false);
    const [later] = await world.accept();
    expect(await store.getMessage(later)).not.toBeNull();
  });

  it("is kept while the database cannot be written, is not read as missing, and comes before what follows it", async () => {
    const world = await open();
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const [key] = await world.accept({ leased: true });
    await expect(store.getMessage(key)).rejects.toThrow(StoreUnavailable);
    const late = world.acceptance();
    await expect(store.acceptMessages([late])).rejects.toThrow(StoreUnavailable); // the direct way, while it fails
    other.exec("ROLLBACK");
    other.close();
    const [result] = await store.settleTargets([world.sent(key, ["kept-1"])]);
    expect(result).toEqual({ kind: "applied", status: "sent" });
    const lateKey = { customerId: late.message.customerId, messageId: late.message.id };
    expect(await store.getMessage(lateKey)).toBeNull();
    await world.accept();
    expect(await store.getMessage(key)).toMatchObject({ targets: [{ status: "sent" }] });
  });

  it("is answered, and the store closes, though more was accepted than the journal holds and the database cannot be written", async () => {
    let world = await open();
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const text = "x".repeat(JOURNAL_FILE_BYTES / 4);
    const entries = Array.from({ length: 12 }, () => world.acceptance({ text }));
    const outcomes = await Promise.allSettled(entries.map((entry) => store.acceptMessages([entry])));
    const late = await Promise.allSettled([store.acceptMessages([world.acceptance({ text })])]);
    const refusals = [...outcomes, ...late].filter((outcome) => outcome.status === "rejected");
    expect(refusals.map(({ reason }) => (reason as StoreUnavailable).reason)).toEqual(
      refusals.map(() => "busy"),
    );
    expect(late).toMatchObject([{ status: "rejected" }]);
    await store.close();
    other.exec("ROLLBACK");
    other.close();
    world = await open();
    const kept = await Promise.all(
      entries.map(async ({ message: { customerId, id } }) => {
        return (await store.getMessage({ customerId, messageId: id })) !== null;
      }),
    );
    expect(kept).toEqual(outcomes.map(({ status }) => status === "fulfilled"));
    expect(kept).toContain(true);
    expect(kept).toContain(false);
  });

  it("is kept while a page of the database is damaged, others are refused, and so is the next start until it is mended", async () => {
    let world = await open();
    await store.close();
    const whole = readFileSync(file);
    writeFileSync(file, spoilt(whole, "events"));

    errors.length = 0;
    world = await open();
    const [key] = await world.accept();
    await expect(store.getMessage(key)).rejects.toThrow(StoreUnavailable);
    const damaged = { reason: "damaged", message: expect.stringContaining("restore a backup") };
    await expect(store.acceptMessages([world.acceptance()])).rejects.toMatchObject(damaged);
    await expect(store.probe()).rejects.toMatchObject(damaged);
    expect(errors).toEqual(["the database is damaged"]);
    await store.close();
    await expect(open()).rejects.toMatchObject({ name: "DatabaseRefused", ...damaged });

    writeFileSync(file, whole);
    await open();
    expect(await store.getMessage(key)).not.toBeNull();
    expect((await store.queueDepths()).map(({ waiting }) => waiting)).toEqual([1]);
  });

  it("is taken no more once anything has met a damaged page, on which everything else goes on", async () => {
    let world = await open();
    const [key] = await world.accept();
    await store.close();
    const whole = readFileSync(file);
    writeFileSync(file, spoilt(whole, "attempts_by_endpoint"));
    world = await open();
    await store.probe();
    const tellings = {
      endpointId: world.id<EndpointId>(),
      customerId: key.customerId,
      before: null,
      limit: 1,
    };
    const damaged = { reason: "damaged", message: expect.stringContaining("restore a backup") };
    await expect(store.listAttempts(tellings)).rejects.toMatchObject(damaged);
    await expect(store.acceptMessages([world.acceptance()])).rejects.toMatchObject(damaged);
    await expect(store.probe()).rejects.toMatchObject(damaged);
    expect(await store.getMessage(key)).not.toBeNull();
  });

  it("holds up none of those behind it when it is itself at fault, were they more than one commit has", async () => {
    const world = await open();
    const first = world.acceptance();
    await store.acceptMessages([first]);
    await store.getMessage({ customerId: first.message.customerId, messageId: first.message.id });
    const others = Array.from({ length: 4_500 }, () => world.acceptance());
    await Promise.all([first, ...others].map((acceptance) => store.acceptMessages([acceptance])));
    const last = others.at(-1)?.message ?? first.message;
    await expect
      .poll(() => readOrNull(store, { customerId: last.customerId, messageId: last.id }), { timeout: 30_000 })
      .not.toBeNull();
  });

  it("is passed over by a start when it is itself at fault, and those behind it are brought in", async () => {
    const world = await open();
    await store.close();
    const [first, last] = [world.acceptance(), world.acceptance()];
    const journal = new AcceptanceJournal(file, 0, 0);
    const payloads = [first, first, last].map((acceptance) => encodeJournaled([acceptance]));
    await Promise.all(payloads.map((payload, index) => journal.append({ sequence: index + 1, payload })));
    journal.close();
    errors.length = 0;
    await open();
    expect(errors).toEqual(["an accepted message was refused by the database"]);
    for (const { message } of [first, last])
      expect(
        await store.getMessage({ customerId: message.customerId, messageId: message.id }),
      ).not.toBeNull();
  });

  it("takes a message that is larger than the journal", async () => {
    const world = await open();
    const text = "y".repeat(JOURNAL_FILE_BYTES);
    const [key] = await world.accept({ text });
    expect((await store.getMessage(key))?.text).toHaveLength(text.length);
  });
});

describe("a journal that cannot be written any more", () => {
  let directory: string;
  let file: string;
  let writer: OperationThread;
  let accepting: JournaledAccepting;
  /** What takes the places of the journal's files: writing to it fails, as it does on a disk that has gone. */
  let places: number[];
  const errors: string[] = [];
  const world = new World({
    get store(): never {
      throw new Error("this world makes acceptances only");
    },
    reopen: () => Promise.reject(new Error("not here")),
    dispose: async () => {},
  });

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "msgbin-journal-"));
    file = path.join(directory, "msgbin.db");
    errors.length = 0;
    await start();
    accepting.close();
    places = [openSync("/dev/null", "r"), openSync("/dev/null", "r")];
  });
  afterEach(async () => {
    for (const place of places) closeSync(place);
    await end();
    rmSync(directory, { recursive: true });
  });

  async function start(): Promise<void> {
    writer = await OperationThread.start({
      script: "writer-thread",
      file,
      pileOperations: 4_000,
      deadlineMs: null,
      onPile: () => {},
      onLost: () => {},
      onDamaged: () => {},
    });
    accepting = await JournaledAccepting.open(file, writer, {
      ...SILENT,
      error: (_, text) => void errors.push(text),
    });
  }

  async function end(): Promise<void> {
    await accepting.stop();
    await writer.stop();
    await writer.end();
  }

  /** A start after the writes had reached the disk all the same. */
  async function startAfter(entries: readonly Acceptance[]): Promise<void> {
    await end();
    const journal = new AcceptanceJournal(file, 0, 0);
    const payloads = entries.map((entry) => encodeJournaled([entry]));
    await Promise.all(payloads.map((payload, index) => journal.append({ sequence: index + 1, payload })));
    journal.close();
    await start();
    accepting.close();
  }

  function messages(): unknown {
    const database = new DatabaseSync(file);
    const row = database.prepare("SELECT count(*) AS count FROM messages").get();
    database.close();
    return row?.["count"];
  }

  it("takes nothing back: the database has it before it is answered, and the next start does not have it twice", async () => {
    const entries = Array.from({ length: 3 }, () => world.acceptance());
    await Promise.all(entries.map((entry) => accepting.accept([entry])));
    expect(messages()).toBe(3);
    expect(errors).toEqual([expect.stringContaining("the journal of acceptances failed")]);
    await accepting.accept([world.acceptance()]);
    expect(messages()).toBe(4);
    await expect(accepting.wipe()).rejects.toThrow(StoreUnavailable); // what it holds is not erased
    await startAfter(entries);
    expect(messages()).toBe(4);
  });

  it("brings nothing back that was refused because the database could not be written either", async () => {
    const entry = world.acceptance();
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    await expect(accepting.accept([entry])).rejects.toThrow(StoreUnavailable);
    other.exec("ROLLBACK");
    other.close();
    await startAfter([entry]);
    expect(messages()).toBe(0);
  });
});

/** The content of a database's file with the first page of a table overwritten. */
function spoilt(whole: Buffer, tree: string): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), "msgbin-spoilt-"));
  const copy = path.join(folder, "copy.db");
  writeFileSync(copy, whole);
  const database = new DatabaseSync(copy);
  const row = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(tree);
  database.close();
  rmSync(folder, { recursive: true });
  const page = Number(row?.["rootpage"]);
  return Buffer.from(whole).fill(0xff, (page - 1) * PAGE_BYTES, page * PAGE_BYTES);
}

const PAGE_BYTES = 4_096;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const UNCOUNTED = { count: () => {}, gauge: () => {}, observe: () => {} };
