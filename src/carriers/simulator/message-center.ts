import type { CarrierId } from "../../domain/ids.ts";
import type { InboundPart } from "../../domain/inbound.ts";
import { countSeptets, DEFAULT_ALPHABET } from "../../gsm/alphabet.ts";
import { readDataCoding } from "../../gsm/data-coding.ts";
import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import { TLV_TABLE } from "../../smpp/pdu/tlv-table.ts";
import type { IncomingRequest } from "../../smpp/session/incoming-request.ts";
import { readInbound } from "../smpp/read-inbound.ts";
import { answerRefused, answerTaken } from "./answers.ts";
import type { Behaviours } from "./behaviours.ts";
import type { Counters } from "./counters.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Handsets } from "./handsets.ts";
import { type Ending, fateOf, type Taking } from "./magic-numbers.ts";
import type { MessageId, MessageIds } from "./message-ids.ts";
import { type PlannedReceipt, planReceipts } from "./receipt-plan.ts";
import { receiptBody } from "./receipt-writer.ts";
import { RepeatedRefusals } from "./repeated-refusals.ts";
import type { Schedule } from "./schedule.ts";
import type { SimulatedBind } from "./simulated-bind.ts";
import type { SubmitEntry } from "./submit-log.ts";
import { refusalOf, type SubmittedPdu } from "./submit-refusals.ts";

/** What a message centre works with. */
export interface MessageCenterDeps {
  readonly behaviours: () => Behaviours;
  readonly schedule: Schedule;
  readonly counters: Counters;
  readonly deliveries: Deliveries;
  readonly handsets: Handsets;
  readonly ids: MessageIds;
  /** Keeps what came, before it is answered. */
  readonly note: (entry: Omit<SubmitEntry, "number">) => void;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
  readonly random: () => number;
  /** Told of a request that could not be dealt with at all. */
  readonly onFault: (error: unknown) => void;
}

/** A submit_sm or data_sm with what is needed to deal with it. */
interface Submission {
  readonly bind: SimulatedBind;
  readonly request: IncomingRequest;
  readonly pdu: SubmittedPdu;
  readonly registeredDelivery: number;
  readonly part: InboundPart;
}

/** Handsets are behind this carrier, as their reading wants to know. */
const SIMULATED_CARRIER = "00000000-0000-0000-0000-000000000000" as CarrierId;
/** An answer goes out before what is asked of the session in the same turn: an early receipt needs a head start. */
const EARLY_RECEIPT_MS = 20;
const DROP_MS = 5;

const {
  ESME_ROK,
  ESME_RINVCMDID,
  ESME_RSYSERR,
  ESME_RTHROTTLED,
  ESME_RQUERYFAIL,
  ESME_RCANCELFAIL,
  ESME_RREPLACEFAIL,
} = COMMAND_STATUS;

/** Takes messages as an SMSC does: refuses or takes, brings to the handset, reports what became of it. */
export class MessageCenter {
  readonly #deps: MessageCenterDeps;
  readonly #repeated = new RepeatedRefusals();

  constructor(deps: MessageCenterDeps) {
    this.#deps = deps;
  }

  /** Deals with all requests of one read of a client's socket. */
  take(bind: SimulatedBind, requests: readonly IncomingRequest[]): void {
    const { counters } = this.#deps;
    const unanswered = bind.connection.unansweredRequests;
    counters.widestWindow = Math.max(counters.widestWindow, unanswered);
    let rank = unanswered - requests.length;
    for (const request of requests) {
      if (bind.isDropped) return;
      rank++;
      try {
        this.#takeRequest(bind, request, rank);
      } catch (error) {
        // Whatever one client says, the others' messages go on.
        counters.requestsUnreadable++;
        this.#deps.onFault(error);
        bind.connection.answer(request, ESME_RSYSERR);
      }
    }
  }

