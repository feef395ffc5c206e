import type { PartStates } from "../domain/outbound-target.ts";

type PartState = "q" | "s" | "d" | "f";

/** The states of `parts` parts, all taken by the carrier save those that have gone further already; nothing for a single one. */
export function allTaken(states: PartStates, parts: number): PartStates {
  if (parts === 1) return "";
  let taken = "";
  for (let part = 0; part < parts; part++) taken += isReported(states[part]) ? states[part] : "s";
  return taken;
}

/** New states of the parts, save those of which a receipt has spoken already. */
export function withReported(states: PartStates, reported: PartStates): PartStates {
  let merged = "";
  for (let part = 0; part < states.length; part++)
    merged += isReported(reported[part]) ? reported[part] : states[part];
  return merged;
}

/** The states with one part's changed; missing ones before it count as taken. */
export function withPart(states: PartStates, part: number, parts: number, state: PartState): PartStates {
  const all = states.padEnd(Math.max(parts, part + 1), "s");
  return all.slice(0, part) + state + all.slice(part + 1);
}

/** What the parts make of the whole: delivered when all are, failed when one is, else null. */
export function rollUp(states: PartStates): "delivered" | "failed" | null {
  if (states.includes("f")) return "failed";
  return states !== "" && !/[^d]/.test(states) ? "delivered" : null;
}

/**
 * Whether the receipt of a carrier that the target has left still ends it: only when it says that the whole was delivered, and
 * the next carrier has not sent it. One part of several says nothing of the parts that the next carrier counts, and what this
 * one failed to deliver the next may. That the target is as it was accepted tells that it waits, in as many parts as ever.
 */
export function endsFromElsewhere(
  state: PartState,
  { parts, isAsAccepted }: { readonly parts: number; readonly isAsAccepted: boolean },
): boolean {
  return state === "d" && parts === 1 && isAsAccepted;
}

function isReported(state: string | undefined): state is "d" | "f" {
  return state === "d" || state === "f";
}
