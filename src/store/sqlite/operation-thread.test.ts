import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { OperationThread } from "./operation-thread.ts";
import {
  LONG_OPERATIONS_LIMIT,
  WAITING_CHARACTERS_LIMIT,
  WAITING_OPERATIONS_LIMIT,
} from "./waiting-operations.ts";

const SHORT = { quietMs: 1, mostMs: 1 };
const LONG = { quietMs: 600_000, mostMs: 600_000 };

describe("a thread of operations", () => {
  let directory: string;
  let piles: number[];
  let thread: OperationThread;
  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "msgbin-thread-"));
    piles = [];
    thread = await OperationThread.start({
      script: "writer-thread",
      file: path.join(directory, "msgbin.db"),
      pileOperations: 4_000,
      deadlineMs: null,
      onPile: (_, operations) => piles.push(operations),
      onLost: () => {},
      onDamaged: () => {},
    });
  });
  afterEach(async () => {
    await thread.stop();
    await thread.end();
    rmSync(directory, { recursive: true });
  });

  it("commits together what is handed in together, and what arrives meanwhile in the next pile", async () => {
    const first = Array.from({ length: 10 }, () => thread.submit(["probe"]));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const second = Array.from({ length: 20 }, () => thread.submit(["probe"]));
    await Promise.all([...first, ...second]);
    expect(piles.reduce((sum, operations) => sum + operations, 0)).toBe(30);
    expect(piles.length).toBeLessThanOrEqual(3);
  });

  it("takes as many operations as its limit and refuses one more as busy", async () => {
    const taken = Array.from({ length: WAITING_OPERATIONS_LIMIT }, () => thread.submit(["probe"]));
    await expect(thread.submit(["probe"])).rejects.toMatchObject({ reason: "busy" });
    await Promise.all(taken);
    await expect(thread.submit(["probe"])).resolves.toEqual([]);
  });

  it("takes as many characters as its limit and refuses one more as busy", async () => {
    const [name, key] = ["putSetting", "a"];
    const room = WAITING_CHARACTERS_LIMIT - name.length - key.length - 3;
    const taken = thread.submit([name, key, "x".repeat(room)]);
    const refused = thread.submit(["x"]);
    await expect(refused).rejects.toMatchObject({ reason: "busy" });
    await expect(taken).resolves.toEqual([]);
  });

  it("lets patient operations wait for one that is not", async () => {
    const patient = Array.from({ length: 5 }, () => thread.submit(["probe"], LONG));
    await thread.submit(["probe"]);
    await Promise.all(patient);
    expect(piles).toEqual([6]);
  });

  it("runs a patient operation by itself when its patience is over, and shortens the wait of those before", async () => {
    const patient = thread.submit(["probe"], LONG);
    await thread.submit(["probe"], { quietMs: 1, mostMs: 1 });
    await patient;
    expect(piles).toEqual([2]);
  });

  it("does operations that give way after others when all together are a large pile, and only then", async () => {
    const done: string[] = [];
    const submit = async (name: string, characters: number, givesWay: boolean): Promise<void> => {
      await thread.submit(["putSetting", "a", "x".repeat(characters)], null, givesWay);
      done.push(name);
    };
    await Promise.all([submit("gives way", 10, true), submit("later", 10, false)]);
    await Promise.all([submit("large, gives way", 400_000, true), submit("latest", 10, false)]);
    expect(done).toEqual(["gives way", "later", "latest", "large, gives way"]);
    expect(piles).toEqual([2, 1, 1]);
  });

  it("leaves an operation that gives way out of a few piles at most", async () => {
    const givesWay = thread.submit(["probe"], null, true);
    const quarterOfAPile = "x".repeat(2_500_000);
    const others = Array.from({ length: 20 }, () => thread.submit(["putSetting", "a", quarterOfAPile]));
    await Promise.all([givesWay, ...others]);
    expect(piles).toEqual([4, 4, 4, 4, 5]);
  });

  it("runs long operations one by one, and one that is short before all of them but that which runs", async () => {
    const done: string[] = [];
    const note = (name: string) => () => done.push(name);
    const longs = ["a", "b", "c"].map((name) => thread.submitLong(["probe"], name).then(note(name)));
    const first = thread.submit(["probe"]).then(note("short"));
    await longs[0];
    await thread.submit(["probe"]).then(note("later"));
    await Promise.all([...longs, first]);
    expect(done).toEqual(["short", "a", "b", "later", "c"]);
    expect(piles).toEqual([1, 1, 1, 1, 1]);
  });

  it("does not leave a long operation waiting for more than a few piles of others", async () => {
    const long = thread.submitLong(["probe"], "a");
    const quarterOfAPile = "x".repeat(2_500_000);
    const others = Array.from({ length: 20 }, () => thread.submit(["putSetting", "a", quarterOfAPile]));
    await Promise.all([long, ...others]);
    expect(piles).toEqual([4, 4, 4, 4, 1, 4]);
  });

  it("takes as many long operations of one owner as the limit, refuses one more as busy, and takes another owner's", async () => {
    const taken = Array.from({ length: LONG_OPERATIONS_LIMIT }, () => thread.submitLong(["probe"], "a"));
    await expect(thread.submitLong(["probe"], "a")).rejects.toMatchObject({ reason: "busy" });
    await expect(thread.submitLong(["probe"], "b")).resolves.toEqual([]);
    await Promise.all(taken);
    await expect(thread.submitLong(["probe"], "a")).resolves.toEqual([]);
  });

  it("refuses what comes after more promised operations than a pile, while they cannot be done, and does them later", async () => {
    const { other, promised } = promisedWhileLocked();
    await expect(thread.submit(["probe"])).rejects.toMatchObject({ reason: "busy" });
    expect(thread.isFailing).toBe(true);
    await expect(thread.submit(["probe"], LONG)).rejects.toMatchObject({ reason: "busy" });
    other.exec("ROLLBACK");
    other.close();
    await expect(Promise.all(promised)).resolves.toHaveLength(3);
    await expect(thread.submit(["probe"])).resolves.toEqual([]);
    expect(thread.isFailing).toBe(false);
  });

  it("stops though more promised operations than a pile cannot be done", async () => {
    const { other, promised } = promisedWhileLocked();
    const outcomes = Promise.allSettled(promised);
    await thread.stop();
    expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(["rejected"]));
    other.exec("ROLLBACK");
    other.close();
  });

  function promisedWhileLocked(): { other: DatabaseSync; promised: Promise<unknown>[] } {
    const other = new DatabaseSync(path.join(directory, "msgbin.db"));
    other.exec("BEGIN IMMEDIATE");
    const overHalfAPile = "x".repeat(5_000_000);
    const promised = ["a", "b", "c"].map((key) =>
      thread.submitPromised(["putSetting", key, overHalfAPile], SHORT),
    );
    return { other, promised };
  }

  it("does not keep patient operations waiting when it stops", async () => {
    const patient = thread.submit(["probe"], LONG);
    await thread.stop();
    await expect(patient).resolves.toEqual([]);
    await expect(thread.submit(["probe"])).rejects.toThrow(StoreUnavailable);
  });
});

