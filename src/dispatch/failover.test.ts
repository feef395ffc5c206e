import { describe, expect, it } from "vitest";
import type { SubmitOutcome } from "../carriers/carrier.ts";
import type { CarrierId, NodeId } from "../domain/ids.ts";
import { addMs } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { DispatchDependencies } from "./dispatch.ts";
import { CARRIER, OTHER_CARRIER, START, targetOf } from "./dispatch.fixture.ts";
import { pass, setUp, started, useFakedTime } from "./fixtures/dispatch-rig.ts";
import { MemoryQueue } from "./memory-queue.fixture.ts";
import { type CarrierScript, later, ScriptedCarrier } from "./scripted-carrier.fixture.ts";

const OTHER_NODE = "0190a000-0000-7000-8000-0000000000f2" as NodeId;
/** When a node's life ends that no test outlasts. */
const FAR = addMs(START, 3_600_000);

const THIRD_CARRIER = "0190a000-0000-7000-8000-00000000000c" as CarrierId;

useFakedTime();

const REFUSED: SubmitOutcome = {
  kind: "refused",
  failure: { code: "blocked_by_carrier", carrierCode: "0x45", message: "no" },
  elsewhere: true,
  tookMs: 1,
  words: "",
};

/** A target that another carrier may take. */
function reroutable(change: Partial<OutboundTarget> = {}): OutboundTarget {
  return targetOf({ fallbacks: [OTHER_CARRIER], ...change });
}

/** Two carriers, of which the first one's connection is lost. */
async function down(script: CarrierScript = {}, change: Partial<DispatchDependencies> = {}) {
  const setting = await started([], script, change);
  const other = new ScriptedCarrier({ id: OTHER_CARRIER, name: "south" });
  setting.dispatch.add(other);
  await pass(10);
  setting.carrier.disconnect();
  return { ...setting, other };
}

describe("a carrier that is down", () => {
  it("has the next one take what is due after half a minute, and from then on within a second", async () => {
    const { store, other, counts } = await down({}, { countParts: () => 3 });
    const target = reroutable({ attempts: 2 });
    store.insert([target]);
    await pass(29_900);
    expect(other.submissions).toEqual([]);
    await pass(200);
    expect(other.submissions.map((submission) => submission.target)).toMatchObject([
      { parts: 3, fallbacks: [CARRIER], attempts: 0 },
    ]);
    expect(store.row(target).trail).toMatchObject([
      { what: "carrier_down", carrier: CARRIER },
      { what: "rerouted", carrier: OTHER_CARRIER },
      { what: "sent", carrier: OTHER_CARRIER },
    ]);
    const later = [reroutable({ priority: 0 }), reroutable({ priority: 2 })];
    store.insert(later);
    await pass(1_100);
    expect(later.map((each) => store.row(each).status)).toEqual(["sent", "sent"]);
    expect(counts.get("msgbin_failovers_total north")).toBe(3);
  });

  it("keeps what has no other, what no other can take, and what is not due", async () => {
    const { store, other, carrier } = await down(
      {},
      { countParts: ({ text }) => (text === "long" ? null : 1) },
    );
    const [pinned, long] = [targetOf(), reroutable({ text: "long" })];
    const later = reroutable({ dueAt: addMs(START, 3_600_000) });
    const gone = targetOf({ fallbacks: [THIRD_CARRIER] });
    store.insert([pinned, long, later, gone]);
    await pass(40_000);
    expect(other.submissions).toEqual([]);
    expect(store.countOf("waiting") + store.countOf("leased")).toBe(4);
    carrier.connect();
    await pass(1_100);
    expect([pinned, long, gone].map((each) => store.row(each).status)).toEqual(["sent", "sent", "sent"]);
  });

  it("passes what waits over those that are down too, and moves nothing while all are", async () => {
    const { store, other, dispatch } = await down();
    other.disconnect();
    const target = targetOf({ fallbacks: [OTHER_CARRIER, THIRD_CARRIER] });
    store.insert([target]);
    await pass(60_000);
    expect(store.row(target)).toMatchObject({ state: "waiting", trail: [], target: { carrierId: CARRIER } });
    const third = new ScriptedCarrier({ id: THIRD_CARRIER, name: "east" });
    dispatch.add(third);
    await pass(1_500);
    expect(third.submissions.map((submission) => submission.target)).toMatchObject([
      { messageId: target.messageId, fallbacks: [OTHER_CARRIER, CARRIER] },
    ]);
  });

  it("is given half a minute anew each time that a lane comes up", async () => {
    const { store, carrier, other } = await down();
    store.insert([reroutable({ dueAt: addMs(START, 25_000) })]);
    await pass(20_000);
    carrier.connect();
    await pass(10);
    carrier.disconnect();
    await pass(29_000);
    expect(other.submissions).toEqual([]);
    await pass(2_000);
    expect(other.submissions).toHaveLength(1);
  });

  it("is not what a carrier is whose slots others hold", async () => {
    const store = new MemoryQueue();
    const lease = { carrierId: CARRIER, bind: 0, node: OTHER_NODE, epoch: 1, expiresAt: FAR };
    store.leases.set(`${CARRIER}/0`, lease);
    const { dispatch } = setUp({}, {}, store);
    dispatch.add(new ScriptedCarrier({ id: OTHER_CARRIER, name: "south" }));
    void dispatch.start();
    const target = reroutable();
    store.insert([target]);
    await pass(60_000);
    expect(store.row(target)).toMatchObject({ state: "waiting", target: { carrierId: CARRIER } });
  });
});

