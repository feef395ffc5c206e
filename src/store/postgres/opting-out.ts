import type { CustomerId } from "../../domain/ids.ts";
import { isUuid } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import { digitsOf } from "../../domain/owned-number.ts";
import { optOutOf, type OptOutPeriod, type OptOutStore } from "../opting-out.ts";
import { ids, numbers, texts } from "./array-literals.ts";
import { type Session, type Value, VOUCH_SQL } from "./connection.ts";
import { GroupCommit } from "./group-commit.ts";
import { type Reads, timeOrNull } from "./message-rows.ts";
import { beforeOf } from "./read-directory.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

const COLUMNS = "customer_id, opt_out_id, sender, handset, since, until, began_by, ended_by";

/** Under which a handset is found, however its number is written, and also once the number itself is erased. */
export const HANDSET_KEY = (digits: string) => `sha256(convert_to(${digits}, 'UTF8'))`;

/**
 * The one opt-out that lasts of a handset at a sender, in a FROM clause. Only `opt_outs_lasting` has this order, and its first
 * entry from there on is that or another. Asked for by equality, other indexes do as well to a planner that takes the table
 * for empty: all opt-outs of the customer were gone through for each handset.
 */
export function lastingAt(customer: string, sender: string, handsetKey: string, columns: string): string {
  return `(SELECT ${columns} FROM (
      SELECT *, ctid AS place FROM opt_outs
      WHERE (customer_id, sender_key, handset_key) >= (${customer}, ${sender}, ${handsetKey}) AND until IS NULL
      ORDER BY customer_id, sender_key, handset_key LIMIT 1) AS first
    WHERE customer_id = ${customer} AND sender_key = ${sender} AND handset_key = ${handsetKey})`;
}

/** Whether any opt-out of a customer lasts; by that index too, for of those that ended there may be very many. */
export const hasLasting = (customer: string) =>
  `(SELECT true FROM opt_outs o WHERE o.customer_id = ${customer} AND o.until IS NULL
      ORDER BY o.sender_key, o.handset_key LIMIT 1) IS NOT NULL`;

export const OPT_OUT_SQL = {
  begin: {
    name: "opt_out_begin",
    text: `
    INSERT INTO opt_outs (${COLUMNS}, sender_key, handset_key)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, ${HANDSET_KEY("$10")})
    ON CONFLICT (customer_id, sender_key, handset_key) WHERE until IS NULL DO NOTHING RETURNING 1`,
  },
  lasting: {
    name: "opt_out_lasting",
    text: `
    SELECT ${COLUMNS} FROM ${lastingAt("$1::uuid", "$2::text", HANDSET_KEY("$3"), COLUMNS)} AS o`,
  },
  end: {
    name: "opt_out_end",
    text: `
    UPDATE opt_outs o SET until = $4, ended_by = $5
    FROM ${lastingAt("$1::uuid", "$2::text", HANDSET_KEY("$3"), "place")} AS f
    WHERE o.ctid = f.place AND o.until IS NULL
    RETURNING ${COLUMNS}`,
  },
  among: {
    name: "opt_outs_among",
    text: `
    SELECT u.question, u.digits FROM (
      SELECT question, c, sender, digits, ${HANDSET_KEY("digits")} AS handset_key
      FROM unnest($1::integer[], $2::uuid[], $3::text[], $4::text[]) AS v (question, c, sender, digits) OFFSET 0) AS u
    CROSS JOIN LATERAL ${lastingAt("u.c", "u.sender", "u.handset_key", "handset_key")} AS o`,
  },
  list: {
    name: "opt_outs_list",
    text: `
    SELECT ${COLUMNS} FROM opt_outs WHERE customer_id = $1 AND opt_out_id < $2
      AND ($4::text IS NULL OR sender_key = $4) AND ($5::text IS NULL OR handset_key = ${HANDSET_KEY("$5")})
      AND (NOT $6::boolean OR until IS NULL)
    ORDER BY opt_out_id DESC LIMIT $3`,
  },
} as const;

