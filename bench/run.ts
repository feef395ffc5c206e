/**
 * `npm run bench -- [--rounds 3] [--only NAME;…] [--quick] [--alone] [--out FILE]`: measures msgbin, and Kannel in turn where it is
 * installed. Prints progress, a table of medians and the ratios, and writes everything to a JSON file.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { GatewayName } from "./bench-rig.ts";
import { medians, type Run } from "./figures.ts";
import { hasKannel } from "./gateways/kannel.ts";
import { acceptThenDrain, killInDrain } from "./scenarios/backlog.ts";
import { beside } from "./scenarios/age.ts";
import { oneRequestManyDestinations } from "./scenarios/batch.ts";
import { onPostgres } from "./scenarios/cluster.ts";
import { toolCeiling } from "./scenarios/ceiling.ts";
import { endToEnd, steady } from "./scenarios/end-to-end.ts";
import { inbound } from "./scenarios/inbound.ts";
import { queuedMemory } from "./scenarios/memory.ts";

interface Scenario {
  readonly name: string;
  readonly gateways: readonly GatewayName[];
  readonly run: (gateway: GatewayName) => Promise<Run>;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    out: { type: "string", default: "bench/results.json" },
    quick: { type: "boolean", default: false },
    alone: { type: "boolean", default: false },
  },
});

const size = values.quick ? 0.2 : 1;
const both: readonly GatewayName[] = hasKannel() && !values.alone ? ["msgbin", "kannel"] : ["msgbin"];
const scenarios: readonly Scenario[] = [
  { name: "tool ceiling", gateways: ["msgbin"], run: () => toolCeiling(50_000 * size) },
  {
    name: "end to end, receipts and callbacks",
    gateways: both,
    run: (name) => endToEnd(name, 60_000 * size, true),
  },
  { name: "end to end, bare", gateways: both, run: (name) => endToEnd(name, 40_000 * size, false) },
  { name: "500 requests/s", gateways: both, run: (name) => steady(name, 10_000 * size, 500) },
  { name: "accept only, then drain", gateways: both, run: (name) => acceptThenDrain(name, 50_000 * size) },
  { name: "SIGKILL in a drain", gateways: both, run: (name) => killInDrain(name, 20_000 * size) },
  {
    name: "1,000 destinations a request",
    gateways: ["msgbin"],
    run: () => oneRequestManyDestinations(20 * size),
  },
  { name: "inbound", gateways: ["msgbin"], run: () => inbound(50_000 * size) },
  { name: "memory, 100,000 queued", gateways: ["msgbin"], run: () => queuedMemory(100_000 * size) },
  { name: "memory, 1,000,000 queued", gateways: ["msgbin"], run: () => queuedMemory(1_000_000 * size) },
  { name: "nothing stored", gateways: ["msgbin"], run: () => beside(0, 20_000 * size) },
  { name: "10,000,000 stored", gateways: ["msgbin"], run: () => beside(10_000_000 * size, 20_000 * size) },
  {
    name: "postgres, one embedded node beside it",
    gateways: ["msgbin"],
    run: (name) => endToEnd(name, 15_000 * size, true),
  },
  ...[1, 2, 4].map((nodes): Scenario => ({
    name: `postgres, ${nodes} node${nodes === 1 ? "" : "s"}`,
    gateways: ["msgbin"],
    run: () => onPostgres(nodes, 15_000 * size),
  })),
];

const wanted = values.only === "" ? null : values.only.split(";");
const rounds = Number(values.rounds);
const results: Record<string, Partial<Record<GatewayName, Run[]>>> = {};

for (const scenario of scenarios.filter(
  ({ name }) => wanted === null || wanted.some((part) => name.includes(part)),
)) {
  const runs: Partial<Record<GatewayName, Run[]>> = {};
  for (let round = 1; round <= rounds; round++) {
    for (const gateway of scenario.gateways) {
      process.stderr.write(`${scenario.name} · ${gateway} · round ${round} of ${rounds} … `);
      const startedAt = performance.now();
      const run = await scenario.run(gateway);
      (runs[gateway] ??= []).push(run);
      process.stderr.write(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
    }
  }
  results[scenario.name] = runs;
  printTable(scenario.name, runs);
  writeFileSync(values.out, `${JSON.stringify({ hardware: hardware(), rounds, results }, null, 2)}\n`);
}

process.stderr.write(`written to ${values.out}\n`);

function hardware(): Readonly<Record<string, string | number>> {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    node: process.version,
    at: new Date().toISOString(),
  };
}

function printTable(name: string, runs: Partial<Record<GatewayName, Run[]>>): void {
  const ours = medians(runs.msgbin ?? []);
  const theirs = medians(runs.kannel ?? []);
  console.log(`\n${name} (medians of ${rounds})`);
  for (const [figure, value] of Object.entries(ours)) {
    const other = theirs[figure];
    const beside = other === undefined ? "" : `${short(other).padStart(12)}  ÷ ${short(value / other)}`;
    console.log(`  ${figure.padEnd(24)}${short(value).padStart(12)}${beside}`);
  }
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
