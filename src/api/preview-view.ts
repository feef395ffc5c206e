import type { PreviewResult, TargetPreview } from "../accept/accept-request.ts";
import type { CarrierId } from "../domain/ids.ts";

type Previewed = Extract<PreviewResult, { kind: "previewed" }>;

/**
 * What a dry run answers.
 * @param nameOf names carriers for an administrator; null for everybody else, who is not told which carriers there are.
 */
export function viewPreview(
  { type, targets }: Previewed,
  nameOf: ((id: CarrierId) => string) | null,
): Record<string, unknown> {
  return { dry_run: true, type, targets: targets.map((target) => viewTarget(target, nameOf)) };
}

function viewTarget(
  { destination, status, parts, encoding, route, failure }: TargetPreview,
  nameOf: ((id: CarrierId) => string) | null,
): Record<string, unknown> {
  return {
    destination,
    status,
    parts,
    encoding: encoding ?? "",
    ...(nameOf !== null && { route: route.map(nameOf) }),
    ...(failure !== null && {
      error: { code: failure.code, carrier_code: failure.carrierCode, message: failure.message },
    }),
  };
}