interface PeriodRow {
  readonly customer_id: string;
  readonly opt_out_id: string;
  readonly sender: string;
  readonly handset: string;
  readonly since: number;
  readonly until: number | null;
  readonly began_by: string;
  readonly ended_by: string;
}

/** Who does not want to hear from whom. */
export function createOptingOut({ database, tell }: WriterContext, reads: Reads): OptOutStore {
  const questions = new GroupCommit((pile: readonly Question[]) => answerAll(reads, pile), {
    weigh: ({ handsets }) => handsets.length,
    onPile: () => {},
  });
  return {
    async beginOptOut(period) {
      const lasting = await database.transaction((session) => begin(session, period));
      const wakes = new Wakes();
      wakes.optOut(optOutOf(lasting));
      tell(wakes);
      return lasting;
    },
    async endOptOut(customerId, sender, handset, at, by) {
      if (!isUuid(customerId)) return null;
      const values = [customerId, digitsOf(sender), digitsOf(handset), at, by];
      const rows = await database.transaction((session) => session.rows<PeriodRow>(OPT_OUT_SQL.end, values));
      return rows.map(periodOf)[0] ?? null;
    },
    async optedOut(customerId, sender, handsets) {
      return isUuid(customerId) ? questions.submit({ customerId, sender, handsets }) : new Set();
    },
    async listOptOuts({ customerId, sender, handset, lasting, before, limit }) {
      const high = beforeOf({ before });
      if (high === null || !isUuid(customerId)) return [];
      const by: Value[] = [
        sender === null ? null : digitsOf(sender),
        handset === null ? null : digitsOf(handset),
      ];
      const rows = await reads.rows<PeriodRow>(OPT_OUT_SQL.list, [customerId, high, limit, ...by, lasting]);
      return rows.map(periodOf);
    },
  };
}

/** Every accepted message asks once: those that come while an answer is under way ask together. */
interface Question {
  readonly customerId: string;
  readonly sender: string;
  readonly handsets: readonly string[];
}

async function answerAll(reads: Reads, pile: readonly Question[]): Promise<readonly ReadonlySet<string>[]> {
  const asked = pile.flatMap(({ customerId, sender, handsets }, question) => {
    const senderKey = digitsOf(sender);
    return handsets.map((handset) => ({ question, customerId, senderKey, digits: digitsOf(handset) }));
  });
  const rows = await reads.rows<{ question: number; digits: string }>(OPT_OUT_SQL.among, [
    numbers(asked.map(({ question }) => question)),
    ids(asked.map(({ customerId }) => customerId)),
    texts(asked.map(({ senderKey }) => senderKey)),
    texts(asked.map(({ digits }) => digits)),
  ]);
  const found = new Set(rows.map(({ question, digits }) => `${question} ${digits}`));
  return pile.map(
    ({ handsets }, question) =>
      new Set(
        found.size === 0 ? [] : handsets.filter((handset) => found.has(`${question} ${digitsOf(handset)}`)),
      ),
  );
}

async function begin(session: Session, period: OptOutPeriod): Promise<OptOutPeriod> {
  const { customerId, id, sender, handset, since, until, beganBy, endedBy } = period;
  const keys = [digitsOf(sender), digitsOf(handset)];
  const columns = [customerId, id, sender, handset, since, until, beganBy, endedBy];
  const begun = await session.rows(OPT_OUT_SQL.begin, [...columns, ...keys]);
  if (begun.length > 0) return period;
  const rows = await session.rows<PeriodRow>(OPT_OUT_SQL.lasting, [customerId, ...keys]);
  session.withNext(VOUCH_SQL, []); // whoever begins it again may not have heard of the commit that did
  return rows.map(periodOf)[0] ?? period;
}

function periodOf(row: PeriodRow): OptOutPeriod {
  return {
    id: row.opt_out_id,
    customerId: row.customer_id as CustomerId, // a customer_id column
    sender: row.sender,
    handset: row.handset,
    since: micros(row.since),
    until: timeOrNull(row.until),
    beganBy: row.began_by,
    endedBy: row.ended_by,
  };
}
