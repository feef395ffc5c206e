import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startMsgbin } from "../gateways/msgbin.ts";
import { SINK_PORT, SMSC_PORT, warmUp, withRig } from "../bench-rig.ts";
import type { Run } from "../figures.ts";

const CHUNK = 250_000;
/** A second apart, the newest a day before the first that is measured. */
const STEP_MICROS = 1_000_000;
const NEWEST_AGE_MICROS = 86_400_000_000;
const SETTING = { smscPort: SMSC_PORT, sinkPort: SINK_PORT, callbacks: true, window: 1_000 };

/**
 * What a message costs beside so many older ones of the same customer, all delivered and told of: the rows of the archive are
 * written straight into the database of an empty service, in the form that the service gives them.
 */
export async function beside(stored: number, count: number): Promise<Run> {
  const dataDir = await mkdtemp(join(tmpdir(), "msgbin-bench-age-"));
  try {
    const seeding = await startMsgbin(SETTING, { dataDir });
    await seeding.stop();
    fill(join(dataDir, "msgbin.db"), stored);
    return await withRig("msgbin", { callbacks: true, msgbin: { dataDir } }, async (rig) => {
      await warmUp(rig, true);
      const before = rig.usage();
      const load = await rig.load(count);
      await rig.settle(load.accepted, load.accepted);
      const after = rig.usage();
      return {
        "cpu s/1000": ((after.cpuSeconds - before.cpuSeconds) / load.accepted) * 1_000,
        "bytes written/message": (after.writtenBytes - before.writtenBytes) / load.accepted,
        "accepts/s": load.accepted / load.seconds,
        "resident MB": after.residentMb,
      };
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function fill(file: string, stored: number): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144");
  const endpoint = database.prepare("SELECT customer_id, endpoint_id FROM endpoints").get();
  if (endpoint === undefined) throw new Error("the service that is to be filled has no webhook");
  const customer = bytesOf(endpoint["customer_id"]);
  const now = Date.now() * 1_000;
  const first = now - NEWEST_AGE_MICROS - stored * STEP_MICROS;
  const inserts = ARCHIVE.map((sql) => database.prepare(sql));
  for (let from = 0; from < stored; from += CHUNK) {
    database.exec("BEGIN");
    const rows = { from, until: Math.min(stored, from + CHUNK), first, step: STEP_MICROS, customer };
    for (const [table, insert] of inserts.entries())
      insert.run(table === ATTEMPTS ? { ...rows, endpoint: bytesOf(endpoint["endpoint_id"]) } : rows);
    database.exec("COMMIT");
    process.stderr.write(`${Math.round((100 * (from + CHUNK)) / stored)} % `);
  }
  database.exec("PRAGMA journal_mode = WAL");
  database.close();
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError("an id is no blob");
  return value;
}

const NUMBERS = `
  WITH RECURSIVE numbers (i) AS (SELECT :from UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < :until),
  past AS (SELECT i, :first + i * :step AS at FROM numbers)`;

/** Ids as domain/ids.ts makes them: milliseconds, version 7, the microseconds after them, the rest by number. */
function id(kind: string): string {
  return `unhex(printf('%012x7%03x8${kind}%014x', at / 1000, at % 1000 * 4, i))`;
}

const TRAIL = `'{"at":' || at || ',"what":"sent","carrier":"01900000-0000-7000-8000-000000000001","bind":0,"attempt":1,"tookMs":3},{"at":' || at || ',"what":"delivered","carrier":"01900000-0000-7000-8000-000000000001","words":"DELIVRD"}'`;
const ADDRESS = `'{"type":"tel","target":"+' || (31600000000 + i) || '"}'`;

const ATTEMPTS = 4;
const ARCHIVE: readonly string[] = [
  `${NUMBERS} INSERT INTO messages (customer_id, message_id, type, direction, source, text, options, tm_create)
   SELECT :customer, ${id("0")}, 0, 0, ${ADDRESS}, 'your verification code is 493022. It expires in 10 minutes.', '{}', at FROM past`,
  `${NUMBERS} INSERT INTO targets (customer_id, message_id, n, status, parts, part_states, destination, tm_update, trail)
   SELECT :customer, ${id("0")}, 0, 3, 1, '', ${ADDRESS}, at + 200000, ${TRAIL} FROM past`,
  `${NUMBERS} INSERT INTO events (customer_id, message_id, event_id, type, version, open, changed)
   SELECT :customer, ${id("0")}, ${id("1")}, 0, 1, 0, '' FROM past`,
  `${NUMBERS} INSERT INTO events (customer_id, message_id, event_id, type, version, open, changed)
   SELECT :customer, ${id("0")}, ${id("2")}, 1, 2, 0, '0' FROM past`,
  `${NUMBERS} INSERT INTO attempts (customer_id, message_id, event_id, endpoint_id, n, at, took_ms, status_code, error, answer)
   SELECT :customer, ${id("0")}, ${id("2")}, :endpoint, 1, at, 3, 200, '', '' FROM past`,
];
