import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { SubmitOutcome } from "../carriers/carrier.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { Settlement } from "../store/queueing.ts";
import { UNKNOWN_ATTEMPTS_MAX } from "../domain/unknown-outcome.ts";
import { OTHER_CARRIER, targetsOf } from "./dispatch.fixture.ts";
import { leaveStopped, pass, useFakedTime } from "./fixtures/dispatch-rig.ts";
import { type Node, Nodes } from "./fixtures/node-rig.ts";
import type { MemoryRow } from "./memory-queue.fixture.ts";
import { later, type ScriptedCarrier, taken } from "./scripted-carrier.fixture.ts";

type CarrierName = "north" | "south";

type Action =
  /** Which of the living nodes reach which carrier, by their place. */
  | { readonly do: "reach"; readonly north: readonly boolean[]; readonly south: readonly boolean[] }
  /** Whether a carrier takes messages, or asks to come again later. */
  | { readonly do: "mood"; readonly carrier: CarrierName; readonly isTaking: boolean }
  /** Whether a carrier leaves all messages of a node unanswered, and its lanes there are on trial for it. */
  | {
      readonly do: "silence";
      readonly carrier: CarrierName;
      readonly node: number;
      readonly isSilent: boolean;
    }
  | { readonly do: "die"; readonly node: number }
  | { readonly do: "join" }
  | { readonly do: "insert"; readonly count: number }
  | { readonly do: "pass"; readonly seconds: number };

const RUNS = 60;
const NODES_MAX = 3;
const SLICE_MS = 100;
/** A lane that has come up is said at the next heartbeat of its node, and heard at the next one of each other. */
const HEARD_WITHIN_MS = 6_500;
/** After so long without a lane a carrier is down. */
const DOWN_AFTER_MS = 30_000 - SLICE_MS;
/** A word of a lane counts for as long as a lease lasts. */
const COUNTS_FOR_MS = 11_000 + SLICE_MS;

const node = fc.nat({ max: NODES_MAX - 1 });
const carrier = fc.constantFrom<CarrierName>("north", "south");
const places = fc.array(fc.boolean(), { minLength: NODES_MAX, maxLength: NODES_MAX });
const slots = fc.integer({ min: 1, max: NODES_MAX });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("reach" as const), north: places, south: places }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("mood" as const), carrier, isTaking: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("silence" as const), carrier, node, isSilent: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("join" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("insert" as const), count: fc.integer({ min: 1, max: 20 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: 40 }) }),
  },
);

const RESPONSE_TIMEOUT_MS = 20_000;
const UNANSWERED: SubmitOutcome = { kind: "unknown", partStates: "", receiptKeys: [], words: "" };

/** Whether it goes on because it was not answered on trial, wherever else lanes are up. */
function wasTried({ trail }: Settlement): boolean {
  return trail.some(({ what }) => what === "unknown_outcome");
}

/** Sent, or held because it was left unanswered too often. */
function isOver({ status, state, target }: MemoryRow): boolean {
  return status === "sent" || (state === "held" && target.attempts >= UNKNOWN_ATTEMPTS_MAX);
}

/** Nodes whose connections come and go; whatever one of them passes on is held against when lanes were up, at any node. */
class Trial {
  readonly violations: string[] = [];
  readonly #nodes: Nodes;
  readonly #all: Node[] = [];
  readonly #isTaking = { north: true, south: true };
  readonly #upAtMs = new Map<string, { readonly bound: number[]; readonly trusted: number[] }>();
  #passedOn = 0;

