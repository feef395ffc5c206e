import type { Client } from "pg";
import { ids, numbers, texts } from "../../src/store/postgres/array-literals.ts";
import { firstIdAt } from "../../src/domain/ids.ts";
import { micros, MICROS_PER_MS } from "../../src/domain/micros.ts";

export const CUSTOMER = "00000000-0000-7000-8000-00000000c000";
export const CARRIER = "00000000-0000-7000-8000-00000000ca00";
/** Another, so that what is claimed is not leased already. */
export const BUSY_CARRIER = "00000000-0000-7000-8000-00000000cb00";
export const ENDPOINT = "00000000-0000-7000-8000-00000000e000";
export const NODE = "00000000-0000-7000-8000-000000000001";
/** When the first row falls due; each of the following a microsecond later. */
export const FIRST_DUE = 1_000_000;
export const NEVER = 9_000_000_000_000_000;

/** Of this month: the archive has a partition for it. */
const TIME = firstIdAt(micros(Date.now() * MICROS_PER_MS)).slice(0, 13);

/** The id of the n-th message, and of its event. */
export function idOf(n: number, kind: "message" | "event" = "message"): string {
  return `${TIME}-${kind === "message" ? "7000" : "7001"}-8000-${n.toString(16).padStart(12, "0")}`;
}

const ID = (kind: "message" | "event") =>
  `('${TIME}-${kind === "message" ? "7000" : "7001"}-8000-' || lpad(to_hex(i), 12, '0'))::uuid`;

/** Rows of one customer, carrier and endpoint, as many in each table: the worst that an index by these can have. */
const ARCHIVE = [
  `INSERT INTO messages SELECT '${CUSTOMER}', ${ID("message")}, 0, 0, 'tel +1', 'a text', '{}', i, NULL, NULL`,
  `INSERT INTO targets SELECT '${CUSTOMER}', ${ID("message")}, 0, 1, 1, '', 'tel +2', NULL, '${CARRIER}', NULL, ''`,
  `INSERT INTO events SELECT '${CUSTOMER}', ${ID("message")}, ${ID("event")}, 1, 1, true, ''`,
];
const WORKING_SET = [
  `INSERT INTO queue SELECT '${CARRIER}', ${ID("message")}, 0, '${CUSTOMER}', 1, ${FIRST_DUE} + i, ${NEVER}, 0, false, ''`,
  `INSERT INTO leased SELECT '${BUSY_CARRIER}', ${ID("message")}, 0, '${CUSTOMER}', 1, i, ${NEVER}, 0, '', '${NODE}'`,
  `INSERT INTO receipt_keys SELECT '${CARRIER}', 'key ' || i, ${ID("message")}, 0, 0, '${CUSTOMER}', i, ${NEVER}, false`,
  `INSERT INTO settled_receipt_keys SELECT 0, '${CARRIER}', 'old ' || i, ${ID("message")}, 0, 0, '${CUSTOMER}', i`,
  `INSERT INTO deliveries SELECT '${ENDPOINT}', ${ID("message")}, ${ID("event")}, '${CUSTOMER}', 0, ${FIRST_DUE} + i, false`,
];
const EMPTIED = ["queue", "leased", "receipt_keys", "deliveries"];

/** Fills a database's tables with rows 1 to `count`. */
export async function fill(client: Client, count: number): Promise<void> {
  await client.query(`INSERT INTO endpoints VALUES ('${ENDPOINT}', '${CUSTOMER}', true, 'http://h', 'POST', '[]', '[]', '', NULL,
    NULL, NULL, 0, NULL, 0, 0)`);
  for (const statement of [...ARCHIVE, ...WORKING_SET])
    await client.query(`${statement} FROM generate_series(1, ${count}) AS i`);
}

/**
 * What statistics say of a queue most of the time: analysed at a moment when all had been done, and its pages still there.
 * Leaves the working set empty.
 */
export async function analyseWhileEmpty(client: Client, rows: number): Promise<void> {
  for (const statement of WORKING_SET.filter((text) => EMPTIED.some((table) => text.includes(` ${table} `))))
    await client.query(`${statement} FROM generate_series(1, ${rows}) AS i`);
  for (const table of EMPTIED) await client.query(`DELETE FROM ${table}`);
  for (const table of EMPTIED) await client.query(`ANALYZE ${table}`);
}

/** Arrays as statements of the store take them, for some of the rows, as SQL literals. */
export function columnsOf(rows: readonly number[]) {
  const same = (value: string | number): string =>
    quote(typeof value === "number" ? numbers(rows.map(() => value)) : texts(rows.map(() => value)));
  return {
    customers: quote(ids(rows.map(() => CUSTOMER))),
    carriers: quote(ids(rows.map(() => CARRIER))),
    busyCarriers: quote(ids(rows.map(() => BUSY_CARRIER))),
    endpoints: quote(ids(rows.map(() => ENDPOINT))),
    messages: quote(ids(rows.map((n) => idOf(n)))),
    events: quote(ids(rows.map((n) => idOf(n, "event")))),
    keys: quote(texts(rows.map((n) => `key ${n}`))),
    oldKeys: quote(texts(rows.map((n) => `old ${n}`))),
    nodes: same(NODE),
    zeros: same(0),
    ones: same(1),
    nevers: same(NEVER - 1),
    blanks: same(""),
    truths: quote(`{${rows.map(() => "f").join(",")}}`),
  };
}

function quote(literal: string): string {
  return `'${literal}'`;
}
