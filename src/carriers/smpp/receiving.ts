import type { Clock } from "../../domain/clock.ts";
import type { CarrierId } from "../../domain/ids.ts";
import type { InboundPart } from "../../domain/inbound.ts";
import type { LogFields, Logger } from "../../domain/logger.ts";
import type { Metrics } from "../../domain/metrics.ts";
import { PacedLine } from "../../domain/paced-line.ts";
import type { Receipt } from "../../domain/receipt.ts";
import type { SmppConnection } from "../../smpp/net/smpp-connection.ts";
import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import { isDeliveryReceipt } from "../../smpp/pdu/esm-class.ts";
import type { IncomingRequest } from "../../smpp/session/incoming-request.ts";
import type { CarrierEvents } from "../carrier.ts";
import type { DeliveredPdu } from "./delivered-pdu.ts";
import { readInbound } from "./read-inbound.ts";
import { isReceipt, readReceipt } from "./read-receipt.ts";
import type { ReceivingSettings } from "./smpp-settings.ts";

/** What reading from a carrier needs. */
export interface ReceivingDeps {
  readonly id: CarrierId;
  readonly name: string;
  readonly settings: ReceivingSettings;
  readonly events: CarrierEvents;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Requests that share one answer, and what is to be stored before it is given. */
interface Batch<Fact> {
  readonly requests: IncomingRequest[];
  readonly facts: Fact[];
}

const { ESME_ROK, ESME_RINVMSGLEN, ESME_RX_P_APPN, ESME_RX_T_APPN } = COMMAND_STATUS;

/**
 * Takes what a carrier delivers. All receipts of one read of the socket are stored together, and all messages from handsets;
 * they are acknowledged when that is committed (promise P2). When it cannot be, the carrier is told to come again.
 */
export class Receiving {
  readonly #deps: ReceivingDeps;
  /** A carrier that gets no acknowledgement brings the same again at once. */
  readonly #leftLine: PacedLine;
  readonly #unreadableLines: Readonly<Record<"receipt" | "message", PacedLine>>;

  constructor(deps: ReceivingDeps) {
    const { monotonicMs } = deps;
    this.#deps = deps;
    this.#leftLine = new PacedLine(monotonicMs);
    this.#unreadableLines = { receipt: new PacedLine(monotonicMs), message: new PacedLine(monotonicMs) };
  }

  /** Handles the requests of one read; their answers go out by and by. */
  take<Context>(requests: readonly IncomingRequest[], connection: SmppConnection<Context>): void {
    const receipts: Batch<Receipt> = { requests: [], facts: [] };
    const inbound: Batch<InboundPart> = { requests: [], facts: [] };
    for (const request of requests) {
      const { pdu, flaws } = request;
      if (pdu.command !== "deliver_sm" && pdu.command !== "data_sm") continue;
      for (const flaw of flaws) this.#count("msgbin_carrier_flaws_total", { flaw });
      try {
        if (isReceipt(pdu, this.#deps.settings)) this.#takeReceipt(request, pdu, receipts, connection);
        else this.#takeInbound(request, pdu, inbound, connection);
      } catch (error) {
        // Refused for good: brought again it would fail again, and nothing else of this read may suffer from it.
        this.#unreadable(isDeliveryReceipt(pdu.esmClass) ? "receipt" : "message", { error: wordsOf(error) });
        connection.answer(request, ESME_RX_P_APPN);
      }
    }
    const { events } = this.#deps;
    if (receipts.facts.length > 0)
      void this.#answerAfter(() => events.onReceipts(receipts.facts), receipts.requests, connection);
    if (inbound.facts.length > 0)
      void this.#answerAfter(() => events.onInbound(inbound.facts), inbound.requests, connection);
  }

  #takeReceipt<Context>(
    request: IncomingRequest,
    pdu: DeliveredPdu,
    batch: Batch<Receipt>,
    connection: SmppConnection<Context>,
  ): void {
    const { settings, id, clock } = this.#deps;
    const receipt = readReceipt(pdu, settings, id, clock.now());
    if (receipt === null) {
      // It names no message and never will: refusing it would only bring it back.
      this.#unreadable("receipt");
      connection.answer(request, ESME_ROK);
      return;
    }
    batch.requests.push(request);
    batch.facts.push(receipt);
  }

  #takeInbound<Context>(
    request: IncomingRequest,
    pdu: DeliveredPdu,
    batch: Batch<InboundPart>,
    connection: SmppConnection<Context>,
  ): void {
    const part = readInbound(pdu, this.#deps.settings, this.#deps.id);
    if (part === null) {
      this.#unreadable("message");
      connection.answer(request, ESME_RINVMSGLEN);
      return;
    }
    batch.requests.push(request);
    batch.facts.push(part);
  }

  /** Answers all of a batch by whether it could be stored; never rejects. */
  async #answerAfter<Context>(
    store: () => Promise<void>,
    requests: readonly IncomingRequest[],
    connection: SmppConnection<Context>,
  ): Promise<void> {
    let status: number = ESME_ROK;
    try {
      await store();
    } catch (error) {
      status = ESME_RX_T_APPN;
      this.#logLeft(requests.length, wordsOf(error));
    }
    for (const request of requests) connection.answer(request, status);
  }

  #logLeft(requests: number, error: string): void {
    const { logger, name } = this.#deps;
    this.#leftLine.happened(
      (count) =>
        logger.warn({ carrier: name, count, error }, "left with the carrier what could not be stored"),
      requests,
    );
  }

  #unreadable(kind: "receipt" | "message", facts: LogFields = {}): void {
    const { logger, name } = this.#deps;
    this.#count("msgbin_carrier_unreadable_total", { kind });
    this.#unreadableLines[kind].happened((count) =>
      logger.warn({ carrier: name, kind, count, ...facts }, "the carrier delivered what cannot be read"),
    );
  }

  #count(name: string, labels: Readonly<Record<string, string>>): void {
    this.#deps.metrics.count(name, { carrier: this.#deps.name, ...labels });
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
