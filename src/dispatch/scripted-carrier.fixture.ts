import type {
  Carrier,
  CarrierEvents,
  CarrierHealth,
  Lane,
  LaneLease,
  LaneState,
  Submission,
  SubmitOutcome,
} from "../carriers/carrier.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { UnknownOutcomePolicy } from "../domain/unknown-outcome.ts";
import { CARRIER } from "./dispatch.fixture.ts";

export interface Submitted {
  readonly lane: Lane;
  readonly target: OutboundTarget;
  readonly atMs: number;
}

interface Pending extends Submitted {
  readonly settle: (outcome: SubmitOutcome) => void;
  readonly timer: NodeJS.Timeout;
}

export interface CarrierScript {
  readonly id?: typeof CARRIER;
  readonly name?: string;
  readonly windowSize?: number;
  readonly slots?: number;
  readonly perSecond?: number | null;
  readonly onUnknownOutcome?: UnknownOutcomePolicy;
  /** What it answers after `responseMs`; null for no answer at all. */
  readonly answer?: (target: OutboundTarget, lane: Lane) => SubmitOutcome | null;
  readonly responseMs?: number;
}

export function taken(target: OutboundTarget): SubmitOutcome {
  return {
    kind: "taken",
    receiptKeys: Array.from({ length: target.parts }, (_, part) => `${target.messageId}-${target.n}-${part}`),
    tookMs: 1,
    words: "",
  };
}

export function later(change: Partial<SubmitOutcome & { kind: "later" }> = {}): SubmitOutcome {
  return {
    kind: "later",
    throttled: false,
    retryAfterMs: null,
    partStates: "",
    receiptKeys: [],
    words: "ESME_RSYSERR",
    ...change,
  };
}

export const THROTTLED = later({ throttled: true, words: "ESME_RTHROTTLED" });

/** A carrier that answers as it is told, within the leases it was given, and remembers what it was handed. */
export class ScriptedCarrier implements Carrier {
  readonly id: typeof CARRIER;
  readonly name: string;
  readonly onUnknownOutcome: UnknownOutcomePolicy;
  readonly perSecond: number | null;
  readonly slots: number;
  readonly submissions: Submitted[] = [];
  readonly leaseSets: (readonly LaneLease[])[] = [];
  answer: (target: OutboundTarget, lane: Lane) => SubmitOutcome | null;
  responseMs: number;
  windowSize: number;
  /** Whether it is reached, and answers that the bind failed, while it is disconnected. */
  isTurnedAway = false;
  /** Told of each target before it is counted as submitted. */
  onSubmission: (lane: Lane, target: OutboundTarget) => void = () => {};
  /** The most parts that were unanswered at once. */
  mostUsed = 0;
  isStarted = false;
  /** Binds whose lanes are on trial; the first answer over one takes it out. */
  readonly onTrial = new Set<number>();
  /** Whether it is reached, and refuses to be bound, while it is disconnected. */
  isRefused = false;
  #events: CarrierEvents | null = null;
  #isConnected = true;
  #leases: readonly LaneLease[] = [];
  readonly #pending = new Set<Pending>();

  constructor(script: CarrierScript = {}) {
    this.id = script.id ?? CARRIER;
    this.name = script.name ?? "north";
    this.onUnknownOutcome = script.onUnknownOutcome ?? "resend";
    this.perSecond = script.perSecond ?? null;
    this.slots = script.slots ?? 1;
    this.answer = script.answer ?? taken;
    this.responseMs = script.responseMs ?? 1;
    this.windowSize = script.windowSize ?? 10;
  }

  /** Submissions without an answer. */
  get unanswered(): number {
    return this.#pending.size;
  }

  start(events: CarrierEvents): void {
    this.isStarted = true;
    this.#events = events;
  }

  setLeases(leases: readonly LaneLease[]): void {
    this.#leases = leases;
    this.leaseSets.push(leases);
    this.#events?.onRoom();
  }

  lanes(): readonly LaneState[] {
    if (!this.#isConnected || !this.isStarted) return [];
    return this.#leases
      .filter(({ deadlineMs }) => deadlineMs > performance.now())
      .map(({ bind, epoch }) => {
        const isOnTrial = this.onTrial.has(bind);
        const windowSize = isOnTrial ? 1 : this.windowSize;
        return { bind, epoch, windowSize, room: windowSize - this.#usedBy(bind), isOnTrial };
      });
  }

  submit<Each extends Submission>(
    lane: Lane,
    submissions: readonly Each[],
    settle: (submission: Each, outcome: SubmitOutcome) => void,
  ): void {
    for (const each of submissions) {
      if (!this.lanes().some(({ bind, epoch }) => bind === lane.bind && epoch === lane.epoch)) {
        settle(each, { kind: "unsent", words: "" });
        continue;
      }
      const { target } = each;
      this.onSubmission(lane, target);
      const pending: Pending = {
        lane,
        target,
        atMs: performance.now(),
        settle: (outcome: SubmitOutcome) => settle(each, outcome),
        timer: setTimeout(() => this.#respond(pending), this.responseMs),
      };
      this.submissions.push(pending);
      this.#pending.add(pending);
      this.mostUsed = Math.max(this.mostUsed, this.#usedBy(lane.bind));
    }
  }

  health(): CarrierHealth {
    const lanes = this.lanes();
    return {
      state: lanes.length > 0 ? "up" : "down",
      detail: "",
      isUnreachable: !this.#isConnected && !this.isRefused && !this.isTurnedAway && this.#leases.length > 0,
      isTurnedAway: !this.#isConnected && this.isTurnedAway && this.#leases.length > 0,
      lanes: lanes.length,
      windowUsed: this.#pending.size,
      windowSize: this.windowSize * lanes.length,
    };
  }

  /** Loses its connections: what was not answered is of unknown outcome. */
  disconnect(): void {
    this.#isConnected = false;
    this.#giveUp();
    this.#events?.onRoom();
  }

  connect(): void {
    this.#isConnected = true;
    this.#events?.onRoom();
  }

  /** Settles one of the oldest that were never answered. */
  answerOldest(outcome: (target: OutboundTarget) => SubmitOutcome): void {
    const [oldest] = this.#pending;
    if (oldest === undefined) throw new Error("nothing waits for an answer");
    this.#settle(oldest, outcome(oldest.target));
  }

  async stop(graceMs: number): Promise<void> {
    const endMs = performance.now() + graceMs;
    while (this.#pending.size > 0 && performance.now() < endMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, 1);
      await promise;
    }
    this.#isConnected = false;
    this.#giveUp();
  }

  #giveUp(): void {
    for (const pending of this.#pending)
      this.#settle(pending, { kind: "unknown", partStates: "", receiptKeys: [], words: "connection lost" });
  }

  #respond(pending: Pending): void {
    const outcome = this.answer(pending.target, pending.lane);
    if (outcome === null) return;
    if (outcome.kind !== "unknown") this.onTrial.delete(pending.lane.bind);
    this.#settle(pending, outcome);
  }

  #settle(pending: Pending, outcome: SubmitOutcome): void {
    clearTimeout(pending.timer);
    this.#pending.delete(pending);
    pending.settle(outcome);
    this.#events?.onRoom();
  }

  #usedBy(bind: number): number {
    let parts = 0;
    for (const { lane, target } of this.#pending) if (lane.bind === bind) parts += target.parts;
    return parts;
  }
}
