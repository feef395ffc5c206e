import { describe, expect, it } from "vitest";
import type { Address } from "../domain/address.ts";
import { addMs } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { Wake } from "../store/store.ts";
import { CARRIER, CUSTOMER, NODE, START, targetOf } from "./dispatch.fixture.ts";
import { handOver, pass, type Setting, started, submitted, useFakedTime } from "./fixtures/dispatch-rig.ts";
import { keyText } from "./memory-queue.fixture.ts";
import { taken, THROTTLED } from "./scripted-carrier.fixture.ts";

useFakedTime();

const HANDSET = "+31616818985";

/** The handset of {@link targetOf} wants to hear no more from its sender, after all these messages were accepted. */
const STOP: Wake = {
  kind: "opt-out",
  customerId: CUSTOMER,
  sender: "821100000001",
  handset: "31616818985",
  since: addMs(START, 5),
};

function to(target: string): { readonly destination: Address } {
  return { destination: { type: "tel", target, target_name: "", name: "", detail: "" } };
}

/** The carrier has the first target in its window of 1; the others are marked behind it. */
async function behindOne(targets: readonly OutboundTarget[]): Promise<Setting> {
  const setting = await started([], { windowSize: 1, answer: () => null });
  handOver(setting, [targetOf(to("+31600000009")), ...targets]);
  await pass(10);
  expect(setting.store.countOf("marked")).toBe(targets.length + 1);
  expect(setting.carrier.submissions).toHaveLength(1);
  return setting;
}

async function letGo({ carrier }: Setting): Promise<void> {
  carrier.answer = taken;
  carrier.answerOldest(taken);
  await pass(100);
}

describe("a handset that opts out", () => {
  it("gets nothing more of what is marked and not handed to the carrier; others do", async () => {
    const [mine, other, mineToo] = [targetOf(), targetOf(to("+31600000002")), targetOf(to("31616818985"))];
    const setting = await behindOne([mine, other, mineToo]);
    setting.store.wake(STOP);
    await letGo(setting);
    expect(submitted(setting).slice(1)).toEqual([keyText(other)]);
    for (const target of [mine, mineToo]) {
      expect(setting.store.row(target)).toMatchObject({ state: "done", status: "failed" });
      expect(setting.store.row(target).trail).toMatchObject([{ what: "opted_out" }]);
    }
  });

  it("gets what was accepted later, from another customer or from another number", async () => {
    const source = to("+821100000002").destination;
    const customerId = "0190a000-0000-7000-8000-000000000002" as typeof CUSTOMER;
    const setting = await behindOne([targetOf({ source }), targetOf({ customerId }), targetOf()]);
    setting.store.wake({ ...STOP, since: START });
    setting.store.wake({ ...STOP, handset: "31600000002" });
    await letGo(setting);
    expect(setting.carrier.submissions).toHaveLength(3 + 1);
  });

  it("gets nothing of what is just being marked, or leaves with its message", async () => {
    const setting = await started();
    setting.store.commitMs = 50;
    handOver(setting, [targetOf()]);
    await pass(10);
    const departing = targetOf();
    const departure = setting.dispatch.handOver.depart(CARRIER, [departing]);
    if (departure === null) throw new Error("no departure");
    setting.store.wake(STOP);
    setting.store.insertDeparting([departing], NODE, departure);
    departure.leave();
    await pass(200);
    expect(setting.carrier.submissions).toEqual([]);
    expect([...setting.store.rows.values()].map(({ status }) => status)).toEqual(["failed", "failed"]);
  });

  it("gets no second submission of what the carrier throttled, and goes on after START", async () => {
    const setting = await started([], { answer: () => null });
    const target = targetOf();
    handOver(setting, [target]);
    await pass(10);
    setting.store.wake(STOP);
    setting.carrier.answer = taken;
    setting.carrier.answerOldest(() => THROTTLED);
    await pass(5_000);
    expect(setting.carrier.submissions).toHaveLength(1);
    expect(setting.store.row(target).status).toBe("failed");
    const next = targetOf(to(HANDSET));
    handOver(setting, [next]);
    await pass(5_000);
    expect(setting.store.row(next).status).toBe("sent");
  });
});
