import { describe, expect, it } from "vitest";
import { COMMAND_STATUS } from "../pdu/command-status.ts";
import { hex } from "../pdu/golden-pdus.fixture.ts";
import { NO_TLVS } from "../pdu/tlv.ts";
import {
  bindBody,
  boundEsme,
  boundSmsc,
  DELIVER,
  header,
  SessionPeer,
  SUBMIT,
  submitted,
} from "./session-peer.fixture.ts";
import { DEFAULT_SESSION_OPTIONS, MAX_WINDOW, type SessionOptions } from "./session-options.ts";
import { SmppSession } from "./smpp-session.ts";

const BINDS = [
  ["bind_transmitter", "bound_tx"],
  ["bind_receiver", "bound_rx"],
  ["bind_transceiver", "bound_trx"],
] as const;

describe("a client's bind", () => {
  it.each(BINDS)("by %s makes it %s", (command, state) => {
    const peer = new SessionPeer("esme");
    peer.session.bind(bindBody(command), peer.nowMs);
    expect(peer.written()).toMatchObject([{ command, sequence: 1, systemId: "msgbin" }]);
    expect(peer.session.state).toBe("open");
    peer.says({ command: `${command}_resp`, systemId: "SMSC", tlvs: NO_TLVS }, 1);
    expect(peer.session.state).toBe(state);
    expect(peer.boundTo).toBe("SMSC");
  });

  it("is done without the TLV sc_interface_version, and without a body", () => {
    const peer = new SessionPeer("esme");
    peer.session.bind(bindBody(), peer.nowMs);
    peer.written();
    peer.sends(hex("00000010 80000009 00000000 00000001"));
    expect(peer.session.state).toBe("bound_trx");
    expect(peer.boundTo).toBe("");
  });

  it("counts even when the answer's body is broken", () => {
    const peer = new SessionPeer("esme");
    peer.session.bind(bindBody(), peer.nowMs);
    peer.written();
    peer.sends(hex(`00000060 80000009 00000000 00000001 ${"61".repeat(80)}`));
    expect(peer.session.state).toBe("bound_trx");
  });

  it("that is refused ends the session with the carrier's status", () => {
    const peer = new SessionPeer("esme");
    peer.session.bind(bindBody(), peer.nowMs);
    peer.written();
    peer.says(
      { command: "bind_transceiver_resp", systemId: "", tlvs: NO_TLVS },
      1,
      COMMAND_STATUS.ESME_RALYBND,
    );
    expect(peer.closed).toEqual({ kind: "bind-refused", commandStatus: 5 });
    expect(peer.session.state).toBe("closed");
  });

  it("that is answered by generic_nack ends the session", () => {
    const peer = new SessionPeer("esme");
    peer.session.bind(bindBody(), peer.nowMs);
    peer.says(header("generic_nack"), 1, COMMAND_STATUS.ESME_RINVCMDID);
    expect(peer.closed).toEqual({ kind: "bind-refused", commandStatus: 3 });
  });

  it("ignores an answer with another sequence number and gives up in time", () => {
    const peer = new SessionPeer("esme", { bindTimeoutMs: 500 });
    peer.session.bind(bindBody(), peer.nowMs);
    peer.says({ command: "bind_transceiver_resp", systemId: "", tlvs: NO_TLVS }, 9);
    peer.passes(499);
    expect(peer.closed).toBeUndefined();
    peer.passes(1);
    expect(peer.closed).toEqual({ kind: "bind-timeout" });
  });

  it("may be overtaken by the first thing that the carrier delivers", () => {
    const peer = new SessionPeer("esme");
    expect(peer.says(DELIVER, 1)).toMatchObject([{ commandStatus: COMMAND_STATUS.ESME_RINVBNDSTS }]);
    peer.session.bind(bindBody(), peer.nowMs);
    peer.written();
    expect(peer.says(DELIVER, 2)).toEqual([]);
    const [request] = peer.requests;
    peer.says({ command: "bind_transceiver_resp", systemId: "SMSC", tlvs: NO_TLVS }, 1);
    expect(request && peer.session.answer(request, 0, "")).toBe(true);
    expect(peer.written()).toMatchObject([{ command: "deliver_sm_resp", sequence: 2, commandStatus: 0 }]);
  });

  it("comes before anything else: no request, no enquire_link", () => {
    const peer = new SessionPeer("esme", { enquireLinkIntervalMs: 10, bindTimeoutMs: 1_000 });
    peer.session.bind(bindBody(), peer.nowMs);
    expect(peer.session.request(SUBMIT, "early", peer.nowMs)).toEqual({ ok: false, reason: "not-bound" });
    expect(peer.session.writableWindow()).toBe(0);
    expect(peer.passes(999).map(({ command }) => command)).toEqual([]);
  });
});

