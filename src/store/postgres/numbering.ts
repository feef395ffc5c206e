import type { CustomerId, NumberId } from "../../domain/ids.ts";
import { isUuid } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import { digitsOf, type OptOutSettings, type OwnedNumber } from "../../domain/owned-number.ts";
import type { NumberOutcome, NumberStore } from "../numbering.ts";
import type { Session } from "./connection.ts";
import { type Reads, timeOrNull } from "./message-rows.ts";
import { isTaken } from "./postgres-failure.ts";
import { putOf, recordStatements } from "./put-record.ts";
import { beforeOf } from "./read-directory.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

const COLUMNS =
  "number_id, customer_id, number, type, name, detail, opt_out, tm_create, tm_update, tm_delete";

export const NUMBERS_SQL = {
  ...recordStatements("numbers", `${COLUMNS}, digits`, ["number_id"]),
  /** Locked against its deletion, on whichever node: that gives up the numbers which are there once it is committed. */
  owner: {
    name: "number_owner",
    text: "SELECT 1 FROM customers WHERE customer_id = $1 AND tm_delete IS NULL FOR SHARE",
  },
  get: {
    name: "number_get",
    text: `SELECT ${COLUMNS} FROM numbers WHERE number_id = $1 AND customer_id = $2 AND tm_delete IS NULL`,
  },
  find: {
    name: "number_find",
    text: `SELECT ${COLUMNS} FROM numbers WHERE digits = $1 AND tm_delete IS NULL`,
  },
  all: {
    name: "numbers_all",
    text: `SELECT ${COLUMNS} FROM numbers WHERE number_id < $1 AND tm_delete IS NULL ORDER BY number_id DESC LIMIT $2`,
  },
  ofCustomer: {
    name: "numbers_of_customer",
    text: `
    SELECT ${COLUMNS} FROM numbers WHERE customer_id = $3 AND number_id < $1 AND tm_delete IS NULL
    ORDER BY number_id DESC LIMIT $2`,
  },
} as const;

interface NumberRow {
  readonly number_id: string;
  readonly customer_id: string;
  readonly number: string;
  readonly type: string;
  readonly name: string;
  readonly detail: string;
  readonly opt_out: string | null;
  readonly tm_create: number;
  readonly tm_update: number | null;
  readonly tm_delete: number | null;
}

/** Who owns which number. */
export function createNumbering({ database, tell }: WriterContext, reads: Reads): NumberStore {
  return {
    async putNumber(number, before) {
      const outcome = await database
        .transaction((session) => put(session, number, before))
        .catch(refusedIfTaken);
      if (outcome !== "written") return outcome;
      const wakes = new Wakes();
      wakes.directory();
      tell(wakes);
      return outcome;
    },
    async getNumber(customerId, id) {
      if (!isUuid(customerId) || !isUuid(id)) return null;
      return (await reads.rows<NumberRow>(NUMBERS_SQL.get, [id, customerId])).map(numberOf)[0] ?? null;
    },
    async findNumber(digits) {
      return (await reads.rows<NumberRow>(NUMBERS_SQL.find, [digits])).map(numberOf)[0] ?? null;
    },
    async listNumbers(customerId, page) {
      const before = beforeOf(page);
      if (before === null || (customerId !== null && !isUuid(customerId))) return [];
      const rows =
        customerId === null
          ? await reads.rows<NumberRow>(NUMBERS_SQL.all, [before, page.limit])
          : await reads.rows<NumberRow>(NUMBERS_SQL.ofCustomer, [before, page.limit, customerId]);
      return rows.map(numberOf);
    },
  };
}

async function put(session: Session, number: OwnedNumber, before?: OwnedNumber): Promise<NumberOutcome> {
  if (number.tmDelete === null) {
    const owners = await session.rows(NUMBERS_SQL.owner, [number.customerId]);
    if (owners.length === 0) return "no_owner";
  }
  const rows = await session.run(...putOf(NUMBERS_SQL, valuesOf(number), before));
  return rows === 0 ? "refused" : "written";
}

function refusedIfTaken(error: unknown): NumberOutcome {
  if (isTaken(error)) return "refused";
  throw error;
}

function valuesOf(number: OwnedNumber) {
  const { id, customerId, type, name, detail, optOut, tmCreate, tmUpdate, tmDelete } = number;
  const settings = optOut === null ? null : JSON.stringify(optOut);
  const words = [id, customerId, number.number, type, name, detail, settings];
  return [...words, tmCreate, tmUpdate, tmDelete, digitsOf(number.number)];
}

function numberOf(row: NumberRow): OwnedNumber {
  return {
    id: row.number_id as NumberId, // a number_id column
    customerId: row.customer_id as CustomerId, // a customer_id column
    number: row.number,
    type: row.type as OwnedNumber["type"], // only putNumber writes it
    name: row.name,
    detail: row.detail,
    optOut: row.opt_out === null ? null : (JSON.parse(row.opt_out) as OptOutSettings), // the same
    tmCreate: micros(row.tm_create),
    tmUpdate: timeOrNull(row.tm_update),
    tmDelete: timeOrNull(row.tm_delete),
  };
}
