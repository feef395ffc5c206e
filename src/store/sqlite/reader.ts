import type { Connection } from "./connection.ts";
import { directoryReads } from "./read-directory.ts";
import { findGatherings } from "./find-gatherings.ts";
import { heldTargets } from "./held-targets.ts";
import { leasedTargets } from "./leased-targets.ts";
import { leftoverCarriers } from "./leftover-carriers.ts";
import { listAudit } from "./audit-log.ts";
import { listAttempts } from "./list-attempts.ts";
import { listEvents } from "./list-events.ts";
import { readRecount } from "./read-recount.ts";
import { retentionCustomers } from "./retention-customers.ts";
import { optOutReads } from "./read-opt-outs.ts";
import { numberReads } from "./read-numbers.ts";
import {
  findIdempotent,
  getMessage,
  getMessageDeletedToo,
  getTrails,
  listMessages,
} from "./read-messages.ts";
import { dueEndpoints, nextDeliveryAt, nextDueAt, queueDepths } from "./read-queue.ts";
import { searchMessages } from "./search-messages.ts";
import { type OperationFailure, toFailure } from "./sqlite-failure.ts";
import { type Wire, WireReader } from "./wire.ts";
import type { PileResult } from "./writer.ts";
import type { Operation } from "./writer-context.ts";

/** Runs reads, each by itself: one that fails fails alone. */
export class Reader {
  readonly #connection: Connection;
  readonly #operations: ReadonlyMap<string, Operation>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#operations = new Map(
      Object.entries({
        getMessage: getMessage(connection),
        getMessageDeletedToo: getMessageDeletedToo(connection),
        getTrails: getTrails(connection),
        listMessages: listMessages(connection),
        findIdempotent: findIdempotent(connection),
        leasedTargets: leasedTargets(connection),
        heldTargets: heldTargets(connection),
        nextDueAt: nextDueAt(connection),
        queueDepths: queueDepths(connection),
        leftoverCarriers: leftoverCarriers(connection),
        dueEndpoints: dueEndpoints(connection),
        nextDeliveryAt: nextDeliveryAt(connection),
        searchMessages: searchMessages(connection),
        recount: readRecount(connection),
        listAttempts: listAttempts(connection),
        listEvents: listEvents(connection),
        listAudit: listAudit(connection),
        findGatherings: findGatherings(connection),
        retentionCustomers: retentionCustomers(connection),
        ...directoryReads(connection),
        ...numberReads(connection),
        ...optOutReads(connection),
      }),
    );
  }

  run(pile: readonly Wire[], begins: (index: number) => void): PileResult {
    const failures: OperationFailure[] = [];
    const answers = pile.map((wire, index) => {
      begins(index);
      try {
        return this.#operate(wire);
      } catch (error) {
        failures.push(toFailure(index, error));
        return null;
      }
    });
    return { answers, failures, wakes: [] };
  }

  close(): void {
    this.#connection.close();
  }

  #operate(wire: Wire): Wire {
    const request = new WireReader(wire);
    const operation = this.#operations.get(request.text());
    if (operation === undefined) throw new Error(`no operation ${String(wire[0])}`);
    return operation(request);
  }
}
