import type { Failure } from "../../domain/failure.ts";
import type { CarrierId, CustomerId, MessageId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { Receipt } from "../../domain/receipt.ts";
import type { ReceiptOutcome } from "../receiving-receipts.ts";
import { STATUS_CODES, wordOf } from "./column-codes.ts";
import type { Wire, WireReader } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

export function encodeReceipts(receipts: readonly Receipt[]): Wire {
  const wire: Wire = ["applyReceipts", receipts.length];
  for (const { carrierId, keys, destination, state, failure, at, words } of receipts) {
    wire.push(carrierId, keys.length, ...keys, destination, state);
    wire.push(failure === null ? null : JSON.stringify(failure), at, words);
  }
  return wire;
}

export function decodeReceiptOutcomes(answer: WireReader): ReceiptOutcome[] {
  return answer.list((item): ReceiptOutcome => {
    const code = item.number();
    if (code === NOTED) return { kind: "noted" };
    if (code === PARKED) return { kind: "parked" };
    return {
      kind: "applied",
      status: wordOf(STATUS_CODES, code),
      customerId: item.text() as CustomerId, // the outcome's own
      messageId: item.text() as MessageId, // the same
      sentAt: micros(item.number()),
    };
  });
}

const NOTED = -1;
const PARKED = -2;

/** Applies receipts in order. */
export function applyReceipts({ receipts }: WriterContext): Operation {
  return (request) => {
    const count = request.number();
    const answer: Wire = [count];
    for (let index = 0; index < count; index++) writeOutcome(answer, receipts.receive(readReceipt(request)));
    return answer;
  };
}

function readReceipt(request: WireReader): Receipt {
  const carrierId = request.text() as CarrierId; // encodeReceipts wrote it
  const keys = request.list((item) => item.text());
  const destination = request.text();
  const state = request.text() as Receipt["state"]; // encodeReceipts wrote it
  const failure = request.textOrNull();
  return {
    carrierId,
    keys,
    destination,
    state,
    failure: failure === null ? null : (JSON.parse(failure) as Failure), // encodeReceipts wrote it
    at: micros(request.number()),
    words: request.text(),
  };
}

function writeOutcome(answer: Wire, outcome: ReceiptOutcome): void {
  switch (outcome.kind) {
    case "applied":
      answer.push(STATUS_CODES[outcome.status], outcome.customerId, outcome.messageId, outcome.sentAt);
      return;
    case "noted":
      answer.push(NOTED);
      return;
    case "parked":
      answer.push(PARKED);
      return;
  }
}
