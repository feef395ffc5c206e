import { isInternational } from "../domain/address.ts";
import type { Clock } from "../domain/clock.ts";
import type { CarrierId, Ids, NodeId } from "../domain/ids.ts";
import type { MessageType } from "../domain/message.ts";
import type { Metrics } from "../domain/metrics.ts";
import { addMs, type Micros } from "../domain/micros.ts";
import type { OwnedNumber } from "../domain/owned-number.ts";
import type { Departure, HandOver, OutboundTarget } from "../domain/outbound-target.ts";
import type { AcceptanceLease, IdempotencyClaim, MessageStore } from "../store/accepting.ts";
import type { OptOutStore } from "../store/opting-out.ts";
import { type AcceptLimits, DEFAULT_ACCEPT_LIMITS } from "./accept-limits.ts";
import {
  type AcceptRequest,
  type AcceptResult,
  type CheckedRequest,
  invalid,
  type PreviewResult,
  type Rejection,
} from "./accept-request.ts";
import { buildMessage } from "./build-acceptance.ts";
import { checkRequest } from "./check-request.ts";
import { findOptedOut } from "./find-opted-out.ts";
import { type PlanDependencies, planTargets, type TargetPlan } from "./plan-targets.ts";
import { previewTargets } from "./preview-targets.ts";

export interface AcceptDependencies extends PlanDependencies {
  readonly store: Pick<MessageStore, "acceptMessages" | "findIdempotent"> & Pick<OptOutStore, "optedOut">;
  readonly handOver: HandOver;
  /** Who owns an international number; null when nobody does. Throws StoreUnavailable. */
  readonly ownerOf: (number: string) => OwnedNumber | null | Promise<OwnedNumber | null>;
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
  const { store, handOver, ownerOf, clock, ids, node, metrics } = dependencies;
  const limits = { ...DEFAULT_ACCEPT_LIMITS, ...dependencies.limits };
  /** Keys whose first request is under way here; as many as requests are. */
  const running = new Set<string>();

  /** Two requests under one key, in this process, at the same time: the second is told to come back. */
  async function acceptOnce(
    request: AcceptRequest,
    idempotency: NonNullable<AcceptRequest["idempotency"]>,
  ): Promise<AcceptResult> {
    const name = `${request.customerId} ${idempotency.key}`;
    if (running.has(name)) return counted(keyInUse());
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
    return found.fingerprint === fingerprint
      ? { kind: "replayed", answer: found.answer }
      : counted(keyReused());
  }

  async function preview(request: Omit<AcceptRequest, "render" | "idempotency">): Promise<PreviewResult> {
    const checked = checkRequest(request, limits, clock.now());
    if (checked.kind === "rejected") return checked;
    if (isAnothers(await ownerOfSource(checked.value), request)) return notYours();
    const planned = plan(request, checked.value, await optedOutOf(request, checked.value));
    if (planned.kind === "rejected") return planned;
    const { plans, type } = planned;
    const waiting = request.options.tmSchedule === undefined ? "queued" : "scheduled";
    return { kind: "previewed", type, targets: previewTargets(checked.value.destinations, plans, waiting) };
  }

  /** All in one function: each further one that waits would cost every message (bench/NOTES.md). */
  async function decide(request: AcceptRequest): Promise<AcceptResult> {
    const now = clock.now();
    const checked = checkRequest(request, limits, now);
    if (checked.kind === "rejected") return counted(checked);
    const asked = ownerOfSource(checked.value);
    if (isAnothers(asked instanceof Promise ? await asked : asked, request)) return counted(notYours());
    const planned = plan(request, checked.value, await optedOutOf(request, checked.value));
    if (planned.kind === "rejected") return counted(planned);
    if (planned.noRoute !== null) return counted(planned.noRoute);
    const built = build(request, checked.value, planned, now);
    const taken = takeAlong(built.acceptance.queue);
    let isStored = false;
    try {
      const [outcome] = await store.acceptMessages([{ ...built.acceptance, leasedTo: leaseOf(taken) }]);
      if (outcome === undefined) throw new Error("the store gave no outcome for a message");
      isStored = outcome.kind === "accepted";
      if (outcome.kind === "replayed") return { kind: "replayed", answer: outcome.answer };
      if (outcome.kind === "key_reused") return counted(keyReused());
      return counted({ kind: "accepted", message: built.message, answer: built.answer });
    } finally {
      for (const each of taken) handOn(each, isStored);
    }
  }

