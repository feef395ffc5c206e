import type { Clock } from "../domain/clock.ts";
import type { CarrierId, Ids, NodeId } from "../domain/ids.ts";
import type { MessageType } from "../domain/message.ts";
import type { Metrics } from "../domain/metrics.ts";
import { addMs, type Micros } from "../domain/micros.ts";
import type { Departure, HandOver, OutboundTarget } from "../domain/outbound-target.ts";
import type { Acceptance, AcceptanceLease, IdempotencyClaim, MessageStore } from "../store/accepting.ts";
import type { OptOutStore } from "../store/opting-out.ts";
import { type AcceptLimits, DEFAULT_ACCEPT_LIMITS } from "./accept-limits.ts";
import type {
  AcceptRequest,
  AcceptResult,
  CheckedRequest,
  PreviewResult,
  Rejection,
} from "./accept-request.ts";
import { buildMessage } from "./build-acceptance.ts";
import { checkRequest } from "./check-request.ts";
import { findOptedOut } from "./find-opted-out.ts";
import { type PlanDependencies, planTargets, type TargetPlan } from "./plan-targets.ts";
import { previewTargets } from "./preview-targets.ts";

export interface AcceptDependencies extends PlanDependencies {
  readonly store: Pick<MessageStore, "acceptMessages" | "findIdempotent"> & Pick<OptOutStore, "optedOut">;
  readonly handOver: HandOver;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly node: NodeId;
  readonly metrics: Metrics;
  readonly limits?: Partial<AcceptLimits>;
}

/** The one rulebook that every door calls. */
export interface Accept {
  /**
   * Checks, routes and counts a request whole before any of it is stored, then stores it in one commit and hands it to the
   * dispatcher. What it answers as accepted is on stable storage (promise P1). Throws StoreUnavailable.
   */
  accept(request: AcceptRequest): Promise<AcceptResult>;
  /** Checks, routes and counts in the same way and keeps nothing. Throws StoreUnavailable. */
  preview(request: Omit<AcceptRequest, "render" | "idempotency">): Promise<PreviewResult>;
}

