import type { CarrierId, NodeId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { LeaseAnswer, LeaseRequest, NodeLife } from "../leasing.ts";
import { integer, integerOrNull, type Row } from "./connection.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeLeaseRequest(request: LeaseRequest): Wire {
  const { carrierId, slots, want, node, now, expiresAt, upAt } = request;
  return ["leaseBinds", carrierId, slots, want, node, now, expiresAt, upAt];
}

export function decodeLeases(answer: WireReader, request: LeaseRequest): LeaseAnswer {
  const { carrierId, node, expiresAt } = request;
  const upAt = answer.numberOrNull();
  const leases = answer.list((item) => {
    return { carrierId, node, expiresAt, bind: item.number(), epoch: item.number() };
  });
  return { leases, upElsewhereAt: upAt === null ? null : micros(upAt) };
}

/** Renews the node's slots and takes free ones up to `want` (promise P6: a slot is one node's, told by its epoch). */
export function leaseBinds({ connection, nodes, queue }: WriterContext): Operation {
  const select = connection.prepare(
    "SELECT bind, node, epoch, expires_at, up_at FROM bind_leases WHERE carrier_id = ? AND bind < ? ORDER BY bind",
  );
  const put = connection.prepare(`
    INSERT INTO bind_leases (carrier_id, bind, node, epoch, expires_at, up_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (carrier_id, bind) DO UPDATE
      SET node = ?3, epoch = ?4, expires_at = ?5, up_at = max(coalesce(up_at, ?6), coalesce(?6, up_at))`);
  const letGo = connection.prepare(
    "UPDATE bind_leases SET node = NULL WHERE carrier_id = ? AND node = ? AND bind >= ?",
  );

  return (request) => {
    const carrier = queue.carrierBytes(request.text());
    const [slots, want] = [request.number(), request.number()];
    const node = nodes.numberOf(request.text());
    const [now, expiresAt, upAt] = [request.number(), request.number(), request.numberOrNull()];
    const rows = new Map(select.all(carrier, slots).map((row) => [integer(row[0]), row]));
    const binds = Array.from({ length: slots }, (_, bind) => bind);
    const own = binds.filter((bind) => rows.get(bind)?.[1] === node);
    const free = binds.filter((bind) => isFree(rows.get(bind), now));
    const held = [...own, ...free.filter((bind) => !own.includes(bind))].slice(0, want);
    letGo.run(carrier, node, slots);
    for (const bind of own) if (!held.includes(bind)) letGo.run(carrier, node, bind);
    const answer: Wire = [upElsewhereAt(rows.values(), node), held.length];
    for (const bind of held.toSorted((a, b) => a - b)) {
      const epoch = epochOf(rows.get(bind), own.includes(bind));
      put.run(carrier, bind, node, epoch, expiresAt, upAt);
      answer.push(bind, epoch);
    }
    return answer;
  };
}

/** Each holder says it: there is no version before it that has this database open. */
function upElsewhereAt(rows: Iterable<Row>, node: number): number | null {
  const others = [...rows].filter((row) => row[1] !== node);
  const times = others.map((row) => integerOrNull(row[4])).filter((at) => at !== null);
  return times.length === 0 ? null : Math.max(...times);
}

function isFree(row: Row | undefined, now: number): boolean {
  return row === undefined || row[1] === null || integer(row[3]) <= now;
}

function epochOf(row: Row | undefined, isOwn: boolean): number {
  if (row === undefined) return 1;
  return integer(row[2]) + (isOwn ? 0 : 1);
}

export function encodeRelease(
  node: NodeId,
  binds: { readonly carrierId: CarrierId; readonly slots: readonly number[] } | null,
): Wire {
  return ["releaseBinds", node, binds?.carrierId ?? null, binds?.slots.length ?? 0, ...(binds?.slots ?? [])];
}

/** Lets go of slots; with no carrier named, of all of them and of life itself. */
export function releaseBinds({ connection, nodes, queue }: WriterContext): Operation {
  const one = connection.prepare(
    "UPDATE bind_leases SET node = NULL WHERE carrier_id = ? AND bind = ? AND node = ?",
  );
  const all = connection.prepare("UPDATE bind_leases SET node = NULL WHERE node = ?");
  const die = connection.prepare("UPDATE nodes SET expires_at = 0 WHERE number = ?");
  return (request) => {
    const node = nodes.numberOf(request.text());
    const carrierId = request.textOrNull();
    const slots = request.list((item) => item.number());
    if (carrierId === null) {
      all.run(node);
      die.run(node);
    } else {
      for (const bind of slots) one.run(queue.carrierBytes(carrierId), bind, node);
    }
    return [];
  };
}

export function encodeHeartbeat(node: NodeId, expiresAt: number): Wire {
  return ["heartbeat", node, expiresAt];
}

export function decodeLives(answer: WireReader): NodeLife[] {
  return answer.list((item) => ({
    node: item.text() as NodeId, // numberOf was given it
    expiresAt: micros(item.number()),
  }));
}

/** Notes that a node lives, and answers until when each does: those that left, and those of earlier processes, have 0. */
export function heartbeat({ connection, nodes }: WriterContext): Operation {
  const live = connection.prepare("UPDATE nodes SET expires_at = ? WHERE number = ?");
  const select = connection.prepare(
    "SELECT node, expires_at FROM nodes WHERE expires_at > 0 ORDER BY number",
  );
  return (request) => {
    const node = nodes.numberOf(request.text());
    live.run(request.number(), node);
    const rows = select.all();
    return [rows.length, ...rows.flatMap((row) => [String(row[0]), integer(row[1])])];
  };
}