  /** Short codes and national numbers are left to the carriers: each country may have the same, for another customer. */
  function ownerOfSource({ source }: CheckedRequest): ReturnType<AcceptDependencies["ownerOf"]> {
    return isInternational(source.target) ? ownerOf(source.target) : null;
  }

  function optedOutOf(
    { customerId, ignoresOptOut }: Omit<AcceptRequest, "render">,
    checked: CheckedRequest,
  ): Promise<ReadonlySet<string>> | ReadonlySet<string> {
    return ignoresOptOut === true ? NOBODY : findOptedOut(store, customerId, checked);
  }

  function plan(
    { options }: Omit<AcceptRequest, "render">,
    checked: CheckedRequest,
    optedOut: ReadonlySet<string>,
  ): Planned | Rejection {
    const type: MessageType = (options.medias ?? []).length > 0 ? "mms" : "sms";
    const planned = planTargets(checked, type, dependencies, optedOut);
    return planned.kind === "rejected" ? planned : { ...planned, type };
  }

  /** The message, the answer that it gets, and what is to be stored. */
  function build(request: AcceptRequest, checked: CheckedRequest, { plans, type }: Planned, now: Micros) {
    const { queue, eventId, message } = buildMessage(
      request.customerId,
      checked,
      type,
      plans,
      now,
      ids,
      limits.validityMs,
    );
    const answer = request.render(message);
    const { targets, ...head } = message;
    const idempotency = claimOf(request, answer, now);
    return { message, answer, acceptance: { message: head, targets, queue, eventId, idempotency } };
  }

  function counted(result: AcceptResult): AcceptResult {
    if (result.kind === "accepted") {
      metrics.count("msgbin_messages_accepted_total");
      metrics.count("msgbin_targets_accepted_total", {}, result.message.targets.length);
    } else if (result.kind === "rejected")
      metrics.count("msgbin_messages_rejected_total", { reason: result.reason });
    return result;
  }

  function claimOf(request: AcceptRequest, answer: string, now: Micros): IdempotencyClaim | null {
    if (request.idempotency === undefined) return null;
    return { ...request.idempotency, answer, expiresAt: addMs(now, limits.idempotencyMs) };
  }

  /** What the dispatcher of this process takes along, by carrier; scheduled targets wait in the store. */
  function takeAlong(queue: readonly OutboundTarget[]): readonly Taken[] {
    const [first] = queue;
    if (first === undefined || first.options.tmSchedule !== undefined) return NOTHING;
    const taken: Taken[] = [];
    for (const targets of byCarrier(queue)) {
      const carrierId = targets[0]?.carrierId ?? first.carrierId;
      const departure = handOver.depart(carrierId, targets);
      if (departure !== null || handOver.reserve(carrierId, targets))
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
    else handOver.release(carrierId, targets);
  }

  return {
    accept(request) {
      const { idempotency } = request;
      return idempotency === undefined ? decide(request) : acceptOnce(request, idempotency);
    },
    preview,
  };
}

interface Planned {
  readonly kind: "ok";
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

function isAnothers(owner: OwnedNumber | null, { customerId }: Pick<AcceptRequest, "customerId">): boolean {
  return owner !== null && owner.customerId !== customerId;
}

function notYours(): Rejection {
  return invalid("source.target", "source.target is a number of another customer");
}

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
