import type { CarrierId, NodeId } from "../../domain/ids.ts";
import { type Micros, micros } from "../../domain/micros.ts";
import type { BindLease, LeaseAnswer, LeaseRequest, NodeLife } from "../leasing.ts";
import { numbers } from "./array-literals.ts";
import { Wakes } from "./wakes.ts";
import type { WriterContext } from "./writer-context.ts";

export const LEASE_SQL = {
  /** One node at a time looks at a carrier's slots: two that start at once do not both take one. */
  lock: { name: "leases_lock", text: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))" },
  select: {
    name: "leases_select",
    text: "SELECT bind, node, epoch, expires_at, up_at, said_by FROM bind_leases WHERE carrier_id = $1 ORDER BY bind",
  },
  put: {
    name: "leases_put",
    text: `
    INSERT INTO bind_leases (carrier_id, bind, node, epoch, expires_at, up_at, said_by)
    SELECT $1, u.bind, $2, u.epoch, $3, $6, $2 FROM unnest($4::integer[], $5::bigint[]) AS u (bind, epoch)
    ON CONFLICT (carrier_id, bind) DO UPDATE
      SET node = excluded.node, epoch = excluded.epoch, expires_at = excluded.expires_at,
        up_at = greatest(bind_leases.up_at, excluded.up_at), said_by = excluded.said_by`,
  },
  letGo: {
    name: "leases_let_go",
    text: "UPDATE bind_leases SET node = NULL WHERE carrier_id = $1 AND node = $2 AND bind = ANY ($3::integer[])",
  },
  letAllGo: { name: "leases_let_all_go", text: "UPDATE bind_leases SET node = NULL WHERE node = $1" },
  die: { name: "node_die", text: "DELETE FROM nodes WHERE node = $1" },
  live: {
    name: "node_live",
    text: `
    INSERT INTO nodes (node, expires_at) VALUES ($1, $2)
    ON CONFLICT (node) DO UPDATE SET expires_at = excluded.expires_at`,
  },
  /** Nodes that died long ago; whatever they had is recovered by those that live. */
  forget: { name: "nodes_forget", text: "DELETE FROM nodes WHERE expires_at < $1" },
  lives: { name: "nodes_lives", text: "SELECT node, expires_at FROM nodes ORDER BY node" },
} as const;

const FORGET_NODES_AFTER = 24 * 60 * 60 * 1_000_000;

interface SlotRow {
  readonly bind: number;
  readonly node: string | null;
  readonly epoch: number;
  readonly expires_at: number;
  readonly up_at: number | null;
  readonly said_by: string | null;
}

interface LifeRow {
  readonly node: string;
  readonly expires_at: number;
}

/** Renews the node's slots and takes free ones up to `want` (promise P6: a slot is one node's, told by its epoch). */
export async function leaseBinds(
  { database, tell }: WriterContext,
  request: LeaseRequest,
): Promise<LeaseAnswer> {
  const { carrierId, slots, want, node, now, expiresAt, upAt } = request;
  const { tooMany, answer } = await database.keep(async (session) => {
    await session.rows(LEASE_SQL.lock, [`bind_leases ${carrierId}`]);
    const rows = await session.rows<SlotRow>(LEASE_SQL.select, [carrierId]);
    const bySlot = new Map(rows.map((row) => [row.bind, row]));
    const binds = Array.from({ length: slots }, (_, bind) => bind);
    const own = binds.filter((bind) => bySlot.get(bind)?.node === node);
    const free = binds.filter((bind) => !own.includes(bind) && isFree(bySlot.get(bind), now));
    const held = [...own, ...free].slice(0, want).toSorted((a, b) => a - b);
    const leases = held.map((bind): BindLease => {
      const epoch = epochOf(bySlot.get(bind), own.includes(bind));
      return { carrierId, bind, node, epoch, expiresAt };
    });
    const tooMany = rows
      .filter((row) => row.node === node && !held.includes(row.bind))
      .map(({ bind }) => bind);
    if (tooMany.length > 0) await session.run(LEASE_SQL.letGo, [carrierId, node, numbers(tooMany)]);
    const epochs = numbers(leases.map(({ epoch }) => epoch));
    if (held.length > 0)
      await session.run(LEASE_SQL.put, [carrierId, node, expiresAt, numbers(held), epochs, upAt]);
    return { tooMany, answer: { leases, upElsewhereAt: upElsewhereAt(rows, request) } };
  });
  if (tooMany.length > 0) tellOthers(tell);
  return answer;
}

function upElsewhereAt(rows: readonly SlotRow[], { slots, node, now }: LeaseRequest): Micros | null {
  const others = rows.filter((row) => row.bind < slots && row.node !== node);
  const times = others.map((row) => (isSilent(row, now) ? now : row.up_at)).filter((at) => at !== null);
  return times.length === 0 ? null : micros(Math.max(...times));
}

/** Whether the slot's holder is of the version that says nothing of lanes; what the row has was said by one before it. */
function isSilent(row: SlotRow, now: Micros): boolean {
  return !isFree(row, now) && row.said_by !== row.node;
}

function isFree(row: SlotRow | undefined, now: number): boolean {
  return row === undefined || row.node === null || row.expires_at <= now;
}

function epochOf(row: SlotRow | undefined, isOwn: boolean): number {
  return row === undefined ? 1 : row.epoch + (isOwn ? 0 : 1);
}

/** Lets go of slots; with no carrier named, of all of them and of life itself. Others are told, so that they need not wait. */
export async function releaseBinds(
  { database, tell }: WriterContext,
  node: NodeId,
  binds: { readonly carrierId: CarrierId; readonly slots: readonly number[] } | null,
): Promise<void> {
  await database.keep(async (session) => {
    if (binds === null) {
      await session.run(LEASE_SQL.letAllGo, [node]);
      await session.run(LEASE_SQL.die, [node]);
    } else {
      await session.run(LEASE_SQL.letGo, [binds.carrierId, node, numbers(binds.slots)]);
    }
  });
  tellOthers(tell);
}

/** Bind slots are free. */
function tellOthers(tell: WriterContext["tell"]): void {
  const wakes = new Wakes();
  wakes.leases();
  tell(wakes);
}

/** Notes that a node lives, and answers until when each does. */
export function heartbeat(
  { database }: WriterContext,
  node: NodeId,
  now: Micros,
  expiresAt: Micros,
): Promise<NodeLife[]> {
  return database.keep(async (session) => {
    await session.run(LEASE_SQL.live, [node, expiresAt]);
    await session.run(LEASE_SQL.forget, [now - FORGET_NODES_AFTER]);
    const rows = await session.rows<LifeRow>(LEASE_SQL.lives, []);
    return rows.map((row) => ({ node: row.node as NodeId, expiresAt: micros(row.expires_at) })); // heartbeats wrote them
  });
}
