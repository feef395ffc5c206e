import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { SubmitOutcome } from "../carriers/carrier.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import { UNKNOWN_ATTEMPTS_MAX } from "../domain/unknown-outcome.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { CARRIER, createTestClock, createWitness, NODE, targetOf, targetsOf } from "./dispatch.fixture.ts";
import { keyText, MemoryQueue } from "./memory-queue.fixture.ts";
import { later, ScriptedCarrier, taken, THROTTLED } from "./scripted-carrier.fixture.ts";

type Mood = "taking" | "throttling" | "refusing" | "silent";

interface Arrival {
  readonly do: "handOver" | "insert";
  readonly count: number;
  readonly parts: number;
  readonly characters: number;
}

type Action =
  | Arrival
  | { readonly do: "disconnect" | "connect" | "storeFails" | "storeWorks" | "cancel" | "restart" | "replace" }
  | { readonly do: "mood"; readonly mood: Mood }
  | { readonly do: "pass"; readonly ms: number };

const RUNS = 200;
const WAITING_LIMIT = 200;
const WAITING_CHARACTERS = 4_000;
const LONGEST = 500;
const AHEAD_MIN = 64;
const GRACE_MS = 200;

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constantFrom("handOver" as const, "insert" as const),
    count: fc.integer({ min: 1, max: 60 }),
    parts: fc.integer({ min: 1, max: 3 }),
    characters: fc.integer({ min: 0, max: LONGEST }),
  }),
  fc.record({
    do: fc.constantFrom("disconnect", "connect", "storeFails", "storeWorks", "cancel", "restart", "replace"),
  }),
  fc.record({
    do: fc.constant("mood" as const),
    mood: fc.constantFrom<Mood>("taking", "throttling", "refusing", "silent"),
  }),
  fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 400 }) }),
);

const setting = fc.record({
  windowSize: fc.integer({ min: 1, max: 20 }),
  slots: fc.integer({ min: 1, max: 3 }),
  responseMs: fc.integer({ min: 1, max: 60 }),
  commitMs: fc.integer({ min: 1, max: 30 }),
  perSecond: fc.option(fc.integer({ min: 50, max: 500 })),
  onUnknownOutcome: fc.constantFrom("resend" as const, "hold" as const),
});

type Terms = { readonly commitMs: number } & ConstructorParameters<typeof ScriptedCarrier>[0];

/** A dispatcher, its store and its carrier under a random script; the carrier checks each submission against the marks. */
class Trial {
  readonly store = new MemoryQueue();
  readonly #terms: Terms;
  /** The latest: those that it replaced may still be waited for. */
  carrier: ScriptedCarrier;
  readonly takenKeys: string[] = [];
  readonly violations: string[] = [];
  mood: Mood = "taking";
  dispatch: Dispatch;
  readonly #clock = createTestClock();
  #isStoreFailing = false;
  #replacing: Promise<void> = Promise.resolve();

