import type { Failure } from "../../domain/failure.ts";
import type { TargetStatus } from "../../domain/target-status.ts";
import type { TrailEntry } from "../../domain/trail.ts";
import { APPENDED_TRAIL } from "./appended-trail.ts";
import { ids, numbers, texts } from "./array-literals.ts";
import { STATUS_CODES, wordOf } from "./column-codes.ts";
import type { Session } from "./connection.ts";

/** Names a target. */
export interface TargetRef {
  readonly customerId: string;
  readonly messageId: string;
  readonly n: number;
}

/** A target as it is now, changes of this transaction included. */
export interface TargetState {
  readonly ref: TargetRef;
  readonly status: TargetStatus;
  readonly parts: number;
  readonly partStates: string;
  readonly destination: string;
  /** The carrier that has it; null when it was settled at acceptance. */
  readonly carrierId: string | null;
  /** Whether nothing that a client can see has changed since it was accepted. */
  readonly isAsAccepted: boolean;
}

/** What to write of a target; a key that is absent leaves the column as it is. */
export interface TargetChange {
  readonly status?: TargetStatus;
  readonly parts?: number;
  readonly partStates?: string;
  readonly carrierId?: string;
  readonly failure?: Failure | null;
  /** Absent when nothing changed that a client can see. */
  readonly tmUpdate?: number;
  readonly trail: string;
}

interface Held {
  state: TargetState;
  failure: Failure | null;
  tmUpdate: number | null;
  trail: string;
  isChanged: boolean;
}

export const TARGET_ROWS_SQL = {
  /**
   * Locks in the order of the key, so that nobody waits for a waiting one. A message's target 0 is locked with any of the
   * others: it stands for the message, whose events are then written by one transaction at a time.
   */
  lock: {
    name: "targets_lock",
    text: `
    SELECT t.customer_id, t.message_id, t.n, t.status, t.parts, t.part_states, t.destination, t.carrier_id,
      t.tm_update IS NULL AS as_accepted
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS u (c, m, n)
      JOIN targets t ON t.customer_id = u.c AND t.message_id = u.m AND t.n = u.n
    ORDER BY t.customer_id, t.message_id, t.n FOR NO KEY UPDATE OF t`,
  },
  write: {
    name: "targets_write",
    text: `
    UPDATE targets t SET trail = ${APPENDED_TRAIL}, status = u.status, parts = u.parts, part_states = u.part_states,
      carrier_id = u.carrier_id, failure = coalesce(u.failure, t.failure), tm_update = coalesce(u.tm_update, t.tm_update)
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::smallint[], $6::integer[], $7::text[], $8::uuid[],
      $9::text[], $10::bigint[]) AS u (c, m, n, trail, status, parts, part_states, carrier_id, failure, tm_update)
    WHERE t.customer_id = u.c AND t.message_id = u.m AND t.n = u.n`,
  },
} as const;

interface LockedRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly n: number;
  readonly status: number;
  readonly parts: number;
  readonly part_states: string;
  readonly destination: string;
  readonly carrier_id: string | null;
  readonly as_accepted: boolean;
}

/** The targets that a transaction changes: locked and read at once, changed in memory, written at once. */
export class TargetRows {
  readonly #session: Session;
  readonly #held = new Map<string, Held>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Locks and reads targets that are not held yet. Before anything else of them is locked: queue rows, events, deliveries. */
  async hold(refs: Iterable<TargetRef>): Promise<void> {
    const wanted = new Map<string, TargetRef>();
    for (const ref of refs) {
      const first = { ...ref, n: 0 };
      for (const one of ref.n === 0 ? [ref] : [first, ref]) {
        const place = placeOf(one);
        if (!this.#held.has(place)) wanted.set(place, one);
      }
    }
    if (wanted.size === 0) return;
    const all = [...wanted.values()];
    const rows = await this.#session.rows<LockedRow>(TARGET_ROWS_SQL.lock, keyColumns(all));
    for (const row of rows) {
      const state = stateOf(row);
      const held = { state, failure: null, tmUpdate: null, trail: "", isChanged: false };
      this.#held.set(placeOf(state.ref), held);
    }
  }

  /** The target as it is now; undefined when there is none. It must be held. */
  read(ref: TargetRef): TargetState | undefined {
    return this.#held.get(placeOf(ref))?.state;
  }

  write(ref: TargetRef, change: TargetChange): void {
    const held = this.#held.get(placeOf(ref));
    if (held === undefined) return;
    const { status, parts, partStates, carrierId, isAsAccepted } = held.state;
    held.state = {
      ...held.state,
      status: change.status ?? status,
      parts: change.parts ?? parts,
      partStates: change.partStates ?? partStates,
      carrierId: change.carrierId ?? carrierId,
      isAsAccepted: isAsAccepted && change.tmUpdate === undefined,
    };
    held.failure = change.failure ?? held.failure;
    held.tmUpdate = change.tmUpdate ?? held.tmUpdate;
    if (change.trail !== "") held.trail = held.trail === "" ? change.trail : `${held.trail},${change.trail}`;
    held.isChanged = true;
  }

  note(ref: TargetRef, trail: string): void {
    if (trail !== "") this.write(ref, { trail });
  }

  /** Writes what was changed, with the next statement. What is held stays held. */
  flush(): void {
    const changed = [...this.#held.values()].filter(({ isChanged }) => isChanged);
    if (changed.length === 0) return;
    this.#session.withNext(TARGET_ROWS_SQL.write, [
      ...keyColumns(changed.map(({ state }) => state.ref)),
      texts(changed.map(({ trail }) => trail)),
      numbers(changed.map(({ state }) => STATUS_CODES[state.status])),
      numbers(changed.map(({ state }) => state.parts)),
      texts(changed.map(({ state }) => state.partStates)),
      ids(changed.map(({ state }) => state.carrierId)),
      texts(changed.map(({ failure }) => failureColumn(failure))),
      numbers(changed.map(({ tmUpdate }) => tmUpdate)),
    ]);
    for (const held of changed) {
      held.isChanged = false;
      held.trail = "";
    }
  }
}

/** Three columns that name targets. */
export function keyColumns(refs: readonly TargetRef[]): [string, string, string] {
  return [
    ids(refs.map(({ customerId }) => customerId)),
    ids(refs.map(({ messageId }) => messageId)),
    numbers(refs.map(({ n }) => n)),
  ];
}

/** One text for each target, by which maps know it. */
export function placeOf({ messageId, n }: TargetRef): string {
  return `${messageId} ${n}`;
}

/** A failure as its column keeps it. */
export function failureColumn(failure: Failure | null): string | null {
  return failure === null ? null : JSON.stringify([failure.code, failure.carrierCode, failure.message]);
}

/** Trail entries as the trail's column takes them: JSON objects, comma-separated, without brackets. */
export function trailColumn(entries: readonly TrailEntry[]): string {
  return entries.map((entry) => JSON.stringify(entry)).join(",");
}

function stateOf(row: LockedRow): TargetState {
  return {
    ref: { customerId: row.customer_id, messageId: row.message_id, n: row.n },
    status: wordOf(STATUS_CODES, row.status),
    parts: row.parts,
    partStates: row.part_states,
    destination: row.destination,
    carrierId: row.carrier_id,
    isAsAccepted: row.as_accepted,
  };
}
