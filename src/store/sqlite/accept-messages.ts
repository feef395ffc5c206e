import type { Acceptance, AcceptanceOutcome } from "../accepting.ts";
import { addressToColumn } from "./address-column.ts";
import { DIRECTION_CODES, STATUS_CODES, TYPE_CODES } from "./column-codes.ts";
import { text } from "./connection.ts";
import { idsToBytes, idToBytes } from "./id-bytes.ts";
import { failureColumn, type TargetRef } from "./target-rows.ts";
import { settleJournalId } from "./journal-mark.ts";
import type { JournalRecord } from "./journal-records.ts";
import { type Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Entries as the writer reads them: columns in the order of their tables, nothing twice. */
export function encodeAcceptances(entries: readonly Acceptance[]): Wire {
  const wire: Wire = ["acceptMessages", entries.length];
  for (const entry of entries) encodeAcceptance(wire, entry);
  return wire;
}

/** The same as the payload of a record of the journal: one text crosses the threads at a tenth of the cost of its values. */
export function encodeJournaled(entries: readonly Acceptance[]): string {
  const wire: Wire = [entries.length];
  for (const entry of entries) encodeAcceptance(wire, entry);
  return JSON.stringify(wire);
}

/** The operation that brings a record of the journal into the database. */
export function encodeApply({ sequence, payload }: JournalRecord): Wire {
  return ["applyAcceptances", sequence, payload];
}

/** The operation that has a record of the journal count as brought in, with nothing of it. */
export function encodePassOver(sequence: number): Wire {
  return encodeApply({ sequence, payload: encodeJournaled([]) });
}

function encodeAcceptance(wire: Wire, entry: Acceptance): void {
  const { message, targets, queue, leasedTo, idempotency } = entry;
  const { tmCreate } = message;
  wire.push(message.customerId, message.id, tmCreate, idempotency?.key ?? null);
  if (idempotency !== null) wire.push(idempotency.fingerprint, idempotency.answer, idempotency.expiresAt);
  wire.push(
    TYPE_CODES[message.type],
    DIRECTION_CODES[message.direction],
    addressToColumn(message.source),
    message.text,
    JSON.stringify(message.options),
    message.tmUpdate,
    message.tmDelete,
    entry.eventId,
    targets.length,
  );
  const carriers = new Map(queue.map(({ n, carrierId }) => [n, carrierId]));
  for (const { n, destination, status, parts, tmUpdate, failure } of targets) {
    wire.push(n, STATUS_CODES[status], parts, addressToColumn(destination));
    wire.push(tmUpdate === tmCreate ? null : tmUpdate, carriers.get(n) ?? null, failureColumn(failure));
  }
  wire.push(leasedTo?.node ?? null, queue.length);
  for (const { n, carrierId, priority, dueAt, expiresAt, attempts, fallbacks } of queue) {
    const isLeased = leasedTo !== null && leasedTo.carriers.includes(carrierId);
    const mark = isLeased ? leasedTo.marks.find((each) => each.carrierId === carrierId) : undefined;
    wire.push(n, carrierId, isLeased ? 1 : 0, mark?.bind ?? null, mark?.epoch ?? null);
    wire.push(priority, dueAt, expiresAt, attempts, fallbacks.join(" "));
  }
}

export function decodeAcceptanceOutcomes(answer: WireReader): AcceptanceOutcome[] {
  return answer.list((item): AcceptanceOutcome => {
    const kind = item.text();
    if (kind === "replayed") return { kind, answer: item.text() };
    return { kind: kind === "accepted" ? "accepted" : "key_reused" };
  });
}

const NO_FALLBACKS = new Uint8Array(0);

/** Writes messages, targets, queue rows, `message_created` and idempotency keys. */
export function acceptMessages(context: WriterContext): Operation {
  const { connection, inserters, queue, nodes, events } = context;
  const findKey = connection.prepare(
    "SELECT fingerprint, answer FROM idempotency WHERE customer_id = ? AND key = ? AND expires_at > ?",
  );
  const insertKey = connection.prepare("INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)");
  const messages = inserters.make("INSERT INTO messages", 10);
  const targets = inserters.make("INSERT INTO targets", 11);

  function claimKey(request: WireReader, customer: Uint8Array, key: string, now: number): Wire | null {
    const [fingerprint, answer, expiresAt] = [request.text(), request.text(), request.number()];
    const row = findKey.get(customer, key, now);
    if (row === undefined) {
      insertKey.run(customer, key, fingerprint, answer, expiresAt);
      return null;
    }
    return row[0] === fingerprint ? ["replayed", text(row[1])] : ["key_reused"];
  }

  function accept(request: WireReader): Wire {
    const customerId = request.text();
    const messageId = request.text();
    const tmCreate = request.number();
    const [customer, message] = [idToBytes(customerId), idToBytes(messageId)];
    const key = request.textOrNull();
    const answered = key === null ? null : claimKey(request, customer, key, tmCreate);
    const isNew = answered === null;
    const columns = [
      request.number(),
      request.number(),
      request.text(),
      request.text(),
      request.text(),
    ] as const;
    const [tmUpdate, tmDelete] = [request.numberOrNull(), request.numberOrNull()];
    if (isNew) messages.add(customer, message, ...columns, tmCreate, tmUpdate, tmDelete);
    const eventId = request.text();
    const targetCount = request.number();
    for (let index = 0; index < targetCount; index++) {
      const [n, status, parts] = [request.number(), request.number(), request.number()];
      const [destination, updated] = [request.text(), request.numberOrNull()];
      const [carrierId, failure] = [request.textOrNull(), request.textOrNull()];
      const carrier = carrierId === null ? null : queue.carrierBytes(carrierId);
      if (isNew)
        targets.add(customer, message, n, status, parts, "", destination, updated, carrier, failure, "");
    }
    const nodeName = request.textOrNull();
    const node = nodeName === null ? null : nodes.numberOf(nodeName);
    const queued = request.number();
    for (let index = 0; index < queued; index++) {
      const target: TargetRef = { customer, message, customerId, messageId, n: request.number() };
      enqueue(request, target, isNew, node, tmCreate);
    }
    if (isNew) events.created({ customer, message, customerId, messageId }, eventId.toLowerCase(), tmCreate);
    return answered ?? ["accepted"];
  }

  function enqueue(
    request: WireReader,
    target: TargetRef,
    isNew: boolean,
    node: number | null,
    tmCreate: number,
  ): void {
    const carrierId = request.text();
    const isLeased = request.number() === 1;
    const [bind, epoch] = [request.numberOrNull(), request.numberOrNull()];
    const [priority, dueAt, expiresAt, attempts] = [
      request.number(),
      request.number(),
      request.number(),
      request.number(),
    ];
    const fallbackIds = request.text();
    const fallbacks = fallbackIds === "" ? NO_FALLBACKS : idsToBytes(fallbackIds.split(" "));
    if (!isNew) return;
    const row = { priority, expiresAt, attempts, fallbacks };
    const mark = bind === null || epoch === null ? null : { at: tmCreate, bind, epoch };
    if (isLeased && node !== null) queue.insertLeased(carrierId, target, row, node, mark);
    else queue.insertWaiting(carrierId, target, row, dueAt);
  }

  return (request) => {
    const entries = request.number();
    const answer: Wire = [entries];
    for (let index = 0; index < entries; index++) answer.push(...accept(request));
    return answer;
  };
}

/** Brings a record of the journal into the database, once. */
export function applyAcceptances(context: WriterContext): Operation {
  const accept = acceptMessages(context);
  return (request) => {
    if (!context.journal.take(request.number())) return [];
    accept(new WireReader(JSON.parse(request.text()) as Wire, 0)); // encodeJournaled wrote it
    return [];
  };
}

/** Answers which journal the database has, and the sequence number of its last record that is in the database. */
export function journalState({ connection, journal }: WriterContext): Operation {
  return () => [settleJournalId(connection), journal.applied];
}

export function decodeJournalState(answer: WireReader): { readonly id: number; readonly applied: number } {
  return { id: answer.number(), applied: answer.number() };
}
