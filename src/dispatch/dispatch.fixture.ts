import { createClock } from "../domain/clock.ts";
import { type CarrierId, createIds, type CustomerId, type MessageId, type NodeId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import { PRIORITIES } from "../domain/message.ts";
import type { Metrics } from "../domain/metrics.ts";
import { addMs, micros } from "../domain/micros.ts";
import type { OutboundTarget } from "../domain/outbound-target.ts";

export const CARRIER = "0190a000-0000-7000-8000-00000000000a" as CarrierId;
export const OTHER_CARRIER = "0190a000-0000-7000-8000-00000000000b" as CarrierId;
export const CUSTOMER = "0190a000-0000-7000-8000-000000000001" as CustomerId;
export const NODE = "0190a000-0000-7000-8000-0000000000f1" as NodeId;
export const START = micros(Date.UTC(2026, 0, 1) * 1_000);

const ids = createIds((bytes) => crypto.getRandomValues(bytes));
const DAY_MS = 86_400_000;

/** A target due since {@link START}; each one is of a message of its own. */
export function targetOf(change: Partial<OutboundTarget> = {}): OutboundTarget {
  return {
    customerId: CUSTOMER,
    messageId: ids.at(START) as MessageId,
    n: 0,
    type: "sms",
    source: { type: "tel", target: "+821100000001", target_name: "", name: "", detail: "" },
    destination: { type: "tel", target: "+31616818985", target_name: "", name: "", detail: "" },
    text: "hello",
    options: {},
    parts: 1,
    carrierId: CARRIER,
    fallbacks: [],
    priority: PRIORITIES.normal,
    dueAt: START,
    expiresAt: addMs(START, DAY_MS),
    attempts: 0,
    partStates: "",
    ...change,
  };
}

export function targetsOf(count: number, change: Partial<OutboundTarget> = {}): OutboundTarget[] {
  return Array.from({ length: count }, () => targetOf(change));
}

/** Metrics and a logger that remember what they were told. */
export function createWitness() {
  const counts = new Map<string, number>();
  const lines: string[] = [];
  const metrics: Metrics = {
    count(name, labels = {}, by = 1) {
      const key = [name, ...Object.values(labels)].join(" ");
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    gauge(name, value, labels = {}) {
      const key = [name, ...Object.values(labels)].join(" ");
      if (value === null) counts.delete(key);
      else counts.set(key, value);
    },
    observe(name, _seconds, labels = {}) {
      const key = [name, ...Object.values(labels)].join(" ");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
  };
  const logger: Logger = {
    debug: (_, message) => lines.push(message),
    info: (_, message) => lines.push(message),
    warn: (_, message) => lines.push(message),
    error: (_, message) => lines.push(message),
  };
  return { counts, lines, metrics, logger };
}

/** A clock that starts at {@link START} and goes as the process's monotonic clock does, faked or not. */
export function createTestClock() {
  const originMs = performance.now();
  return createClock(() => START / 1_000 + performance.now() - originMs);
}
