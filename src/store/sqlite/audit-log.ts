import type { CustomerId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { AuditEntry } from "../recounting.ts";
import { bytes, type Connection, integer, text } from "./connection.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import { beforeBytes } from "./page-start.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export const LIST_AUDIT_SQL = `
  SELECT audit_id, at, by_customer, what, target, detail FROM audit
  WHERE audit_id < ? ORDER BY audit_id DESC LIMIT ?`;

/** Adds what an administrator changed. */
export function appendAudit({ connection }: WriterContext): Operation {
  const insert = connection.prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)");
  return (request) => {
    const { id, at, by, what, on, detail } = readJson(request) as AuditEntry;
    insert.run(idToBytes(id), at, idToBytes(by), what, on, JSON.stringify(detail));
    return [];
  };
}

/** A page of the audit log, newest first, as JSON. */
export function listAudit(connection: Connection): Operation {
  const select = connection.prepare(LIST_AUDIT_SQL);
  return (request) => {
    const before = beforeBytes(request.textOrNull());
    const rows = before === null ? [] : select.all(before, request.number());
    const entries = rows.map((row): AuditEntry => ({
      id: bytesToId(bytes(row[0])),
      at: micros(integer(row[1])),
      by: bytesToId(bytes(row[2])) as CustomerId, // the bytes of a customer's id
      what: text(row[3]),
      on: text(row[4]),
      detail: JSON.parse(text(row[5])) as AuditEntry["detail"], // only appendAudit writes it
    }));
    return [JSON.stringify(entries)];
  };
}
