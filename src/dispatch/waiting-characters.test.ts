import { describe, expect, it } from "vitest";
import type { CarrierId } from "../domain/ids.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { charactersOf } from "./characters-of.ts";
import { CARRIER, OTHER_CARRIER, targetOf, targetsOf } from "./dispatch.fixture.ts";
import {
  handOver,
  pass,
  type Setting,
  setUp,
  started,
  submitted,
  useFakedTime,
} from "./fixtures/dispatch-rig.ts";
import { keyText } from "./memory-queue.fixture.ts";
import { ScriptedCarrier, taken } from "./scripted-carrier.fixture.ts";

useFakedTime();

const LONGEST = "x".repeat(39_015);

/** A target of so many characters. */
function long(characters: number): OutboundTarget {
  return targetOf({ text: "x".repeat(characters) });
}

function waitingCharacters({ store }: Setting): number {
  const leased = [...store.rows.values()].filter(({ state }) => state === "leased");
  return charactersOf(leased.map(({ target }) => target));
}

/** Takes what there is room for now and gives it back; false when there is less. */
function hasRoomFor({ dispatch }: Setting, targets: readonly OutboundTarget[]): boolean {
  const isReserved = dispatch.handOver.reserve(CARRIER, targets);
  if (isReserved) dispatch.handOver.release(CARRIER, targets);
  return isReserved;
}

describe("the characters that wait for a carrier", () => {
  it("are 16 million at most, and not one more", async () => {
    const setting = await started([], { answer: () => null });
    const full = long(16_000_000);
    expect(setting.dispatch.handOver.reserve(CARRIER, [full])).toBe(true);
    expect(setting.dispatch.handOver.reserve(CARRIER, [long(1)])).toBe(false);
    setting.dispatch.handOver.release(CARRIER, [full]);
    await pass(10);
    expect(hasRoomFor(setting, [long(16_000_001)])).toBe(false);
    await pass(10);
    expect(hasRoomFor(setting, [full])).toBe(true);
  });

  it("stay in the store beyond that, and go in their order whether claimed or handed over", async () => {
    const settings = { waitingCharacters: 1_000 };
    const targets = Array.from({ length: 50 }, () => long(300));
    const setting = await started(targets, { windowSize: 20, responseMs: 100 }, { settings });
    for (let index = 0; index < 50; index++) {
      const next = long(300);
      targets.push(next);
      handOver(setting, [next]);
      await pass(7);
      expect(waitingCharacters(setting)).toBeLessThanOrEqual(1_000);
    }
    await pass(5_000);
    expect(submitted(setting)).toEqual(targets.map(keyText));
    expect(hasRoomFor(setting, [long(1_000)])).toBe(true);
    expect(setting.counts.get("msgbin_store_pauses_total")).toBeUndefined();
  });

  it("may be more when one target alone has them", async () => {
    const settings = { waitingCharacters: 1_000 };
    const targets = [long(10), long(5_000), long(5_000), long(10)];
    const setting = await started(targets, {}, { settings });
    const next = long(5_000);
    expect(handOver(setting, [next])).toBe(false);
    await pass(1_000);
    expect(submitted(setting)).toEqual([...targets, next].map(keyText));
    expect(hasRoomFor(setting, [long(1_000)])).toBe(true);
  });

  it("are claimed no more of while there are too many", async () => {
    const settings = { waitingCharacters: 1_000 };
    const full = targetsOf(65, { text: "" }); // all that may be marked
    const waiting = [long(5_000), long(10)];
    const setting = await started([...full, ...waiting], { answer: () => null, windowSize: 1 }, { settings });
    await pass(5_000);
    expect(setting.store.countOf("marked")).toBe(65);
    expect(waitingCharacters(setting)).toBe(5_000);
    expect(setting.counts.get("msgbin_store_pauses_total")).toBeUndefined();
  });

  it("leave half of the room to what is handed over while more are claimed", async () => {
    const setting = await started([], {}, { settings: { waitingCharacters: 1_000 } });
    setting.store.commitMs = 100;
    setting.store.insert([long(1)]);
    await pass(10);
    expect(setting.store.calls.at(-1)?.operation).toBe("claimTargets");
    expect(hasRoomFor(setting, [long(500)])).toBe(true);
    expect(hasRoomFor(setting, [long(501)])).toBe(false);
  });

  it("are free again when what waited was given back, had expired or was refused its mark", async () => {
    const settings = { waitingCharacters: 1_000 };
    let isAnswering = false;
    const answer = (target: OutboundTarget) => (isAnswering ? taken(target) : null);
    const setting = await started([], { answer, windowSize: 1 }, { settings });
    handOver(setting, targetsOf(80, { text: "" })); // all that may be marked
    await pass(10);
    const waiting = [long(300), { ...long(300), expiresAt: targetOf().dueAt }, long(300)];
    expect(handOver(setting, waiting)).toBe(true);
    await pass(10);
    expect(hasRoomFor(setting, [long(101)])).toBe(false);
    setting.store.takeAway(waiting[2] ?? targetOf());
    setting.carrier.disconnect();
    await pass(6_000);
    expect(waitingCharacters(setting)).toBe(0);
    isAnswering = true;
    setting.carrier.connect();
    while (setting.carrier.unanswered > 0) setting.carrier.answerOldest(taken);
    await pass(60_000);
    expect(hasRoomFor(setting, [long(1_000)])).toBe(true);
  });

  it("of a message of many targets count for each", async () => {
    const setting = await started([], { answer: () => null });
    expect(hasRoomFor(setting, targetsOf(410, { text: LONGEST }))).toBe(true);
    expect(hasRoomFor(setting, targetsOf(411, { text: LONGEST }))).toBe(false);
  });
});

function other(n: number): CarrierId {
  return `${OTHER_CARRIER.slice(0, -2)}${String(n + 10)}` as CarrierId; // an id with other last digits
}

describe("what waits for all carriers together", () => {
  it("is no more than eight of them may have: each has an equal share", async () => {
    const setting = setUp({ answer: () => null });
    for (let n = 0; n < 7; n++)
      setting.dispatch.add(new ScriptedCarrier({ id: other(n), name: `south ${n}` }));
    void setting.dispatch.start();
    await pass(10);
    expect(hasRoomFor(setting, targetsOf(20_000, { text: "" }))).toBe(true);
    for (let n = 7; n < 15; n++)
      setting.dispatch.add(new ScriptedCarrier({ id: other(n), name: `south ${n}` }));
    expect(hasRoomFor(setting, targetsOf(10_000, { text: "" }))).toBe(true);
    expect(hasRoomFor(setting, [long(8_000_000)])).toBe(true);
    expect(hasRoomFor(setting, [long(8_000_001)])).toBe(false);
    await pass(10);
    expect(hasRoomFor(setting, targetsOf(10_001, { text: "" }))).toBe(false);
    for (let n = 0; n < 8; n++) void setting.dispatch.remove(other(n), 0);
    await pass(10);
    expect(hasRoomFor(setting, targetsOf(20_000, { text: "" }))).toBe(true);
  });
});
