import { toAddress } from "../domain/address.ts";
import type { Clock } from "../domain/clock.ts";
import type { EventId, Ids, MessageId } from "../domain/ids.ts";
import { type InboundPart, UNOWNED } from "../domain/inbound.ts";
import { type Logger, maskNumber } from "../domain/logger.ts";
import type { Message } from "../domain/message.ts";
import type { Metrics } from "../domain/metrics.ts";
import { addMs } from "../domain/micros.ts";
import { digitsOf, type OwnedNumber } from "../domain/owned-number.ts";
import { PacedLine } from "../domain/paced-line.ts";
import type { Gathering, InboundStore, KeptPart, Reception } from "../store/gathering.ts";
import { assemble, type Assembled } from "./assemble.ts";
import { createInOrder } from "./in-order.ts";
import type { NumberOwners } from "./number-owners.ts";
import type { OptOuts, Wish } from "./opt-outs.ts";
import { partsTaken } from "./parts-taken.ts";

/** How long parts wait for each other by default; then what is there is shown with its gaps. */
export const GATHERING_TIMEOUT_MS = 10 * 60_000;
const SWEEP_EVERY_MS = 5_000;
const SWEEP_LIMIT = 200;
/** Parts that make one message; the standard's limit, and more is a carrier's mistake. */
const PARTS_MAX = 255;

export interface InboundDependencies {
  readonly store: InboundStore;
  readonly owners: NumberOwners;
  readonly optOuts: OptOuts;
  readonly clock: Clock;
  /** Milliseconds that never step. */
  readonly monotonicMs: () => number;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly gatheringTimeoutMs?: number;
}

/** Takes what handsets send: puts parts together, finds the number's owner, obeys opt-out keywords, stores. */
export interface Inbound {
  /** Resolves when every part is durable, so that the carrier may be told (promise P2). */
  receive(parts: readonly InboundPart[]): Promise<void>;
  /** Begins to look for gatherings whose wait has ended. */
  start(): void;
  stop(): Promise<void>;
}

/** A message about to be stored, with the number it was sent to and what it asks for. */
interface Arrival {
  readonly reception: Reception;
  readonly owner: OwnedNumber | null;
  readonly wish: Wish | null;
}

