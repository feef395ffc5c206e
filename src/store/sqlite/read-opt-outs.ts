import type { Cell, Connection, Statement } from "./connection.ts";
import { idToBytesOrNull } from "./id-bytes.ts";
import {
  customersWithOptOuts,
  handsetKey,
  OPT_OUT_COLUMNS,
  OPT_OUT_SQL,
  readPeriod,
  senderKey,
} from "./opt-out-rows.ts";
import { beforeBytes } from "./page-start.ts";
import type { Operation } from "./writer-context.ts";

/** Reads of opt-outs, by operation. */
export function optOutReads(connection: Connection): Readonly<Record<string, Operation>> {
  return {
    optedOut: optedOut(connection),
    listOptOuts: listOptOuts(connection),
    customersWithOptOuts: () => {
      const customers = customersWithOptOuts(connection);
      return [customers.length, ...customers];
    },
  };
}

/** Which of the handsets have opted out, in the spelling they were asked for. */
function optedOut(connection: Connection): Operation {
  const lasting = connection.prepare(OPT_OUT_SQL.lasting);
  return (request) => {
    const customer = idToBytesOrNull(request.text());
    const sender = senderKey(request.text());
    const handsets = request.list((item) => item.text());
    if (customer === null) return [0];
    const found = handsets.filter(
      (handset) => lasting.get(customer, sender, handsetKey(handset)) !== undefined,
    );
    return [found.length, ...found];
  };
}

/** Follows the narrowest index that the conditions allow. */
export function listOptOutsSql(by: { sender: boolean; handset: boolean; lasting: boolean }): string {
  const conditions = ["customer_id = ?", "opt_out_id < ?"];
  if (by.sender) conditions.push("sender_key = ?");
  if (by.handset) conditions.push("handset_key = ?");
  if (by.lasting) conditions.push("until IS NULL");
  return `SELECT ${OPT_OUT_COLUMNS} FROM opt_outs ${indexFor(by)}
    WHERE ${conditions.join(" AND ")} ORDER BY opt_out_id DESC LIMIT ?`;
}

function indexFor(by: { sender: boolean; handset: boolean; lasting: boolean }): string {
  if (by.handset) return "INDEXED BY opt_outs_by_handset";
  if (by.sender) return "INDEXED BY opt_outs_by_sender";
  return by.lasting ? "INDEXED BY opt_outs_lasting_by_age" : "";
}

function listOptOuts(connection: Connection): Operation {
  const statements = new Map<string, Statement>();
  function statementFor(sql: string): Statement {
    const statement = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }
  return (request) => {
    const customer = idToBytesOrNull(request.text());
    const [sender, handset] = [request.textOrNull(), request.textOrNull()];
    const lasting = request.number() === 1;
    const [before, limit] = [beforeBytes(request.textOrNull()), request.number()];
    if (customer === null || before === null) return ["[]"];
    const values: Cell[] = [customer, before];
    if (sender !== null) values.push(senderKey(sender));
    if (handset !== null) values.push(handsetKey(handset));
    const sql = listOptOutsSql({ sender: sender !== null, handset: handset !== null, lasting });
    return [
      JSON.stringify(
        statementFor(sql)
          .all(...values, limit)
          .map((row) => readPeriod(row)),
      ),
    ];
  };
}
