import type { Failure } from "../domain/failure.ts";
import type { CarrierId } from "../domain/ids.ts";
import type { MessageType } from "../domain/message.ts";
import type { Encoding } from "../gsm/capacity.ts";
import { DEFAULT_TEXT_PROFILE, type TextProfile } from "../gsm/text-profile.ts";
import type { RouteQuery } from "../routing/routing.ts";
import { type CheckedRequest, invalid, type Rejection } from "./accept-request.ts";
import { type ContentCount, countContent } from "./count-content.ts";

/** What is to become of one target. */
export type TargetPlan =
  | {
      readonly kind: "queued";
      readonly carrierId: CarrierId;
      readonly fallbacks: readonly CarrierId[];
      readonly parts: number;
      readonly encoding: Encoding | null;
    }
  /** Settled at acceptance: it is stored, shown and announced, and never sent. */
  | {
      readonly kind: "failed";
      readonly failure: Failure;
      readonly parts: number;
      readonly encoding: Encoding | null;
    };

export interface PlanDependencies {
  /** The carriers that may take a target, in order; the same array for equal routes makes planning cheap. */
  readonly route: (query: RouteQuery) => readonly CarrierId[];
  /** How texts are written at a carrier. */
  readonly profileOf: (carrierId: CarrierId) => TextProfile;
}

/** One plan for each destination, in order. */
export type Planning =
  /** `noRoute` turns the request down when no destination has a route; a preview shows the plans all the same. */
  | { readonly kind: "ok"; readonly plans: readonly TargetPlan[]; readonly noRoute: Rejection | null }
  | Rejection;

const NO_ROUTE: Failure = {
  code: "no_route",
  carrierCode: "",
  message: "no carrier takes messages to this destination",
};

/**
 * Routes each destination and counts its parts by the profile of the first carrier on its route. Where some destinations have
 * no route, those targets are stored as failed with `no_route`: the others should not wait for them. Where none has one, the
 * request is turned down: there is nothing to do for it, and the client learns it at once. A content that does not fit a
 * carrier's profile turns the whole request down, because the content is the same for all. Handsets that have opted out of
 * the sender fail at once, whatever their route.
 *
 * Plans are made once per route, not per destination: a thousand destinations on one route share one object.
 * @param optedOut normalised targets
 */
export function planTargets(
  request: CheckedRequest,
  type: MessageType,
  { route, profileOf }: PlanDependencies,
  optedOut: ReadonlySet<string>,
): Planning {
  const plans: TargetPlan[] = [];
  const made = new Map<readonly CarrierId[], TargetPlan>();
  let hasRoute = false;
  for (const destination of request.destinations) {
    const carriers = route({ destination: destination.target, source: request.source.target, type });
    let plan = made.get(carriers);
    if (plan === undefined) {
      const count = countFor(request, type, profileOf, carriers[0]);
      if (!count.ok) return invalid(count.field, count.message);
      plan = planOf(carriers, count.parts, type === "mms" ? null : count.encoding);
      made.set(carriers, plan);
    }
    hasRoute ||= plan.kind === "queued";
    plans.push(optedOut.has(destination.target) ? refusedBy(plan) : plan);
  }
  return { kind: "ok", plans, noRoute: hasRoute ? null : noRoute(type, plans) };
}

const OPTED_OUT: Failure = {
  code: "recipient_opted_out",
  carrierCode: "",
  message: "the recipient has asked for no more messages from this sender",
};

function refusedBy({ parts, encoding }: TargetPlan): TargetPlan {
  return { kind: "failed", failure: OPTED_OUT, parts, encoding };
}

function noRoute(type: MessageType, plans: readonly TargetPlan[]): Rejection {
  const whereTo = plans.length === 1 ? "this destination" : "any of these destinations";
  const refusal = `no carrier takes ${type} messages to ${whereTo}`;
  if (type === "mms")
    return { kind: "rejected", reason: "route_not_found", field: "medias", message: refusal };
  return {
    kind: "rejected",
    reason: "route_not_found",
    field: "destinations",
    message: `${refusal}: an administrator has to add one (the simulator takes none once another was added: docs/simulator.md)`,
  };
}

function planOf(carriers: readonly CarrierId[], parts: number, encoding: Encoding | null): TargetPlan {
  const [carrierId, ...fallbacks] = carriers;
  return carrierId === undefined
    ? { kind: "failed", failure: NO_ROUTE, parts, encoding }
    : { kind: "queued", carrierId, fallbacks, parts, encoding };
}

/** A multimedia message is not cut into parts; without a carrier the parts are those of the plainest one. */
function countFor(
  request: CheckedRequest,
  type: MessageType,
  profileOf: PlanDependencies["profileOf"],
  carrierId: CarrierId | undefined,
): ContentCount {
  if (type === "mms") return { ok: true, encoding: "ucs2", parts: 1 };
  return countContent(request, carrierId === undefined ? DEFAULT_TEXT_PROFILE : profileOf(carrierId));
}
