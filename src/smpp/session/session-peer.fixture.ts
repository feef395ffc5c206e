import { encodePdu } from "../pdu/encode-pdu.ts";
import { deliverSm, submitSm } from "../pdu/pdu-defaults.ts";
import { PduFramer } from "../pdu/pdu-framer.ts";
import type { BindRequestBody, Pdu, PduBody } from "../pdu/pdu.ts";
import { NO_TLVS } from "../pdu/tlv.ts";
import type { CloseReason } from "./close-reason.ts";
import type { IncomingRequest } from "./incoming-request.ts";
import type { RequestOutcome } from "./request-outcome.ts";
import { DEFAULT_SESSION_OPTIONS, type SessionOptions, type SessionRole } from "./session-options.ts";
import { SmppSession } from "./smpp-session.ts";

export const SUBMIT = submitSm({ destination: { ton: 1, npi: 1, address: "46701234567" } });
export const DELIVER = deliverSm({ source: { ton: 1, npi: 1, address: "46701234567" } });

/** A bind request with the credentials that do not matter. */
export function bindBody(command: BindRequestBody["command"] = "bind_transceiver"): BindRequestBody {
  const credentials = { systemId: "msgbin", password: "secret", systemType: "" };
  return {
    command,
    ...credentials,
    interfaceVersion: 0x34,
    addressTon: 0,
    addressNpi: 0,
    addressRange: "",
    tlvs: NO_TLVS,
  };
}

/** A PDU that is a header only. */
export function header(
  command: "enquire_link" | "enquire_link_resp" | "unbind" | "unbind_resp" | "generic_nack",
): PduBody {
  return { command, tlvs: NO_TLVS };
}

/** A session under test with a hand on its clock and on its peer: says PDUs to it and collects all that comes out. */
export class SessionPeer {
  readonly session: SmppSession<string>;
  nowMs = 1_000;
  mayWrite = true;
  readonly requests: IncomingRequest[] = [];
  readonly outcomes: RequestOutcome<string>[] = [];
  closed: CloseReason | undefined;
  boundTo: string | undefined;
  bindRequests = 0;
  readonly #framer = new PduFramer();

  constructor(role: SessionRole, options: Partial<SessionOptions> = {}) {
    this.session = new SmppSession(role, { ...DEFAULT_SESSION_OPTIONS, ...options }, this.nowMs);
  }

  /** The peer says this; answers are what the session writes then. */
  says(body: PduBody, sequence: number, commandStatus = 0): readonly Pdu[] {
    return this.sends(encodePdu({ ...body, sequence, commandStatus }));
  }

  sends(bytes: Uint8Array): readonly Pdu[] {
    this.session.receive(bytes, this.nowMs);
    return this.written();
  }

  /** Lets time pass up to and through every deadline in between. */
  passes(ms: number): readonly Pdu[] {
    const untilMs = this.nowMs + ms;
    const pdus: Pdu[] = [];
    for (let at = this.session.nextDeadlineMs(); at <= untilMs; at = this.session.nextDeadlineMs()) {
      this.nowMs = Math.max(at, this.nowMs);
      this.session.tick(this.nowMs);
      pdus.push(...this.written());
    }
    this.nowMs = untilMs;
    return pdus;
  }

  /** What goes to the socket now, decoded; takes the actions too. */
  written(): readonly Pdu[] {
    this.#framer.push(this.session.takeBytes(this.mayWrite, this.nowMs));
    const pdus: Pdu[] = [];
    for (let result = this.#framer.next(); result !== undefined; result = this.#framer.next()) {
      if (!result.ok) throw new Error(`the session wrote garbage: ${result.error.message}`);
      pdus.push(result.pdu);
    }
    this.#takeActions();
    return pdus;
  }

  #takeActions(): void {
    const actions = this.session.takeActions();
    if (actions === undefined) return;
    this.boundTo = actions.bound?.systemId ?? this.boundTo;
    if (actions.bindRequest !== undefined) this.bindRequests++;
    this.outcomes.push(...actions.outcomes);
    this.requests.push(...actions.requests);
    this.closed = actions.closed ?? this.closed;
  }

  submits(...contexts: readonly string[]): void {
    for (const context of contexts) {
      const result = this.session.request(SUBMIT, context, this.nowMs);
      if (!result.ok) throw new Error(`${context} refused: ${result.reason}`);
    }
  }
}

/** A client whose bind has sequence number 1 and is accepted. */
export function boundEsme(
  options: Partial<SessionOptions> = {},
  command: BindRequestBody["command"] = "bind_transceiver",
): SessionPeer {
  const peer = new SessionPeer("esme", options);
  peer.session.bind(bindBody(command), peer.nowMs);
  peer.written();
  const sequence = options.firstSequence ?? 1;
  peer.says({ command: `${command}_resp`, systemId: "SMSC", tlvs: NO_TLVS }, sequence);
  return peer;
}

/** A server whose client has bound. */
export function boundSmsc(
  options: Partial<SessionOptions> = {},
  command: BindRequestBody["command"] = "bind_transceiver",
): SessionPeer {
  const peer = new SessionPeer("smsc", options);
  peer.says(bindBody(command), 1);
  peer.session.acceptBind({ systemId: "msgbin", tlvs: NO_TLVS }, peer.nowMs);
  peer.written();
  return peer;
}

/** The answer to a submit_sm. */
export function submitted(messageId: string): PduBody {
  return { command: "submit_sm_resp", messageId, tlvs: NO_TLVS };
}