/** What went to the third carrier over two that were down, and waits there, for that is down as well now. */
async function wentOn() {
  const setting = await down();
  setting.other.disconnect();
  const third = new ScriptedCarrier({ id: THIRD_CARRIER, name: "east", answer: () => later() });
  setting.dispatch.add(third);
  const target = targetOf({ fallbacks: [OTHER_CARRIER, THIRD_CARRIER] });
  setting.store.insert([target]);
  await pass(35_000);
  expect(third.submissions.length).toBeGreaterThan(0);
  expect(setting.store.row(target).target.carrierId).toBe(THIRD_CARRIER);
  return { ...setting, third, target };
}

describe("what went on from a carrier that was down", () => {
  it.each(["north", "south"] as const)(
    "goes to the %s one when that comes up first, after all were down",
    async (name) => {
      const { store, carrier, other, third, target } = await wentOn();
      third.disconnect();
      await pass(60_000);
      expect(store.row(target)).toMatchObject({ state: "waiting", target: { carrierId: THIRD_CARRIER } });
      const back = name === "north" ? carrier : other;
      back.connect();
      await pass(1_500);
      expect(back.submissions.map((submission) => submission.target.messageId)).toEqual([target.messageId]);
      expect(store.row(target).status).toBe("sent");
    },
  );

  it("comes to those that were down when it is refused, and waits for them", async () => {
    const { store, carrier, other, third, target } = await wentOn();
    third.answer = () => REFUSED;
    await pass(60_000);
    expect(store.row(target)).toMatchObject({ state: "waiting", target: { carrierId: OTHER_CARRIER } });
    carrier.connect();
    await pass(1_500);
    expect(carrier.submissions).toHaveLength(1);
    expect(store.row(target).status).toBe("sent");
    expect(other.submissions).toEqual([]);
  });

  it("has failed when all of them have refused it", async () => {
    const { store, carrier, other, third, target } = await wentOn();
    for (const each of [carrier, other, third]) each.answer = () => REFUSED;
    for (const each of [carrier, other]) each.connect();
    await pass(60_000);
    expect(store.row(target).status).toBe("failed");
    const refused = store.row(target).trail.filter(({ what }) => what === "refused");
    expect(refused.map((entry) => entry.carrier)).toEqual([THIRD_CARRIER, OTHER_CARRIER, CARRIER]);
  });
});