  constructor(terms: Terms) {
    this.#terms = terms;
    this.store.commitMs = terms.commitMs;
    this.store.failing = () => (this.#isStoreFailing ? new StoreUnavailable("busy", "locked") : null);
    this.carrier = this.#createCarrier();
    this.dispatch = this.#createDispatch();
    this.dispatch.add(this.carrier);
    void this.dispatch.start();
  }

  async run(step: Action): Promise<void> {
    switch (step.do) {
      case "handOver": {
        const targets = arriving(step);
        const departure = this.dispatch.handOver.depart(CARRIER, targets);
        if (departure !== null) {
          if (this.#isStoreFailing) return departure.stay();
          this.store.insertDeparting(targets, NODE, departure);
          return departure.leave();
        }
        const isReserved = this.dispatch.handOver.reserve(CARRIER, targets);
        this.store.insert(targets, isReserved ? NODE : null);
        if (isReserved) this.dispatch.handOver.deliver(targets);
        return;
      }
      case "insert":
        return this.store.insert(arriving(step));
      case "disconnect":
        return this.carrier.disconnect();
      case "connect":
        return this.carrier.connect();
      case "storeFails":
        this.#isStoreFailing = true;
        return;
      case "storeWorks":
        this.#isStoreFailing = false;
        return;
      case "cancel": {
        const waiting = [...this.store.rows.values()].find(
          ({ state }) => state === "leased" || state === "waiting",
        );
        if (waiting !== undefined) this.store.takeAway(waiting.target);
        return;
      }
      case "restart":
        return this.#restart();
      case "replace":
        return this.#replace();
      case "mood":
        this.mood = step.mood;
        return;
      case "pass":
        await vi.advanceTimersByTimeAsync(step.ms);
        return;
      default:
        throw new Error("no such action", { cause: step satisfies never });
    }
  }

  /** Everything works again, for as long as any retry may take. */
  async heal(): Promise<void> {
    this.#isStoreFailing = false;
    this.mood = "taking";
    this.carrier.connect();
    while (this.carrier.unanswered > 0) this.carrier.answerOldest(taken);
    for (let minute = 0; minute < 60 && !this.isDone; minute++) await vi.advanceTimersByTimeAsync(60_000);
  }

  get leasedCharacters(): number {
    const leased = [...this.store.rows.values()].filter(({ state }) => state === "leased");
    return leased.reduce((sum, { target }) => sum + target.text.length, 0);
  }

  /** Whether as much may wait as from the start, once no claim is under way. */
  async hasAllRoom(): Promise<boolean> {
    const all = [targetOf({ text: "x".repeat(WAITING_CHARACTERS) })];
    for (let tries = 0; tries < 10; tries++) {
      await vi.advanceTimersByTimeAsync(650);
      if (this.dispatch.handOver.reserve(CARRIER, all)) return true;
    }
    return false;
  }

  get isDone(): boolean {
    return this.store.countOf("done") + this.store.countOf("held") === this.store.rows.size;
  }

  async stop(): Promise<void> {
    const stopping = this.dispatch.stop(0);
    await vi.advanceTimersByTimeAsync(5_000);
    await stopping;
  }

  #createCarrier(): ScriptedCarrier {
    const carrier = new ScriptedCarrier({ ...this.#terms, answer: (target) => this.#answer(target) });
    carrier.onSubmission = ({ bind, epoch }, target) => {
      const row = this.store.row(target);
      if (row.state !== "marked" && row.status !== "canceled")
        this.violations.push(`submitted while ${row.state}`);
      if (row.mark?.bind !== bind || row.mark.epoch !== epoch)
        this.violations.push("submitted over another lane than marked");
    };
    return carrier;
  }

  /** One after the other, as the roster does; the script goes on meanwhile. */
  #replace(): void {
    const { dispatch } = this;
    const carrier = this.#createCarrier();
    this.carrier = carrier;
    this.#replacing = this.#replacing.then(() => dispatch.replace(carrier, GRACE_MS));
  }

  #createDispatch(): Dispatch {
    const { metrics, logger } = createWitness();
    return createDispatch({
      store: this.store,
      node: NODE,
      clock: this.#clock,
      monotonicMs: () => performance.now(),
      random: () => 0.5,
      countParts: ({ parts }) => parts,
      onReceipts: () => Promise.resolve(),
      onInbound: () => Promise.resolve(),
      metrics,
      logger,
      settings: { waitingLimit: WAITING_LIMIT, waitingCharacters: WAITING_CHARACTERS },
    });
  }

  /** Stops in order and starts anew, with the store working: what it had must be back in the queue. */
  async #restart(): Promise<void> {
    this.#isStoreFailing = false;
    await this.stop();
    await this.#replacing;
    if (this.store.countOf("leased") + this.store.countOf("marked") > 0)
      throw new Error("kept targets when it stopped");
    this.dispatch = this.#createDispatch();
    this.dispatch.add(this.carrier);
    this.carrier.connect();
    void this.dispatch.start();
  }

  #answer(target: OutboundTarget): SubmitOutcome | null {
    switch (this.mood) {
      case "taking":
        this.takenKeys.push(keyText(target));
        return taken(target);
      case "throttling":
        return THROTTLED;
      case "refusing":
        return later();
      case "silent":
      default:
        return null;
    }
  }
}

function arriving({ count, parts, characters }: Arrival): OutboundTarget[] {
  return targetsOf(count, { parts, text: "x".repeat(characters) });
}

describe("whatever happens to the store, the carrier and its lanes", () => {
  it("nothing is sent without a durable mark, nothing that was taken is sent again, and nothing is lost", async () => {
    vi.useFakeTimers();
    try {
      await fc.assert(
        fc.asyncProperty(setting, fc.array(action, { maxLength: 60 }), async (terms, script) => {
          const trial = new Trial(terms);
          for (const step of script) {
            await trial.run(step);
            expect(trial.store.countOf("leased")).toBeLessThanOrEqual(WAITING_LIMIT);
            expect(trial.leasedCharacters).toBeLessThan(WAITING_CHARACTERS + LONGEST);
          }
          await trial.heal();
          const { store } = trial;
          expect(trial.violations).toEqual([]);
          expect(trial.isDone).toBe(true);
          const held = [...store.rows.values()].filter(({ state }) => state === "held");
          const isHolding = terms.onUnknownOutcome === "hold";
          const isBounded = held.every(({ target }) => target.attempts >= UNKNOWN_ATTEMPTS_MAX);
          expect(isHolding || isBounded).toBe(true);
          expect(new Set(trial.takenKeys).size).toBe(trial.takenKeys.length);
          expect(store.mostMarked).toBeLessThanOrEqual(terms.slots * (terms.windowSize + AHEAD_MIN));
          expect(await trial.hasAllRoom()).toBe(true);
          await trial.stop();
          expect(vi.getTimerCount()).toBe(0);
        }),
        { numRuns: RUNS },
      );
    } finally {
      vi.useRealTimers();
    }
  });
});