  constructor(northSlots: number, southSlots: number) {
    const north = { slots: northSlots, answer: this.#answer("north") };
    this.#nodes = new Nodes(north, { slots: southSlots, answer: this.#answer("south") });
    const { store } = this.#nodes;
    const settle = store.settleTargets.bind(store);
    store.settleTargets = (settlements) => {
      for (const each of settlements) if (each.outcome === "rerouted" && !wasTried(each)) this.#judge(each);
      return settle(settlements);
    };
    this.#join();
    this.#join();
  }

  async run(step: Action): Promise<void> {
    switch (step.do) {
      case "reach":
        for (const [place, { north, south }] of this.#living.entries()) {
          north[step.north[place] === true ? "connect" : "disconnect"]();
          south[step.south[place] === true ? "connect" : "disconnect"]();
        }
        return;
      case "mood":
        this.#isTaking[step.carrier] = step.isTaking;
        return;
      case "silence":
        return this.#silence(this.#at(step.node)[step.carrier], step.carrier, step.isSilent);
      case "die":
        if (this.#living.length > 1) this.#at(step.node).die();
        return;
      case "join":
        if (this.#living.length < NODES_MAX) this.#join();
        return;
      case "insert":
        return this.#nodes.store.insert(targetsOf(step.count, { fallbacks: [OTHER_CARRIER] }));
      case "pass":
        return this.#pass(step.seconds * 1_000);
      default:
        throw new Error("no such action", { cause: step satisfies never });
    }
  }

  /**
   * One node reaches one carrier, and nothing else is reached; answers whether all is sent in the end, save what was left
   * unanswered so often that it is held.
   */
  async leaveOne(name: CarrierName, place: number): Promise<boolean> {
    for (const each of this.#living) for (const carrier of [each.north, each.south]) carrier.disconnect();
    const left = this.#at(place)[name];
    left.connect();
    this.#isTaking[name] = true;
    left.responseMs = 1;
    left.answer = this.#answer(name); // on trial it may still be
    const { store } = this.#nodes;
    for (let minute = 0; minute < 20 && ![...store.rows.values()].every(isOver); minute++)
      await this.#pass(60_000);
    return [...store.rows.values()].every(isOver);
  }

  get passedOn(): number {
    return this.#passedOn;
  }

  async stop(): Promise<void> {
    const stopping = Promise.all(this.#all.map(({ dispatch }) => dispatch.stop(0)));
    await pass(5_000);
    await stopping;
    leaveStopped();
  }

  get #living(): readonly Node[] {
    return this.#all.filter(({ isAlive }) => isAlive);
  }

  #at(index: number): Node {
    const living = this.#living;
    const found = living[index % living.length];
    if (found === undefined) throw new Error("one lives at least");
    return found;
  }

  #answer(name: CarrierName): (target: OutboundTarget) => SubmitOutcome {
    return (target) => (this.#isTaking[name] ? taken(target) : later());
  }

  #silence(carrier: ScriptedCarrier, name: CarrierName, isSilent: boolean): void {
    carrier.responseMs = isSilent ? RESPONSE_TIMEOUT_MS : 1;
    carrier.answer = isSilent ? () => UNANSWERED : this.#answer(name);
    if (isSilent) for (const { bind } of carrier.lanes()) carrier.onTrial.add(bind);
  }

  #join(): void {
    this.#all.push(this.#nodes.add());
  }

  async #pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += SLICE_MS) {
      await pass(SLICE_MS);
      this.#noteLanes();
    }
  }

  #noteLanes(): void {
    for (const name of ["north", "south"] as const) {
      const binds = this.#living.flatMap((each) => each[name].lanes().map(({ bind }) => bind));
      if (new Set(binds).size < binds.length)
        this.violations.push(`two nodes had a lane up over one slot at ${performance.now()}`);
    }
    for (const each of this.#living) {
      for (const carrier of [each.north, each.south]) {
        const lanes = carrier.lanes();
        if (lanes.length > 0) this.#times(each, carrier.id).bound.push(performance.now());
        if (lanes.some(({ isOnTrial }) => !isOnTrial))
          this.#times(each, carrier.id).trusted.push(performance.now());
      }
    }
  }

  #times({ id }: Node, carrierId: string) {
    const key = `${id} ${carrierId}`;
    const times = this.#upAtMs.get(key) ?? { bound: [], trusted: [] };
    this.#upAtMs.set(key, times);
    return times;
  }

  #judge({ node: by, carrierId, nextCarrierId }: Settlement & { outcome: "rerouted" }): void {
    const nowMs = performance.now();
    this.#passedOn++;
    this.#noteLanes();
    const isKnownUp = (ms: number) => ms > nowMs - DOWN_AFTER_MS && ms < nowMs - HEARD_WITHIN_MS;
    for (const other of this.#living)
      if (other.id !== by && this.#times(other, carrierId).trusted.some(isKnownUp))
        this.violations.push(`passed on at ${nowMs} though another node had a lane up`);
    const isRecent = (ms: number) => ms > nowMs - COUNTS_FOR_MS;
    if (!this.#all.some((each) => this.#times(each, nextCarrierId).bound.some(isRecent)))
      this.violations.push(`passed on at ${nowMs} to a carrier that was up nowhere`);
  }
}

useFakedTime();

it("nothing is passed on while another node has a lane up, nor to where none is, and one node that reaches one takes all", async () => {
  let passedOn = 0;
  await fc.assert(
    fc.asyncProperty(
      slots,
      slots,
      fc.array(action, { maxLength: 40, size: "max" }),
      carrier,
      node,
      async (northSlots, southSlots, script, name, place) => {
        const trial = new Trial(northSlots, southSlots);
        try {
          for (const step of script) await trial.run(step);
          expect(await trial.leaveOne(name, place)).toBe(true);
          expect(trial.violations).toEqual([]);
        } finally {
          await trial.stop();
        }
        passedOn += trial.passedOn;
      },
    ),
    { numRuns: RUNS },
  );
  expect(passedOn).toBeGreaterThan(0);
});
