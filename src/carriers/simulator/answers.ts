import { COMMAND_ID } from "../../smpp/pdu/command-id.ts";
import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import { encodePdu } from "../../smpp/pdu/encode-pdu.ts";
import type { MessageResponseBody, PduBody } from "../../smpp/pdu/pdu.ts";
import { NO_TLVS } from "../../smpp/pdu/tlv.ts";
import type { IncomingRequest } from "../../smpp/session/incoming-request.ts";
import type { Behaviours } from "./behaviours.ts";
import type { SimulatedBind } from "./simulated-bind.ts";

/** A sequence number that no client has reached. */
const STRAY_SEQUENCE = 0x7ffffffe;
/** Neither a command of SMPP 3.4 nor of 5.0, and no response. */
const UNKNOWN_COMMAND_ID = 0x00000999;
const EMPTY_ID = Uint8Array.of(0);
const NOTHING = new Uint8Array(0);

/** Answers that a message was taken. */
export function answerTaken(
  bind: SimulatedBind,
  request: IncomingRequest,
  messageId: string,
  behaviours: Behaviours,
): void {
  disturb(bind, behaviours);
  const { okBody } = behaviours;
  if (okBody === "id") bind.connection.answer(request, COMMAND_STATUS.ESME_ROK, messageId);
  else respondRaw(bind, request, COMMAND_STATUS.ESME_ROK, okBody === "nul" ? EMPTY_ID : NOTHING);
}

/** Answers that a message was refused. */
export function answerRefused(
  bind: SimulatedBind,
  request: IncomingRequest,
  commandStatus: number,
  asNack: boolean,
  behaviours: Behaviours,
): void {
  disturb(bind, behaviours);
  if (asNack) {
    const nack: PduBody = { command: "generic_nack", tlvs: NO_TLVS };
    respondWith(bind, request, nack, commandStatus);
  } else if (behaviours.errorBody === "nul") respondRaw(bind, request, commandStatus, EMPTY_ID);
  else bind.connection.answer(request, commandStatus);
}

/** Puts before an answer what does not belong there. */
function disturb(bind: SimulatedBind, { strayResponses, unknownCommands }: Behaviours): void {
  if (strayResponses) {
    const body: PduBody = { command: "submit_sm_resp", messageId: "stray", tlvs: NO_TLVS };
    bind.connection.writeRaw(encodePdu({ ...body, commandStatus: 0, sequence: STRAY_SEQUENCE }));
  }
  if (unknownCommands) {
    const body: PduBody = { command: "unknown", commandId: UNKNOWN_COMMAND_ID, body: NOTHING };
    bind.connection.writeRaw(encodePdu({ ...body, commandStatus: 0, sequence: STRAY_SEQUENCE }));
  }
}

function respondRaw(
  bind: SimulatedBind,
  request: IncomingRequest,
  commandStatus: number,
  body: Uint8Array,
): void {
  const commandId = request.pdu.command === "data_sm" ? COMMAND_ID.data_sm_resp : COMMAND_ID.submit_sm_resp;
  respondWith(bind, request, { command: "unknown", commandId, body }, commandStatus);
}

function respondWith(
  bind: SimulatedBind,
  request: IncomingRequest,
  body: PduBody,
  commandStatus: number,
): void {
  // The session writes whatever body it is given under the request's sequence number; only its type says what fits.
  bind.connection.respond(request, body as MessageResponseBody, commandStatus);
}