describe("a server", () => {
  it.each(BINDS)("that accepts %s is %s", (command, state) => {
    const peer = new SessionPeer("smsc");
    expect(peer.says(bindBody(command), 77)).toEqual([]);
    expect(peer.bindRequests).toBe(1);
    expect(peer.session.acceptBind({ systemId: "msgbin", tlvs: NO_TLVS, windowSize: 3 }, peer.nowMs)).toBe(
      true,
    );
    expect(peer.written()).toMatchObject([{ command: `${command}_resp`, sequence: 77, commandStatus: 0 }]);
    expect(peer.session.state).toBe(state);
    expect(peer.session.writableWindow()).toBe(command === "bind_transmitter" ? 0 : 3);
  });

  it("that rejects a bind says why, and the session ends", () => {
    const peer = new SessionPeer("smsc");
    peer.says(bindBody(), 1);
    peer.session.rejectBind(COMMAND_STATUS.ESME_RINVPASWD);
    expect(peer.written()).toMatchObject([
      { command: "bind_transceiver_resp", commandStatus: 0x0e, sequence: 1 },
    ]);
    expect(peer.closed).toEqual({ kind: "bind-refused", commandStatus: 0x0e });
    expect(peer.session.acceptBind({ systemId: "msgbin", tlvs: NO_TLVS }, peer.nowMs)).toBe(false);
  });

  it("refuses a second bind, before and after the first is decided", () => {
    const peer = new SessionPeer("smsc");
    peer.says(bindBody(), 1);
    expect(peer.says(bindBody(), 2)).toMatchObject([
      { sequence: 2, commandStatus: COMMAND_STATUS.ESME_RALYBND },
    ]);
    peer.session.acceptBind({ systemId: "msgbin", tlvs: NO_TLVS }, peer.nowMs);
    peer.written();
    expect(peer.says(bindBody("bind_receiver"), 3)).toMatchObject([
      { command: "bind_receiver_resp", sequence: 3, commandStatus: COMMAND_STATUS.ESME_RALYBND },
    ]);
    expect(peer.session.state).toBe("bound_trx");
  });

  it("answers enquire_link before the bind, and nothing else", () => {
    const peer = new SessionPeer("smsc");
    expect(peer.says(header("enquire_link"), 1)).toMatchObject([
      { command: "enquire_link_resp", sequence: 1 },
    ]);
    expect(peer.says(SUBMIT, 2)).toMatchObject([
      { command: "submit_sm_resp", sequence: 2, commandStatus: COMMAND_STATUS.ESME_RINVBNDSTS },
    ]);
    expect(peer.requests).toEqual([]);
  });

  it("closes when no bind comes in time", () => {
    const peer = new SessionPeer("smsc", { bindTimeoutMs: 500 });
    peer.passes(500);
    expect(peer.closed).toEqual({ kind: "bind-timeout" });
  });

  it("takes no message from a receiver", () => {
    const peer = boundSmsc({}, "bind_receiver");
    expect(peer.says(SUBMIT, 2)).toMatchObject([{ commandStatus: COMMAND_STATUS.ESME_RINVBNDSTS }]);
    expect(peer.requests).toEqual([]);
  });

  it("sends no message to a transmitter", () => {
    const peer = boundSmsc({}, "bind_transmitter");
    expect(peer.session.request(DELIVER, "x", peer.nowMs)).toEqual({ ok: false, reason: "wrong-direction" });
    const address = { ton: 0, npi: 0, address: "1" };
    expect(
      peer.session.alert({ command: "alert_notification", source: address, esme: address, tlvs: [] }),
    ).toBe(false);
  });
});

