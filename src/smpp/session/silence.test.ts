import { describe, expect, it } from "vitest";
import { COMMAND_STATUS } from "../pdu/command-status.ts";
import { boundEsme, boundSmsc, DELIVER, header, submitted } from "./session-peer.fixture.ts";

const TIMES = { enquireLinkIntervalMs: 1_000, enquireLinkTimeoutMs: 300, responseTimeoutMs: 60_000 };

describe("keep-alive", () => {
  it("asks after an interval of silence, and again after the next", () => {
    const peer = boundEsme(TIMES);
    expect(peer.passes(999)).toEqual([]);
    expect(peer.passes(1)).toMatchObject([{ command: "enquire_link", sequence: 2 }]);
    peer.says(header("enquire_link_resp"), 2);
    expect(peer.passes(999)).toEqual([]);
    expect(peer.passes(1)).toMatchObject([{ command: "enquire_link", sequence: 3 }]);
  });

  it("does not ask while the peer talks", () => {
    const peer = boundEsme(TIMES);
    for (let round = 0; round < 5; round++) {
      expect(peer.passes(900)).toEqual([]);
      peer.says(header("enquire_link"), round);
    }
  });

  it("requires the answer itself: other bytes do not count", () => {
    const peer = boundEsme(TIMES);
    peer.submits("a");
    peer.written();
    peer.passes(1_000);
    peer.says(submitted("A"), 2);
    peer.says(header("enquire_link_resp"), 99);
    expect(peer.passes(299)).toEqual([]);
    expect(peer.passes(1)).toMatchObject([{ command: "unbind" }]);
    expect(peer.closed).toEqual({ kind: "keepalive-timeout" });
  });

  it("takes a generic_nack to its question for an answer", () => {
    const peer = boundEsme(TIMES);
    const [question] = peer.passes(1_000);
    peer.says(header("generic_nack"), question?.sequence ?? 0, COMMAND_STATUS.ESME_RINVCMDID);
    peer.passes(400);
    expect(peer.closed).toBeUndefined();
  });

  it("may be switched off", () => {
    const peer = boundEsme({ ...TIMES, enquireLinkIntervalMs: 0 });
    expect(peer.session.nextDeadlineMs()).toBe(Infinity);
    expect(peer.passes(1_000_000)).toEqual([]);
  });

  it("holds for a server too", () => {
    const peer = boundSmsc(TIMES);
    expect(peer.passes(1_000)).toMatchObject([{ command: "enquire_link" }]);
    peer.passes(300);
    expect(peer.closed).toEqual({ kind: "keepalive-timeout" });
  });
});

describe("inactivity", () => {
  it("closes after its time without a byte, and not one tick before", () => {
    const peer = boundSmsc({ enquireLinkIntervalMs: 0, inactivityTimeoutMs: 5_000 });
    peer.passes(4_000);
    peer.says(header("enquire_link"), 2);
    peer.passes(4_999);
    expect(peer.closed).toBeUndefined();
    expect(peer.passes(1)).toMatchObject([{ command: "unbind" }]);
    expect(peer.closed).toEqual({ kind: "inactivity" });
  });
});

describe("a peer that takes no bytes", () => {
  it("is given up after the write limit, counted from the first refusal", () => {
    const peer = boundSmsc({ enquireLinkIntervalMs: 0, writeStallTimeoutMs: 1_000 });
    peer.session.setWritable(false, peer.nowMs);
    peer.passes(600);
    peer.session.setWritable(false, peer.nowMs);
    peer.passes(399);
    expect(peer.closed).toBeUndefined();
    peer.passes(1);
    expect(peer.closed).toEqual({ kind: "write-stalled" });
  });

  it("is spared when it takes them in time", () => {
    const peer = boundSmsc({ enquireLinkIntervalMs: 0, writeStallTimeoutMs: 1_000 });
    peer.session.setWritable(false, peer.nowMs);
    peer.passes(999);
    peer.session.setWritable(true, peer.nowMs);
    peer.passes(10_000);
    expect(peer.closed).toBeUndefined();
  });
});

describe("a pause of our own reading", () => {
  it("proves nothing about the peer: nothing times out, and overdue answers get a moment after it", () => {
    const peer = boundEsme({ ...TIMES, responseTimeoutMs: 2_000, maxUnansweredRequests: 1 });
    peer.submits("a");
    peer.says(DELIVER, 1);
    expect(peer.session.isReadingPaused).toBe(true);
    expect(peer.session.nextDeadlineMs()).toBe(Infinity);
    peer.nowMs += 50_000;
    peer.session.tick(peer.nowMs);
    expect(peer.written()).toEqual([]);
    expect(peer.outcomes).toEqual([]);
    const [request] = peer.requests;
    expect(request && peer.session.answer(request, 0, "")).toBe(true);
    peer.session.resumeReading(peer.nowMs);
    peer.passes(900);
    peer.says(submitted("A"), 2);
    expect(peer.outcomes).toMatchObject([{ kind: "answered", context: "a" }]);
    expect(peer.closed).toBeUndefined();
  });

  it("during a question gives the peer its whole time to answer again", () => {
    const peer = boundEsme({ ...TIMES, maxUnansweredRequests: 1 });
    peer.passes(1_000);
    peer.says(DELIVER, 1);
    peer.nowMs += 50_000;
    const [request] = peer.requests;
    expect(request && peer.session.answer(request, 0, "")).toBe(true);
    peer.session.resumeReading(peer.nowMs);
    peer.passes(299);
    expect(peer.closed).toBeUndefined();
    peer.passes(1);
    expect(peer.closed).toEqual({ kind: "keepalive-timeout" });
  });

  it("leaves a request that is not answered after it to its time-out", () => {
    const peer = boundEsme({ enquireLinkIntervalMs: 0, responseTimeoutMs: 2_000, maxUnansweredRequests: 1 });
    peer.submits("a");
    peer.says(DELIVER, 1);
    peer.nowMs += 50_000;
    const [request] = peer.requests;
    expect(request && peer.session.answer(request, 0, "")).toBe(true);
    peer.session.resumeReading(peer.nowMs);
    peer.passes(2_000);
    expect(peer.outcomes).toEqual([{ kind: "timed-out", context: "a" }]);
  });
});
