import { type GatewayName, type Rig, warmUp, withRig } from "../bench-rig.ts";
import { percentile, type Run } from "../figures.ts";

const MICROS = 1_000_000;

/** Saturated: 64 connections, each sending its next message when the last was accepted. */
export function endToEnd(name: GatewayName, count: number, callbacks: boolean): Promise<Run> {
  return withRig(name, { callbacks }, async (rig) => {
    await warmUp(rig, callbacks);
    const before = rig.usage();
    const load = await rig.load(count);
    await rig.settle(load.accepted, callbacks ? load.accepted : 0);
    const after = rig.usage();
    const [smsc, sink] = [await rig.smscStats(), await rig.sinkStats()];
    const doneAt = callbacks ? sink.lastAt : smsc.lastSubmitAt;
    return {
      "accepts/s": load.accepted / load.seconds,
      "messages/s": load.accepted / ((doneAt - load.startedAt) / MICROS),
      "cpu s/1000": ((after.cpuSeconds - before.cpuSeconds) / load.accepted) * 1_000,
      "peak MB": after.peakMb,
      "bytes written/message": (after.writtenBytes - before.writtenBytes) / load.accepted,
      "not submitted": load.accepted - smsc.unique,
      duplicates: smsc.duplicates,
      "callbacks missing": callbacks ? load.accepted - sink.unique : 0,
    };
  });
}

/**
 * At a steady rate below saturation: what one message costs and how long it takes. As many go before that are not counted: what
 * the compiler had made of a saturated run it makes anew for this.
 */
export function steady(name: GatewayName, count: number, rate: number): Promise<Run> {
  return withRig(name, { callbacks: true }, async (rig) => {
    const pace = { rate, maxSeconds: count / rate + 30 };
    await warmUp(rig, true);
    await warmUp(rig, true, { count, ...pace });
    const before = rig.usage();
    const load = await rig.load(count, pace);
    await rig.settle(load.accepted, load.accepted);
    const after = rig.usage();
    return {
      "cpu s/1000": ((after.cpuSeconds - before.cpuSeconds) / load.accepted) * 1_000,
      ...(await latencies(rig, load.sentAt, load.answeredAt)),
    };
  });
}

async function latencies(rig: Rig, sentAt: Float64Array, answeredAt: Float64Array): Promise<Run> {
  const submittedAt = await rig.smsc.ask<Float64Array>("times", sentAt.length);
  const accept: number[] = [];
  const wire: number[] = [];
  for (const [sequence, answered] of answeredAt.entries()) {
    if (answered === 0) continue;
    accept.push((answered - (sentAt[sequence] ?? 0)) / 1_000);
    const submitted = submittedAt[sequence] ?? 0;
    if (submitted > 0) wire.push((submitted - answered) / 1_000);
  }
  return {
    "accept p50 ms": percentile(accept, 0.5),
    "accept p99 ms": percentile(accept, 0.99),
    "accept to wire p50 ms": percentile(wire, 0.5),
    "accept to wire p99 ms": percentile(wire, 0.99),
  };
}