describe("a thread that fails", () => {
  it("fails what it had and is replaced by another", async () => {
    const lost: string[] = [];
    const thread = await OperationThread.start({
      script: "fixtures/failing-thread",
      file: "none",
      pileOperations: 4_000,
      deadlineMs: null,
      onPile: () => {},
      onLost: (error) => lost.push(error.message),
      onDamaged: () => {},
    });
    const outcomes = await Promise.allSettled([thread.submit(["die"]), thread.submit(["live"])]);
    expect(outcomes).toMatchObject([
      { status: "rejected", reason: { reason: "connection_lost" } },
      { status: "rejected", reason: { reason: "connection_lost" } },
    ]);
    await expect(thread.submit(["live"])).resolves.toEqual([]);
    expect(lost).toEqual(["a thread of the store failed"]);
    await thread.stop();
    await thread.end();
  });

  it("is tried anew when it cannot be opened again, with what was promised", async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "msgbin-thread-")), "closed");
    const thread = await startFailing(file);
    writeFileSync(file, "");
    await expect(thread.submit(["die"])).rejects.toMatchObject({ reason: "connection_lost" });
    const promised = thread.submitPromised(["live"], { quietMs: 1, mostMs: 1 });
    const cannotOpen = "the database cannot be opened again";
    await expect(thread.submit(["live"])).rejects.toMatchObject({ message: cannotOpen });
    await expect(thread.submit(["live"])).rejects.toMatchObject({ message: cannotOpen });
    rmSync(path.dirname(file), { recursive: true });
    await expect(promised).resolves.toEqual([]);
    await expect(thread.submit(["live"])).resolves.toEqual([]);
    await thread.stop();
    await thread.end();
  });

  it("ends though it cannot be opened again", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "msgbin-thread-"));
    const file = path.join(directory, "closed");
    const thread = await startFailing(file);
    writeFileSync(file, "");
    await expect(thread.submit(["die"])).rejects.toMatchObject({ reason: "connection_lost" });
    const promised = thread.submitPromised(["live"], { quietMs: 1, mostMs: 1 });
    await Promise.all([thread.stop(), expect(promised).rejects.toMatchObject({ reason: "connection_lost" })]);
    await thread.end();
    rmSync(directory, { recursive: true });
  });

  it("is given up when an operation takes longer than the deadline: that one fails, and the others of its pile are done", async () => {
    const lost: string[] = [];
    const thread = await OperationThread.start({
      script: "fixtures/failing-thread",
      file: "none",
      pileOperations: 4_000,
      deadlineMs: 2_000,
      onPile: () => {},
      onLost: (error) => lost.push(error.message),
      onDamaged: () => {},
    });
    const outcomes = await Promise.allSettled(["live", "hang", "live"].map((name) => thread.submit([name])));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { reason: "busy" } });
    expect(lost).toEqual(["a read took longer than its deadline"]);
    await thread.stop();
    await thread.end();
  });
});

function startFailing(file: string): Promise<OperationThread> {
  return OperationThread.start({
    script: "fixtures/failing-thread",
    file,
    pileOperations: 4_000,
    deadlineMs: null,
    onPile: () => {},
    onLost: () => {},
    onDamaged: () => {},
  });
}