  #takeRequest(bind: SimulatedBind, request: IncomingRequest, rank: number): void {
    const { pdu } = request;
    switch (pdu.command) {
      case "submit_sm":
      case "data_sm":
        return this.#takeSubmit(bind, request, pdu, pdu.registeredDelivery, rank);
      case "query_sm":
        return void bind.connection.answer(request, ESME_RQUERYFAIL);
      case "cancel_sm":
        return void bind.connection.answer(request, ESME_RCANCELFAIL);
      case "replace_sm":
        return void bind.connection.answer(request, ESME_RREPLACEFAIL);
      case "submit_multi":
      case "deliver_sm":
      case "alert_notification":
      case "outbind":
        return void bind.connection.answer(request, ESME_RINVCMDID);
      default:
        return pdu satisfies never;
    }
  }

  #takeSubmit(
    bind: SimulatedBind,
    request: IncomingRequest,
    pdu: SubmittedPdu,
    registeredDelivery: number,
    rank: number,
  ): void {
    const behaviours = this.#deps.behaviours();
    const { taking, ending } = fateOf(pdu.destination.address);
    bind.submits++;
    this.#deps.counters.submits++;
    const submission = { bind, request, pdu, registeredDelivery, part: this.#read(pdu, behaviours) };
    const status = this.#refusal(submission, rank, taking, behaviours);
    if (status !== ESME_ROK) return this.#refuse(submission, status, taking, behaviours);
    if (taking.kind === "dropped" || isEvery(bind.submits, behaviours.dropAfter))
      return this.#drop(submission);
    this.#accept(submission, taking, ending, behaviours);
    if (taking.kind === "unbound" || isEvery(bind.submits, behaviours.unbindAfter)) bind.connection.unbind();
  }

  #read(pdu: SubmittedPdu, behaviours: Behaviours): InboundPart {
    const { alphabet, packing, sar } = behaviours;
    const tlvs = sar === "join" ? pdu.tlvs : pdu.tlvs.filter(({ tag }) => !SAR_TAGS.has(tag));
    const part = readInbound({ ...pdu, tlvs }, { profile: { alphabet, packing } }, SIMULATED_CARRIER);
    if (part === null) return NOTHING_READ;
    // On its way to the handset the text is converted, and what the GSM alphabet lacks is lost.
    return alphabet === "latin1" && part.encoding === "latin1" ? { ...part, text: asGsm(part.text) } : part;
  }

  #refusal({ bind, pdu }: Submission, rank: number, taking: Taking, behaviours: Behaviours): number {
    const { windowLimit, windowStatus, errorPercent, errorStatus } = behaviours;
    if (windowLimit !== null && rank > windowLimit) return windowStatus;
    if (!this.#isWithinPace(bind, behaviours.tps)) return ESME_RTHROTTLED;
    const refusal = refusalOf(pdu, behaviours);
    if (refusal !== ESME_ROK) return refusal;
    if (errorPercent > 0 && this.#deps.random() * 100 < errorPercent) return errorStatus;
    if (taking.kind !== "refused") return ESME_ROK;
    return taking.times === null || this.#repeated.isDue(pdu, taking.times) ? taking.commandStatus : ESME_ROK;
  }

  #isWithinPace({ account }: SimulatedBind, tps: number | null): boolean {
    if (tps === null) return true;
    const second = Math.floor(this.#deps.monotonicMs() / 1_000);
    if (account.second !== second) {
      account.second = second;
      account.submitsThisSecond = 0;
    }
    account.submitsThisSecond++;
    return account.submitsThisSecond <= tps;
  }

  #refuse(submission: Submission, status: number, taking: Taking, behaviours: Behaviours): void {
    const { bind, request } = submission;
    this.#deps.counters.submitsRefused++;
    this.#note(submission, status, null);
    const asNack = behaviours.errorAs === "nack" || (taking.kind === "refused" && taking.asNack === true);
    this.#answerAfter(this.#answerDelayMs(behaviours), () =>
      answerRefused(bind, request, status, asNack, behaviours),
    );
  }

  #drop(submission: Submission): void {
    this.#deps.counters.submitsUnanswered++;
    this.#note(submission, null, null);
    const { bind } = submission;
    bind.isDropped = true;
    // Answers to what came before are still on their way to the socket.
    this.#answerAfter(DROP_MS, () => bind.connection.destroy());
  }

  #accept(submission: Submission, taking: Taking, ending: Ending, behaviours: Behaviours): void {
    const { counters, ids, handsets, monotonicMs } = this.#deps;
    const { bind, request, part, pdu } = submission;
    const id = ids.next(behaviours);
    const isAnswered = taking.kind !== "unanswered" && !behaviours.silent;
    if (isAnswered) counters.submitsTaken++;
    else counters.submitsUnanswered++;
    this.#note(submission, isAnswered ? ESME_ROK : null, isAnswered ? id.response : null);
    if (ending.state === "DELIVERED")
      handsets.receive(part, readDataCoding(pdu.dataCoding).messageClass === 0, monotonicMs());
    const isEarly = ending.receipt === "before-response" || behaviours.receiptOrder === "before-response";
    if (isEarly) this.#sendReceipts(submission, id, ending, behaviours, 0);
    if (!isAnswered) return isEarly ? undefined : this.#sendReceipts(submission, id, ending, behaviours, 1);
    const withoutId = taking.kind === "taken" && taking.withoutId === true;
    const usualMs =
      taking.kind === "taken" && taking.delayMs !== undefined
        ? taking.delayMs
        : this.#answerDelayMs(behaviours);
    this.#answerAfter(isEarly ? Math.max(usualMs, EARLY_RECEIPT_MS) : usualMs, () => {
      answerTaken(bind, request, id.response, withoutId ? { ...behaviours, okBody: "nul" } : behaviours);
      if (!isEarly) this.#sendReceipts(submission, id, ending, behaviours, 1);
    });
  }

  /** `pace` 0 sends them at once. */
  #sendReceipts(
    submission: Submission,
    id: MessageId,
    ending: Ending,
    behaviours: Behaviours,
    pace: 0 | 1,
  ): void {
    const { random, schedule, wallMs, counters } = this.#deps;
    const { registeredDelivery, part } = submission;
    const submittedAtMs = wallMs();
    const plan = planReceipts(ending, registeredDelivery, part.concatenation, behaviours, random());
    for (const planned of plan) {
      const isScheduled = schedule.after(planned.afterMs * pace, () =>
        this.#sendReceipt(submission, id, planned, submittedAtMs, behaviours),
      );
      if (!isScheduled) counters.deliveriesDropped++;
    }
  }

  #sendReceipt(
    { bind, pdu, part }: Submission,
    id: MessageId,
    { state, stat, err }: PlannedReceipt,
    submittedAtMs: number,
    behaviours: Behaviours,
  ): void {
    const { counters, deliveries, wallMs } = this.#deps;
    counters.receipts++;
    const { source, destination } = pdu;
    const facts = { id, state, err, source, destination, submittedAtMs, doneAtMs: wallMs(), text: part.text };
    const body = receiptBody(stat === undefined ? facts : { ...facts, stat }, behaviours);
    deliveries.deliver({ account: bind.account, body, origin: bind, attempts: 0 });
  }

  #answerDelayMs({ responseDelayMs, responseJitterMs }: Behaviours): number {
    return responseJitterMs === 0
      ? responseDelayMs
      : responseDelayMs + this.#deps.random() * responseJitterMs;
  }

  #answerAfter(delayMs: number, answer: () => void): void {
    if (!this.#deps.schedule.after(delayMs, answer)) answer();
  }

  #note({ bind, pdu, part, registeredDelivery }: Submission, status: number | null, id: string | null): void {
    this.#deps.note({
      atMs: this.#deps.monotonicMs(),
      connection: bind.number,
      systemId: bind.account.systemId,
      source: pdu.source.address,
      destination: pdu.destination.address,
      esmClass: pdu.esmClass,
      dataCoding: pdu.dataCoding,
      registeredDelivery,
      text: part.encoding === "binary" ? part.data : part.text,
      part: part.concatenation,
      commandStatus: status,
      messageId: id,
    });
  }
}

const SAR_TAGS: ReadonlySet<number> = new Set([
  TLV_TABLE.sar_msg_ref_num.tag,
  TLV_TABLE.sar_total_segments.tag,
  TLV_TABLE.sar_segment_seqnum.tag,
]);

/** Stands for a message whose text is in two places: it will be refused. */
const NOTHING_READ: InboundPart = {
  carrierId: SIMULATED_CARRIER,
  source: "",
  destination: "",
  transportId: null,
  encoding: "gsm7",
  text: "",
  data: "",
  udh: "",
  concatenation: null,
};

function isEvery(count: number, period: number | null): boolean {
  return period !== null && count % period === 0;
}

function asGsm(text: string): string {
  return Array.from(text)
    .filter((character) => countSeptets(character, DEFAULT_ALPHABET) >= 0)
    .join("");
}