describe("directions", () => {
  it("a client sends submit_sm, not deliver_sm, and a receiver sends nothing", () => {
    const peer = boundEsme();
    expect(peer.session.request(DELIVER, "x", peer.nowMs)).toEqual({ ok: false, reason: "wrong-direction" });
    expect(peer.session.request(SUBMIT, "x", peer.nowMs)).toEqual({ ok: true });
    const receiver = boundEsme({}, "bind_receiver");
    expect(receiver.session.request(SUBMIT, "x", 1)).toEqual({ ok: false, reason: "wrong-direction" });
    expect(receiver.session.writableWindow()).toBe(0);
  });

  it("a client takes deliver_sm over a transmitter too: some carriers send receipts there", () => {
    const peer = boundEsme({}, "bind_transmitter");
    peer.says(DELIVER, 5);
    expect(peer.requests).toMatchObject([{ pdu: { command: "deliver_sm", sequence: 5 } }]);
  });

  it("a client refuses to be sent a submit_sm or a bind", () => {
    const peer = boundEsme();
    expect(peer.says(SUBMIT, 5)).toMatchObject([{ command: "submit_sm_resp", commandStatus: 4 }]);
    expect(peer.says(bindBody(), 6)).toMatchObject([{ command: "bind_transceiver_resp", commandStatus: 4 }]);
  });

  it("outbind and alert_notification come to the client's owner, at their time, without an answer", () => {
    const address = { ton: 0, npi: 0, address: "1" };
    const outbind = { command: "outbind", systemId: "SMSC", password: "knock", tlvs: NO_TLVS } as const;
    const alert = { command: "alert_notification", source: address, esme: address, tlvs: NO_TLVS } as const;
    const peer = new SessionPeer("esme");
    expect(peer.says(outbind, 1)).toEqual([]);
    expect(peer.says(alert, 2)).toEqual([]);
    expect(peer.requests.map(({ pdu }) => pdu.command)).toEqual(["outbind"]);
    const bound = boundEsme();
    bound.says(alert, 3);
    bound.says(outbind, 4);
    expect(bound.requests.map(({ pdu }) => pdu.command)).toEqual(["alert_notification"]);
    expect(bound.session.unansweredRequests).toBe(0);
    expect(bound.requests.map((request) => bound.session.answer(request, 0, ""))).toEqual([false]);
  });

  it("a server sends alert_notification to a bound client and outbind before", () => {
    const address = { ton: 0, npi: 0, address: "1" };
    const peer = new SessionPeer("smsc");
    expect(peer.session.outbind({ command: "outbind", systemId: "S", password: "", tlvs: NO_TLVS })).toBe(
      true,
    );
    expect(peer.written()).toMatchObject([{ command: "outbind" }]);
    const bound = boundSmsc();
    expect(
      bound.session.alert({ command: "alert_notification", source: address, esme: address, tlvs: [] }),
    ).toBe(true);
    expect(bound.written()).toMatchObject([{ command: "alert_notification" }]);
    expect(bound.session.outbind({ command: "outbind", systemId: "S", password: "", tlvs: [] })).toBe(false);
  });
});

function make(options: Partial<SessionOptions>): SmppSession<string> {
  return new SmppSession("esme", { ...DEFAULT_SESSION_OPTIONS, ...options }, 0);
}

describe("options", () => {
  it("take a window of 1 and of the maximum, and neither 0 nor one more", () => {
    expect(() => [make({ windowSize: 1 }), make({ windowSize: MAX_WINDOW })]).not.toThrow();
    expect(() => make({ windowSize: 0 })).toThrow("windowSize is 0, not 1 to 5000");
    expect(() => make({ windowSize: MAX_WINDOW + 1 })).toThrow("windowSize is 5001");
    expect(() => make({ windowSize: 1.5 })).toThrow(RangeError);
  });

  it("take no time that is not one", () => {
    expect(() => make({ responseTimeoutMs: 0 })).toThrow("responseTimeoutMs is 0");
    expect(() => make({ responseTimeoutMs: Number.NaN })).toThrow(RangeError);
    expect(() => make({ inactivityTimeoutMs: -1 })).toThrow(RangeError);
  });

  it("of an accepted bind are checked too", () => {
    const peer = new SessionPeer("smsc");
    peer.says(bindBody(), 1);
    expect(() => peer.session.acceptBind({ systemId: "m", tlvs: [], windowSize: 5_001 }, 0)).toThrow(
      RangeError,
    );
  });

  it("may silence the answer to enquire_link, to play a hung peer", () => {
    const peer = boundSmsc({ answersEnquireLink: false });
    expect(peer.says(header("enquire_link"), 2)).toEqual([]);
  });

  it("may begin with any sequence number, which wraps from 0x7FFFFFFF to 1", () => {
    const peer = boundEsme({ firstSequence: 0x7ffffffe });
    peer.submits("a", "b");
    expect(peer.written().map(({ sequence }) => sequence)).toEqual([0x7fffffff, 1]);
    peer.says(submitted("A"), 0x7fffffff);
    peer.says(submitted("B"), 1);
    expect(peer.outcomes).toMatchObject([{ context: "a" }, { context: "b" }]);
  });
});