export function createAccept(dependencies: AcceptDependencies): Accept {
  const { store, handOver, clock, ids, node, metrics } = dependencies;
  const limits = { ...DEFAULT_ACCEPT_LIMITS, ...dependencies.limits };
  /** Keys whose first request is under way here; as many as requests are. */
  const running = new Set<string>();

  async function accept(request: AcceptRequest): Promise<AcceptResult> {
    const { idempotency } = request;
    const result = await (idempotency === undefined ? decide(request) : acceptOnce(request, idempotency));
    if (result.kind === "accepted") {
      metrics.count("msgbin_messages_accepted_total");
      metrics.count("msgbin_targets_accepted_total", {}, result.message.targets.length);
    } else if (result.kind === "rejected")
      metrics.count("msgbin_messages_rejected_total", { reason: result.reason });
    return result;
  }

  /** Two requests under one key, in this process, at the same time: the second is told to come back. */
  async function acceptOnce(
    request: AcceptRequest,
    idempotency: NonNullable<AcceptRequest["idempotency"]>,
  ): Promise<AcceptResult> {
    const name = `${request.customerId} ${idempotency.key}`;
    if (running.has(name)) return keyInUse();
    running.add(name);
    try {
      return (await findAnswer(request, idempotency)) ?? (await decide(request));
    } finally {
      running.delete(name);
    }
  }

  /** Looked for before the request is checked: the same request is answered the same, even if the rules changed since. */
  async function findAnswer(
    { customerId }: AcceptRequest,
    { key, fingerprint }: NonNullable<AcceptRequest["idempotency"]>,
  ): Promise<AcceptResult | null> {
    const found = await store.findIdempotent(customerId, key, clock.now());
    if (found === null) return null;
    return found.fingerprint === fingerprint ? { kind: "replayed", answer: found.answer } : keyReused();
  }

  /** Everything that can be found out before anything is stored. */
  async function plan(request: Omit<AcceptRequest, "render">, now: Micros): Promise<Planned | Rejection> {
    const checked = checkRequest(request, limits, now);
    if (checked.kind === "rejected") return checked;
    const type: MessageType = (request.options.medias ?? []).length > 0 ? "mms" : "sms";
    const optedOut =
      request.ignoresOptOut === true ? NOBODY : await findOptedOut(store, request.customerId, checked.value);
    const planned = planTargets(checked.value, type, dependencies, optedOut);
    return planned.kind === "rejected" ? planned : { ...planned, checked, type };
  }

  async function preview(request: Omit<AcceptRequest, "render" | "idempotency">): Promise<PreviewResult> {
    const planned = await plan(request, clock.now());
    if (planned.kind === "rejected") return planned;
    const { plans, checked, type } = planned;
    const waiting = request.options.tmSchedule === undefined ? "queued" : "scheduled";
    return { kind: "previewed", type, targets: previewTargets(checked.value.destinations, plans, waiting) };
  }

  async function decide(request: AcceptRequest): Promise<AcceptResult> {
    const now = clock.now();
    const planned = await plan(request, now);
    if (planned.kind === "rejected") return planned;
    if (planned.noRoute !== null) return planned.noRoute;
    const { checked, type } = planned;
    const { validityMs } = limits;
    const built = buildMessage(request.customerId, checked.value, type, planned.plans, now, ids, validityMs);
    const answer = request.render(built.message);
    const { targets, ...message } = built.message;
    const { queue, eventId } = built;
    const kept = await keep({
      message,
      targets,
      queue,
      eventId,
      idempotency: claimOf(request, answer, now),
    });
    return kept ?? { kind: "accepted", message: built.message, answer };
  }

  function claimOf(request: AcceptRequest, answer: string, now: Micros): IdempotencyClaim | null {
    if (request.idempotency === undefined) return null;
    return { ...request.idempotency, answer, expiresAt: addMs(now, limits.idempotencyMs) };
  }

  /** Stores it and hands over what there was room for; null when it was stored, else what came before it. */
  async function keep(acceptance: Omit<Acceptance, "leasedTo">): Promise<AcceptResult | null> {
    const taken = takeAlong(acceptance.queue);
    let isStored = false;
    try {
      const [outcome] = await store.acceptMessages([{ ...acceptance, leasedTo: leaseOf(taken) }]);
      if (outcome === undefined) throw new Error("the store gave no outcome for a message");
      isStored = outcome.kind === "accepted";
      if (outcome.kind === "replayed") return { kind: "replayed", answer: outcome.answer };
      return outcome.kind === "key_reused" ? keyReused() : null;
    } finally {
      for (const each of taken) handOn(each, isStored);
    }
  }

  /** What the dispatcher of this process takes along, by carrier; scheduled targets wait in the store. */
  function takeAlong(queue: readonly OutboundTarget[]): readonly Taken[] {
    const [first] = queue;
    if (first === undefined || first.options.tmSchedule !== undefined) return NOTHING;
    const taken: Taken[] = [];
    for (const targets of byCarrier(queue)) {
      const carrierId = targets[0]?.carrierId ?? first.carrierId;
      const departure = handOver.depart(carrierId, targets);
      if (departure !== null || handOver.reserve(carrierId, targets.length))
        taken.push({ carrierId, targets, departure });
    }
    return taken;
  }

  function leaseOf(taken: readonly Taken[]): AcceptanceLease | null {
    if (taken.length === 0) return null;
    const marks = taken.flatMap(({ carrierId, departure }) =>
      departure === null ? [] : [{ carrierId, bind: departure.bind, epoch: departure.epoch }],
    );
    return { node, carriers: taken.map(({ carrierId }) => carrierId), marks };
  }

  function handOn({ carrierId, targets, departure }: Taken, isStored: boolean): void {
    if (departure !== null && isStored) departure.leave();
    else if (departure !== null) departure.stay();
    else if (isStored) handOver.deliver(targets);
    else handOver.release(carrierId, targets.length);
  }

  return { accept, preview };
}

interface Planned {
  readonly kind: "ok";
  readonly checked: { readonly value: CheckedRequest };
  readonly type: MessageType;
  readonly plans: readonly TargetPlan[];
  readonly noRoute: Rejection | null;
}

/** Targets of one carrier that the dispatcher of this process takes: at once where there is a departure, else into its waiting room. */
interface Taken {
  readonly carrierId: CarrierId;
  readonly targets: readonly OutboundTarget[];
  readonly departure: Departure | null;
}

const NOTHING: readonly Taken[] = [];

/** Nearly always all targets of a message go to one carrier. */
function byCarrier(queue: readonly OutboundTarget[]): Iterable<readonly OutboundTarget[]> {
  const carrierId = queue[0]?.carrierId;
  if (queue.every((target) => target.carrierId === carrierId)) return [queue];
  return Map.groupBy(queue, (target) => target.carrierId).values();
}

const NOBODY: ReadonlySet<string> = new Set();

function keyInUse(): Rejection {
  return {
    kind: "rejected",
    reason: "idempotency_key_in_use",
    field: "Idempotency-Key",
    message: "a request with this idempotency key is still running",
  };
}

function keyReused(): Rejection {
  return {
    kind: "rejected",
    reason: "idempotency_key_reused",
    field: "Idempotency-Key",
    message: "this idempotency key was used for another request",
  };
}
