import type { Failure } from "../domain/failure.ts";
import type { CarrierId } from "../domain/ids.ts";
import type { MessageType } from "../domain/message.ts";
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
    }
  /** Settled at acceptance: it is stored, shown and announced, and never sent. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly parts: number };

export interface PlanDependencies {
  /** The carriers that may take a target, in order; the same array for equal routes makes planning cheap. */
  readonly route: (query: RouteQuery) => readonly CarrierId[];
  /** How texts are written at a carrier. */
  readonly profileOf: (carrierId: CarrierId) => TextProfile;
}

/** One plan for each destination, in order. */
export type Planning = { readonly kind: "ok"; readonly plans: readonly TargetPlan[] } | Rejection;

const NO_ROUTE: Failure = {
  code: "no_route",
  carrierCode: "",
  message: "no carrier takes messages to this destination",
};

/**
 * Routes each destination and counts its parts by the profile of the first carrier on its route. Where some destinations have
 * no route, those targets are stored as failed with `no_route`: the others should not wait for them. Where none has one, the
 * request is turned down: there is nothing to do for it, and the client learns it at once. A content that does not fit a
 * carrier's profile turns the whole request down, because the content is the same for all.
 *
 * Plans are made once per route, not per destination: a thousand destinations on one route share one object.
 */
export function planTargets(
  request: CheckedRequest,
  type: MessageType,
  { route, profileOf }: PlanDependencies,
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
      plan = planOf(carriers, count.parts);
      made.set(carriers, plan);
    }
    hasRoute ||= plan.kind === "queued";
    plans.push(plan);
  }
  if (hasRoute) return { kind: "ok", plans };
  return {
    kind: "rejected",
    reason: "route_not_found",
    field: "destinations",
    message: `no carrier takes ${type} messages to ${plans.length === 1 ? "this destination" : "any of these destinations"}`,
  };
}

function planOf(carriers: readonly CarrierId[], parts: number): TargetPlan {
  const [carrierId, ...fallbacks] = carriers;
  return carrierId === undefined
    ? { kind: "failed", failure: NO_ROUTE, parts }
    : { kind: "queued", carrierId, fallbacks, parts };
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
