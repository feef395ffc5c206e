import { describe, expect, it } from "vitest";
import { COMMAND_STATUS } from "../pdu/command-status.ts";
import { hex } from "../pdu/golden-pdus.fixture.ts";
import { submitSm } from "../pdu/pdu-defaults.ts";
import { NO_TLVS } from "../pdu/tlv.ts";
import { octetsTlv } from "../pdu/tlv-values.ts";
import { boundEsme, boundSmsc, DELIVER, header, SUBMIT, submitted } from "./session-peer.fixture.ts";
import { MAX_UNANSWERED_BYTES, MAX_UNSENT_BYTES, MAX_WINDOW } from "./session-options.ts";

describe("the window", () => {
  it("takes 10 requests when its size is 10, refuses the 11th, and takes it when one is answered", () => {
    const peer = boundEsme({ windowSize: 10 });
    peer.submits("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    expect(peer.session.request(SUBMIT, "k", peer.nowMs)).toEqual({ ok: false, reason: "window-full" });
    expect(peer.session.writableWindow()).toBe(0);
    expect(peer.written()).toHaveLength(10);
    peer.says(submitted("id"), 5);
    expect(peer.session.writableWindow()).toBe(1);
    peer.submits("k");
    expect(peer.session.request(SUBMIT, "l", peer.nowMs)).toMatchObject({ reason: "window-full" });
  });

  it("of the largest size holds that many and no more", () => {
    const peer = boundEsme({ windowSize: MAX_WINDOW });
    for (let count = 0; count < MAX_WINDOW; count++) peer.submits(`${count}`);
    expect(peer.session.request(SUBMIT, "more", peer.nowMs)).toMatchObject({ reason: "window-full" });
    expect(peer.session.pendingRequests).toBe(MAX_WINDOW);
  });

  it("matches answers by sequence number in any order, and gives the context back", () => {
    const peer = boundEsme();
    peer.submits("a", "b", "c");
    peer.written();
    peer.nowMs += 40;
    peer.says(submitted("C"), 4);
    peer.says(submitted("A"), 2, COMMAND_STATUS.ESME_RTHROTTLED);
    expect(peer.outcomes).toMatchObject([
      { kind: "answered", context: "c", latencyMs: 40, response: { messageId: "C" } },
      { kind: "answered", context: "a", response: { commandStatus: 0x58 } },
    ]);
    expect(peer.session.pendingRequests).toBe(1);
  });

  it("ignores an answer that is late, repeated, unasked or of another command", () => {
    const peer = boundEsme();
    peer.submits("a");
    peer.written();
    expect(peer.says(submitted("?"), 99)).toEqual([]);
    peer.says({ command: "deliver_sm_resp", messageId: "", tlvs: NO_TLVS }, 2);
    peer.says(header("generic_nack"), 0, COMMAND_STATUS.ESME_RINVCMDLEN);
    expect(peer.outcomes).toEqual([]);
    peer.says(submitted("A"), 2);
    peer.says(submitted("A"), 2);
    expect(peer.outcomes).toHaveLength(1);
    expect(peer.closed).toBeUndefined();
  });

  it("gives a request back as nacked, and as unreadable when only the header of its answer is", () => {
    const peer = boundEsme();
    peer.submits("a", "b");
    peer.written();
    peer.says(header("generic_nack"), 2, COMMAND_STATUS.ESME_RINVCMDID);
    peer.sends(hex(`00000130 80000004 00000000 00000003 ${"61".repeat(288)}`));
    expect(peer.outcomes).toEqual([
      { kind: "nacked", context: "a", commandStatus: 3 },
      { kind: "unreadable", context: "b", commandStatus: 0 },
    ]);
  });

  it("takes the answer without a message id as an answer", () => {
    const peer = boundEsme();
    peer.submits("a", "b");
    peer.sends(hex("00000010 80000004 00000000 00000002"));
    peer.sends(hex("00000010 80000004 00000045 00000003"));
    expect(peer.outcomes).toMatchObject([
      { kind: "answered", response: { messageId: "", commandStatus: 0 } },
      { kind: "answered", response: { messageId: "", commandStatus: 0x45 } },
    ]);
  });

  it("counts as full while a megabyte waits for the socket", () => {
    const peer = boundEsme({ windowSize: 1_000 });
    const large = submitSm({ tlvs: [octetsTlv("message_payload", new Uint8Array(60_000))] });
    let taken = 0;
    while (peer.session.request(large, `${taken}`, peer.nowMs).ok) taken++;
    expect(taken).toBe(Math.ceil(MAX_UNSENT_BYTES / 60_049));
    expect(peer.session.writableWindow()).toBe(0);
    expect(peer.written()).toHaveLength(taken);
    expect(peer.session.writableWindow()).toBe(1_000 - taken);
  });

  it("is closed while the socket takes nothing", () => {
    const peer = boundEsme();
    peer.session.setWritable(false, peer.nowMs);
    expect(peer.session.writableWindow()).toBe(0);
    expect(peer.session.request(SUBMIT, "a", peer.nowMs)).toMatchObject({ reason: "window-full" });
    peer.session.setWritable(true, peer.nowMs);
    expect(peer.session.writableWindow()).toBe(10);
  });

  it("refuses what cannot be encoded, with the field's name, and spends no slot on it", () => {
    const peer = boundEsme({ windowSize: 1 });
    const source = { ton: 5, npi: 0, address: "a\0b" };
    expect(peer.session.request(submitSm({ source }), "x", peer.nowMs)).toMatchObject({
      ok: false,
      reason: "unencodable",
      field: "source.address",
    });
    expect(peer.session.writableWindow()).toBe(1);
    expect(peer.written()).toEqual([]);
  });
});

describe("the response time-out", () => {
  it("gives back each request on its own deadline, and the session lives on", () => {
    const peer = boundEsme({ responseTimeoutMs: 100 });
    peer.submits("a");
    peer.written();
    peer.passes(60);
    peer.submits("b");
    peer.written();
    peer.passes(39);
    expect(peer.outcomes).toEqual([]);
    peer.passes(1);
    expect(peer.outcomes).toEqual([{ kind: "timed-out", context: "a" }]);
    peer.passes(60);
    expect(peer.outcomes).toHaveLength(2);
    expect(peer.session.state).toBe("bound_trx");
    peer.says(submitted("late"), 2);
    expect(peer.outcomes).toHaveLength(2);
  });

  it("frees the slot", () => {
    const peer = boundEsme({ windowSize: 1, responseTimeoutMs: 100 });
    peer.submits("a");
    peer.passes(100);
    expect(peer.session.writableWindow()).toBe(1);
  });
});

describe("permission to write", () => {
  it("withheld gives back the queued requests as not written, and lets answers go", () => {
    const peer = boundEsme();
    peer.submits("written");
    expect(peer.written()).toHaveLength(1);
    peer.submits("a", "b");
    peer.mayWrite = false;
    expect(peer.says(header("enquire_link"), 9)).toMatchObject([{ command: "enquire_link_resp" }]);
    expect(peer.outcomes).toEqual([
      { kind: "not-written", context: "a" },
      { kind: "not-written", context: "b" },
    ]);
    expect(peer.session.pendingRequests).toBe(1);
    peer.mayWrite = true;
    peer.submits("c");
    expect(peer.written()).toMatchObject([{ command: "submit_sm", sequence: 5 }]);
  });
});

describe("a session that ends", () => {
  it("gives pending requests back: lost when written, else not-written", () => {
    const peer = boundEsme();
    peer.submits("a");
    peer.written();
    peer.submits("b");
    const reason = { kind: "connection-lost", message: "", code: "ECONNRESET" } as const;
    peer.session.socketClosed(reason);
    expect(peer.written()).toEqual([]);
    expect(peer.outcomes).toEqual([
      { kind: "lost", context: "a" },
      { kind: "not-written", context: "b" },
    ]);
    expect(peer.closed).toEqual(reason);
    expect(peer.session.request(SUBMIT, "c", peer.nowMs)).toMatchObject({ reason: "not-bound" });
    expect(peer.session.nextDeadlineMs()).toBe(Infinity);
  });

  it("ends once, and for the first reason", () => {
    const peer = boundEsme();
    peer.session.destroy({ kind: "destroyed" });
    peer.session.destroy({ kind: "inactivity" });
    peer.session.socketClosed({ kind: "connection-lost", message: "", code: null });
    peer.written();
    expect(peer.closed).toEqual({ kind: "destroyed" });
    expect(peer.says(DELIVER, 1)).toEqual([]);
    expect(peer.requests).toEqual([]);
  });
});

describe("requests of the peer", () => {
  it("are handed over and answered once, with the response that belongs to them", () => {
    const peer = boundSmsc();
    const address = { ton: 0, npi: 0, address: "1" };
    const rest = { tlvs: NO_TLVS, source: address, destination: address, serviceType: "" };
    peer.says(SUBMIT, 11);
    peer.says({ command: "query_sm", messageId: "7", source: address, tlvs: NO_TLVS }, 12);
    peer.says({ command: "cancel_sm", messageId: "7", ...rest }, 13);
    peer.says({ ...rest, command: "data_sm", esmClass: 0, registeredDelivery: 0, dataCoding: 0 }, 14);
    const { destination: _, ...multi } = SUBMIT;
    peer.says({ ...multi, command: "submit_multi", destinations: [{ kind: "address", address }] }, 15);
    const { source, validityPeriod, shortMessage } = SUBMIT;
    const replaced = { messageId: "7", registeredDelivery: 0, defaultMessageId: 0, scheduleDeliveryTime: "" };
    peer.says(
      { command: "replace_sm", source, validityPeriod, shortMessage, tlvs: NO_TLVS, ...replaced },
      16,
    );
    expect(peer.session.unansweredRequests).toBe(6);
    expect(peer.requests.map((request) => peer.session.answer(request, 0, "id"))).toEqual(
      Array(6).fill(true),
    );
    expect(peer.requests.map((request) => peer.session.answer(request, 0, "id"))).toEqual(
      Array(6).fill(false),
    );
    expect(peer.written()).toMatchObject([
      { command: "submit_sm_resp", sequence: 11, messageId: "id" },
      { command: "query_sm_resp", sequence: 12, messageId: "id" },
      { command: "cancel_sm_resp", sequence: 13 },
      { command: "data_sm_resp", sequence: 14, messageId: "id" },
      { command: "submit_multi_resp", sequence: 15, messageId: "id" },
      { command: "replace_sm_resp", sequence: 16 },
    ]);
    expect(peer.session.unansweredRequests).toBe(0);
  });

  it("keep their sequence number, also 0 and above 0x7FFFFFFF", () => {
    const peer = boundEsme();
    for (const sequence of [0, 0x80000000, 0xffffffff]) {
      peer.says(DELIVER, sequence);
      const request = peer.requests.at(-1);
      expect(request && peer.session.answer(request, 0, "")).toBe(true);
      expect(peer.written()).toMatchObject([{ command: "deliver_sm_resp", sequence }]);
    }
  });

  it("can be answered with an error, or with a body of the owner's", () => {
    const peer = boundSmsc();
    peer.says(SUBMIT, 1);
    peer.says(SUBMIT, 2);
    const [first, second] = peer.requests;
    expect(first && peer.session.answer(first, COMMAND_STATUS.ESME_RTHROTTLED, "")).toBe(true);
    const text = {
      command: "submit_sm_resp",
      messageId: "",
      tlvs: [octetsTlv("message_payload", hex("01"))],
    } as const;
    expect(second && peer.session.respond(second, text, 0x45)).toBe(true);
    expect(peer.written()).toMatchObject([
      { commandStatus: 0x58, messageId: "" },
      { commandStatus: 0x45, tlvs: text.tlvs },
    ]);
  });

  it("stop being read at the limit, and go on when answered", () => {
    const peer = boundEsme({ maxUnansweredRequests: 3 });
    const batch = new Uint8Array(5 * 33);
    const one = hex(`00000021 00000005 00000000 00000007 00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00`);
    for (let index = 0; index < 5; index++) batch.set(one, index * one.length);
    peer.sends(batch);
    expect(peer.requests).toHaveLength(3);
    expect(peer.session.isReadingPaused).toBe(true);
    expect(peer.session.bufferedBytes).toBe(66);
    peer.session.resumeReading(peer.nowMs);
    expect(peer.requests).toHaveLength(3);
    const [first] = peer.requests;
    expect(first && peer.session.answer(first, 0, "")).toBe(true);
    expect(peer.session.isReadingPaused).toBe(false);
    peer.session.resumeReading(peer.nowMs);
    peer.written();
    expect(peer.requests).toHaveLength(4);
    expect(peer.session.isReadingPaused).toBe(true);
  });

  it("stop being read once they hold too many bytes, however they were split", () => {
    const peer = boundEsme();
    const payload = new Uint8Array(60_000);
    const size = 33 + 4 + payload.length;
    const large = new Uint8Array(size);
    large.set(hex(`${size.toString(16).padStart(8, "0")} 00000005 00000000 00000007`));
    large.set(hex(`0424 ${payload.length.toString(16)}`), 33);
    const fit = Math.ceil(MAX_UNANSWERED_BYTES / size);
    for (let index = 0; index < fit; index++) {
      expect(peer.session.isReadingPaused).toBe(false);
      peer.sends(large.subarray(0, 7 * index));
      peer.sends(large.subarray(7 * index));
    }
    expect(peer.requests).toHaveLength(fit);
    expect(peer.session.isReadingPaused).toBe(true);
    const [first] = peer.requests;
    expect(first && peer.session.answer(first, 0, "")).toBe(true);
    expect(peer.session.isReadingPaused).toBe(false);
  });

  it("of an unknown kind are nacked, and the session goes on", () => {
    const peer = boundSmsc();
    expect(peer.sends(hex("00000014 00000111 00000000 00000009 01020304"))).toMatchObject([
      { command: "generic_nack", sequence: 9, commandStatus: COMMAND_STATUS.ESME_RINVCMDID },
    ]);
    expect(peer.sends(hex("00000010 80000111 00000000 00000009"))).toEqual([]);
    expect(peer.session.state).toBe("bound_trx");
  });

  it("with a broken body are answered with the error of the field, and the session goes on", () => {
    const peer = boundSmsc();
    expect(peer.sends(hex("00000011 00000004 00000000 00000009 61"))).toMatchObject([
      { command: "submit_sm_resp", sequence: 9, commandStatus: COMMAND_STATUS.ESME_RINVSERTYP },
    ]);
    expect(peer.sends(hex("00000012 00000102 00000000 0000000a 0000"))).toMatchObject([
      { command: "generic_nack", sequence: 10 },
    ]);
    expect(peer.requests).toEqual([]);
    expect(peer.session.state).toBe("bound_trx");
  });

  it("with an odd TLV are handed over with a note of what was odd", () => {
    const peer = boundEsme();
    peer.sends(
      hex("00000025 00000005 00000000 00000007 00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00 0427 0009"),
    );
    expect(peer.requests).toMatchObject([{ flaws: ["truncated-tlv"], pdu: { tlvs: [] } }]);
  });
});

describe("a stream that lost its frames", () => {
  it.each(["0000000f", "00000000", "00010011"])(
    "(command_length %s) gets generic_nack and is closed",
    (length) => {
      const peer = boundEsme();
      peer.submits("a");
      peer.written();
      expect(peer.sends(hex(`${length} 00000004`))).toMatchObject([
        { command: "generic_nack", sequence: 0, commandStatus: COMMAND_STATUS.ESME_RINVCMDLEN },
      ]);
      expect(peer.closed).toMatchObject({ kind: "protocol-error" });
      expect(peer.outcomes).toEqual([{ kind: "lost", context: "a" }]);
      expect(peer.sends(hex("00000010 00000015 00000000 00000001"))).toEqual([]);
    },
  );
});

describe("raw bytes", () => {
  it("leave as they are", () => {
    const peer = boundSmsc();
    peer.session.putRaw(hex("00000010 80000015 00000000 000000ff"));
    expect(peer.written()).toMatchObject([{ command: "enquire_link_resp", sequence: 255 }]);
  });
});