export function createInbound(dependencies: InboundDependencies): Inbound {
  const { store, owners, optOuts, clock, ids, logger, metrics } = dependencies;
  const timeoutMs = dependencies.gatheringTimeoutMs ?? GATHERING_TIMEOUT_MS;
  /** Holds no more than the binds may leave unanswered, and one sweep. */
  const inOrder = createInOrder();
  const unownedLine = new PacedLine(dependencies.monotonicMs);
  let timer: NodeJS.Timeout | null = null;
  let sweeping: Promise<void> = Promise.resolve();

  async function receive(parts: readonly InboundPart[]): Promise<void> {
    const some = parts.filter(isPartOfMany);
    const completed = some.length === 0 ? Promise.resolve([]) : store.keepParts(some.map(toKeptPart));
    const lastOfLines = new Map(some.map((part) => [lineOf(part), part]));
    // Waited for together: when the store is lost all fail, and a failure that nobody waits for ends the process.
    const obeyed = parts.flatMap((part) => {
      if (!isPartOfMany(part)) return [obey(part, arriveWhole(part))];
      return lastOfLines.get(lineOf(part)) === part ? [obey(part, arriveCompleted(part, completed))] : [];
    });
    await keep((await Promise.all(obeyed)).flat());
  }

  /**
   * Carries out what arrivals of one handset at one number ask for, in the order of its calls: the last word counts, however
   * long the store takes for each. The order of two binds on two nodes stays open.
   */
  function obey(from: Line, arriving: Promise<readonly Arrival[]>): Promise<readonly Arrival[]> {
    return inOrder(lineOf(from), arriving, async (arrivals) => {
      for (const { wish } of arrivals) await wish?.carryOut();
      return arrivals;
    });
  }

  async function arriveWhole(part: InboundPart): Promise<readonly Arrival[]> {
    return [
      await arrive(part, { ...part, parts: partsTaken(part), missingParts: [] }, null, part.transportId),
    ];
  }

  /** Whatever the read completed in the line of its part. */
  async function arriveCompleted(
    part: InboundPart,
    completed: Promise<readonly Gathering[]>,
  ): Promise<readonly Arrival[]> {
    const line = lineOf(part);
    return arriveGathered((await completed).filter((gathering) => lineOf(gathering) === line));
  }

  function toKeptPart(part: InboundPart): KeptPart {
    const { reference, total, sequence } = part.concatenation ?? { reference: 0, total: 1, sequence: 1 };
    const { encoding, text, data, udh } = part;
    const content = { encoding, text, data, udh };
    return {
      carrierId: part.carrierId,
      source: part.source,
      destination: part.destination,
      reference,
      total,
      sequence,
      content,
      at: clock.now(),
    };
  }

  function arriveGathered(gatherings: readonly Gathering[]): Promise<readonly Arrival[]> {
    return Promise.all(
      gatherings.map((gathering) => arrive(gathering, assemble(gathering), gathering, null)),
    );
  }

  async function arrive(
    from: Pick<InboundPart, "carrierId" | "source" | "destination">,
    content: Assembled,
    gathering: Gathering | null,
    transportId: string | null,
  ): Promise<Arrival> {
    const owner = await owners.find(from.destination);
    const message = toMessage(from, content, owner);
    const eventId = ids.at(clock.now()) as EventId; // ids are branded where they are made
    return {
      owner,
      wish: await optOuts.read(message, owner),
      reception: {
        message,
        eventId,
        transportId: transportId === null ? null : { carrierId: from.carrierId, id: transportId },
        gathering,
      },
    };
  }

  function toMessage(
    from: Pick<InboundPart, "source" | "destination">,
    content: Assembled,
    owner: OwnedNumber | null,
  ): Message {
    const now = clock.now();
    const binary = content.encoding === "binary";
    const destination = toAddress({ target: owner?.number ?? from.destination });
    return {
      id: ids.at(now) as MessageId, // ids are branded where they are made
      customerId: owner?.customerId ?? UNOWNED,
      type: "sms",
      direction: "inbound",
      source: toAddress({ target: from.source }),
      text: content.text,
      options: {
        ...(binary && { encoding: "binary" as const, data: content.data }),
        ...(content.udh !== "" && { udh: content.udh }),
        ...(content.missingParts.length > 0 && { missingParts: content.missingParts }),
      },
      targets: [
        { n: 0, destination, status: "received", parts: content.parts, tmUpdate: now, failure: null },
      ],
      tmCreate: now,
      tmUpdate: null,
      tmDelete: null,
    };
  }

  /** Wishes were carried out before: if this process dies between the two commits, the carrier sends the text again. */
  async function keep(arrivals: readonly Arrival[]): Promise<void> {
    if (arrivals.length === 0) return;
    const outcomes = await store.receiveMessages(arrivals.map(({ reception }) => reception));
    for (const [index, outcome] of outcomes.entries()) {
      const owner = arrivals[index]?.owner ?? null;
      const known = outcome.kind === "repeated" ? "repeated" : owner === null ? "unowned" : "received";
      metrics.count("msgbin_inbound_messages_total", { outcome: known });
      if (known === "unowned") logUnowned(arrivals[index]);
      if (outcome.kind === "received") arrivals[index]?.wish?.answer();
    }
  }

  function logUnowned(arrival: Arrival | undefined): void {
    const number = arrival?.reception.message.targets[0]?.destination.target ?? "";
    unownedLine.happened((count) =>
      logger.warn(
        { count, number: maskNumber(number) },
        "a message came for a number that nobody owns; it is kept",
      ),
    );
  }

  async function sweep(): Promise<void> {
    const found = await store.findGatherings(addMs(clock.now(), -timeoutMs), SWEEP_LIMIT);
    if (found.length === 0) return;
    metrics.count("msgbin_inbound_incomplete_total", {}, found.filter(isIncomplete).length);
    // Each by itself: one that cannot be stored holds up no other.
    const kept = await Promise.allSettled(
      found.map(async (gathering) => keep(await obey(gathering, arriveGathered([gathering])))),
    );
    const failures = kept.filter((outcome) => outcome.status === "rejected");
    if (failures.length > 0)
      logger.warn(
        { count: failures.length, error: String(failures[0]?.reason) },
        "messages whose parts had waited could not be stored",
      );
  }

  async function sweepAndGoOn(): Promise<void> {
    try {
      await sweep();
    } catch (error) {
      logger.warn({ error: String(error) }, "parts that wait could not be looked through");
    }
    if (timer !== null) timer = setTimeout(sweepOn, SWEEP_EVERY_MS);
  }

  function sweepOn(): void {
    sweeping = sweepAndGoOn();
  }

  return {
    receive,
    start() {
      timer = setTimeout(sweepOn, 0);
    },
    async stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await sweeping;
    },
  };
}

/** What orders wishes: a handset and a number of ours, as opt-outs know them. */
type Line = Pick<InboundPart, "source" | "destination">;

function lineOf({ source, destination }: Line): string {
  return `${digitsOf(destination)} ${digitsOf(source)}`;
}

function isPartOfMany({ concatenation }: InboundPart): boolean {
  if (concatenation === null) return false;
  const { total, sequence } = concatenation;
  return total > 1 && total <= PARTS_MAX && sequence >= 1 && sequence <= total;
}

function isIncomplete(gathering: Gathering): boolean {
  return gathering.parts.length < gathering.total;
}
