/**
 * `node bench/micro.ts`: each hot path by itself, in CPU microseconds and as a ratio to a reference loop that runs between
 * them in the same process, so that a regression shows on any machine. With `--check` it fails when a ratio has grown past
 * its limit, which is about three times what it was when it was set.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTokens } from "../src/api/auth/jwt.ts";
import { buildMessage } from "../src/accept/build-acceptance.ts";
import { createClock } from "../src/domain/clock.ts";
import { type CarrierId, createIds, type CustomerId, type NodeId } from "../src/domain/ids.ts";
import { formatMicros } from "../src/domain/micros.ts";
import { countParts, segment } from "../src/gsm/segmentation.ts";
import { DEFAULT_TEXT_PROFILE } from "../src/gsm/text-profile.ts";
import { decodePdu } from "../src/smpp/pdu/decode-pdu.ts";
import { ByteWriter } from "../src/smpp/pdu/byte-writer.ts";
import { encodePdu, writePdu } from "../src/smpp/pdu/encode-pdu.ts";
import { submitSm } from "../src/smpp/pdu/pdu-defaults.ts";
import type { Acceptance } from "../src/store/accepting.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { median } from "./figures.ts";

interface Path {
  readonly name: string;
  /** Of its CPU time to the reference's, at most. */
  readonly limit: number;
  /** Runs so many times; answers something, so that nothing is optimised away. */
  readonly run: (times: number) => unknown;
  readonly times: number;
}

const ROUNDS = 7;
const REFERENCE_TIMES = 20_000;
const STORE_BATCH = 100;
const PDUS_AT_ONCE = 30;
const TEXT = "M00000001 your verification code is 493022. It expires in 10 minutes.";
const LONG_TEXT = TEXT.repeat(5);

const clock = createClock(() => Date.now());
const ids = createIds((bytes) => crypto.getRandomValues(bytes));
const customerId = ids.at(clock.now()) as CustomerId; // branded where it is made
const carrierId = ids.at(clock.now()) as CarrierId; // the same
const node = ids.at(clock.now()) as NodeId; // the same

const pdu = {
  ...submitSm({
    source: { ton: 1, npi: 1, address: "12345" },
    destination: { ton: 1, npi: 1, address: "31600000001" },
    shortMessage: Buffer.from(TEXT),
  }),
  commandStatus: 0,
  sequence: 1,
};
const bytes = encodePdu(pdu);
const tokens = createTokens("0123456789abcdef0123456789abcdef", clock);
const token = tokens.issue(
  {
    id: customerId,
    username: "bench",
    passwordHash: "",
    name: "",
    detail: "",
    email: "",
    phoneNumber: "",
    address: "",
    permissionIds: [],
    tmCredentials: clock.now(),
    tmCreate: clock.now(),
    tmUpdate: null,
    tmDelete: null,
    retentionDays: null,
    retentionContentDays: null,
  },
  { method: "", uri: "" },
);

const PATHS: readonly Path[] = [
  { name: "submit_sm encoded, among thirty", limit: 1.2, times: 50_000, run: encodeMany },
  { name: "submit_sm decoded", limit: 4, times: 50_000, run: repeat(() => decodePdu(bytes)) },
  {
    name: "parts counted, 69 characters",
    limit: 3,
    times: 50_000,
    run: repeat(() => countParts(TEXT, DEFAULT_TEXT_PROFILE)),
  },
  {
    name: "text cut into 3 parts",
    limit: 25,
    times: 10_000,
    run: repeat(() => segment(LONG_TEXT, DEFAULT_TEXT_PROFILE, 1)),
  },
  { name: "token checked", limit: 40, times: 5_000, run: repeat(() => tokens.read(token)) },
  { name: "time written", limit: 1.5, times: 100_000, run: repeat(() => formatMicros(clock.now())) },
];

const directory = mkdtempSync(join(tmpdir(), "msgbin-micro-"));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const silent = { count() {}, gauge() {}, observe() {} };
const store = await openSqliteStore({
  file: join(directory, "micro.db"),
  clock,
  logger: quiet,
  metrics: silent,
});
let isOver = false;
try {
  for (const path of PATHS) {
    const micros = await measure(async () => path.run(path.times), path.times);
    report(path.name, micros, await reference(), path.limit);
  }
  const batches = 20;
  const stored = await measure(async () => {
    for (let batch = 0; batch < batches; batch++)
      await store.acceptMessages(Array.from({ length: STORE_BATCH }, acceptance));
  }, batches * STORE_BATCH);
  report("message accepted in a commit of a hundred", stored, await reference(), 120);
} finally {
  await store.close();
  rmSync(directory, { recursive: true });
}
if (isOver && process.argv.includes("--check")) process.exitCode = 1;

/** CPU microseconds of one, all threads: the median of several rounds after one that warms up. */
async function measure(work: () => Promise<unknown>, times: number): Promise<number> {
  await work();
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / times);
  }
  return median(rounds);
}

/** A SHA-256 of 64 bytes in a fresh context: bound by the same allocations, calls and memory as the paths are. */
function reference(): Promise<number> {
  const block = Buffer.alloc(64, 7);
  return measure(async () => {
    for (let index = 0; index < REFERENCE_TIMES; index++) createHash("sha256").update(block).digest("hex");
  }, REFERENCE_TIMES);
}

function report(name: string, micros: number, referenceMicros: number, limit: number): void {
  const ratio = micros / referenceMicros;
  const verdict = ratio > limit ? `  OVER ITS LIMIT OF ${limit}` : "";
  isOver ||= ratio > limit;
  console.log(`${name.padEnd(44)}${micros.toFixed(2).padStart(9)} µs  × ${ratio.toFixed(2)}${verdict}`);
}

/** As a session writes them: what goes out in one turn goes into one writer. */
function encodeMany(times: number): number {
  const writer = new ByteWriter();
  let bytesOut = 0;
  for (let index = 1; index <= times; index++) {
    writePdu(writer, pdu, index);
    if (index % PDUS_AT_ONCE === 0) bytesOut += writer.take().length;
  }
  return bytesOut;
}

function repeat(once: () => unknown): (times: number) => unknown {
  return (times) => {
    let last: unknown;
    for (let index = 0; index < times; index++) last = once();
    return last;
  };
}

function acceptance(): Acceptance {
  const source = { type: "tel", target: "+12345678901", target_name: "", name: "", detail: "" } as const;
  const destination = { ...source, target: "+31600000001" };
  const request = { source, destinations: [destination], text: TEXT, options: {} };
  const plan = { kind: "queued", carrierId, fallbacks: [], parts: 1, encoding: "gsm7" } as const;
  const built = buildMessage(customerId, request, "sms", [plan], clock.now(), ids, 86_400_000);
  return {
    ...built,
    targets: built.message.targets,
    leasedTo: { node, carriers: [carrierId], marks: [] },
    idempotency: null,
  };
}
