import { describe, expect, it } from "vitest";
import { COMMAND_STATUS } from "../pdu/command-status.ts";
import {
  boundEsme,
  boundSmsc,
  DELIVER,
  header,
  SessionPeer,
  SUBMIT,
  submitted,
} from "./session-peer.fixture.ts";

const LOST = { kind: "connection-lost", message: "", code: null } as const;

describe("our unbind", () => {
  it("of a quiet session is said at once, and its answer ends the session", () => {
    const peer = boundEsme();
    peer.session.unbind(peer.nowMs);
    expect(peer.written()).toMatchObject([{ command: "unbind", sequence: 2 }]);
    expect(peer.session.state).toBe("unbinding");
    peer.says(header("unbind_resp"), 99);
    expect(peer.session.state).toBe("unbinding");
    peer.says(header("unbind_resp"), 2);
    expect(peer.session.state).toBe("unbound");
    expect(peer.closed).toEqual({ kind: "unbound-by-us", isAnswered: true });
    peer.session.socketClosed(LOST);
    expect(peer.session.state).toBe("closed");
  });

  it("waits for answers outstanding on both sides, and takes nothing new", () => {
    const peer = boundEsme();
    peer.submits("a");
    peer.says(DELIVER, 7);
    peer.session.unbind(peer.nowMs);
    expect(peer.written()).toEqual([]);
    expect(peer.session.request(SUBMIT, "b", peer.nowMs)).toEqual({ ok: false, reason: "not-bound" });
    expect(peer.session.writableWindow()).toBe(0);
    expect(peer.says(submitted("A"), 2)).toEqual([]);
    expect(peer.outcomes).toMatchObject([{ kind: "answered", context: "a" }]);
    const [request] = peer.requests;
    expect(request && peer.session.answer(request, 0, "")).toBe(true);
    expect(peer.written().map(({ command }) => command)).toEqual(["deliver_sm_resp", "unbind"]);
  });

  it("does not wait for the answers to what the peer brings meanwhile: it may never stop", () => {
    const peer = boundEsme();
    peer.says(DELIVER, 7);
    peer.session.unbind(peer.nowMs);
    peer.says(DELIVER, 8);
    const [before, after] = peer.requests;
    if (before === undefined || after === undefined) throw new Error("two were brought");
    expect(peer.session.answer(before, 0, "")).toBe(true);
    expect(peer.written().map(({ command }) => command)).toEqual(["deliver_sm_resp", "unbind"]);
    expect(peer.session.answer(after, 0, "")).toBe(true);
    expect(peer.written()).toMatchObject([{ command: "deliver_sm_resp", sequence: 8 }]);
    expect(peer.session.state).toBe("unbinding");
  });

  it("waits for the answers to what came before, whichever are given first", () => {
    const peer = boundEsme();
    peer.says(DELIVER, 7);
    peer.session.unbind(peer.nowMs);
    peer.says(DELIVER, 8);
    const [before, after] = peer.requests;
    if (before === undefined || after === undefined) throw new Error("two were brought");
    peer.session.answer(after, 0, "");
    expect(peer.written()).toMatchObject([{ command: "deliver_sm_resp", sequence: 8 }]);
    peer.session.answer(before, 0, "");
    expect(peer.written().map(({ command }) => command)).toEqual(["deliver_sm_resp", "unbind"]);
  });

  it("still hands over and answers what the peer sends meanwhile", () => {
    const peer = boundEsme();
    peer.submits("a");
    peer.session.unbind(peer.nowMs);
    peer.says(DELIVER, 7);
    expect(peer.requests).toHaveLength(1);
    expect(peer.says(header("enquire_link"), 8)).toMatchObject([{ command: "enquire_link_resp" }]);
  });

  it("is said when the wait is over, and given up when it stays without an answer", () => {
    const peer = boundEsme({ unbindTimeoutMs: 500 });
    peer.submits("a");
    peer.session.unbind(peer.nowMs);
    peer.written();
    expect(peer.passes(500)).toMatchObject([{ command: "unbind" }]);
    peer.passes(499);
    expect(peer.closed).toBeUndefined();
    peer.passes(1);
    expect(peer.closed).toEqual({ kind: "unbound-by-us", isAnswered: false });
    expect(peer.outcomes).toEqual([{ kind: "lost", context: "a" }]);
  });

  it("counts as done when the peer closes instead of answering, or nacks it", () => {
    const closing = boundEsme();
    closing.session.unbind(closing.nowMs);
    closing.written();
    closing.session.socketClosed(LOST);
    closing.written();
    expect(closing.closed).toEqual({ kind: "unbound-by-us", isAnswered: false });
    const nacking = boundEsme();
    nacking.session.unbind(nacking.nowMs);
    nacking.written();
    nacking.says(header("generic_nack"), 2, COMMAND_STATUS.ESME_RINVCMDID);
    expect(nacking.closed).toEqual({ kind: "unbound-by-us", isAnswered: true });
  });

  it("asked for twice is said once, and before the bind just closes", () => {
    const peer = boundEsme();
    peer.session.unbind(peer.nowMs);
    peer.session.unbind(peer.nowMs);
    expect(peer.written()).toHaveLength(1);
    const open = new SessionPeer("esme");
    open.session.unbind(open.nowMs);
    expect(open.written()).toEqual([]);
    expect(open.closed).toEqual({ kind: "destroyed" });
  });

  it("gives back requests that may not be written any more, and then goes on", () => {
    const peer = boundEsme();
    peer.submits("a");
    peer.session.unbind(peer.nowMs);
    peer.mayWrite = false;
    expect(peer.written()).toMatchObject([{ command: "unbind" }]);
    expect(peer.outcomes).toEqual([{ kind: "not-written", context: "a" }]);
  });
});

describe("the peer's unbind", () => {
  it("of a quiet session is answered, and the session is over", () => {
    const peer = boundEsme();
    expect(peer.says(header("unbind"), 5)).toMatchObject([{ command: "unbind_resp", sequence: 5 }]);
    expect(peer.session.state).toBe("unbound");
    expect(peer.closed).toEqual({ kind: "unbound-by-peer" });
  });

  it("stops sending at once: what was not written is given back, what was is waited for", () => {
    const peer = boundEsme();
    peer.submits("written");
    peer.written();
    peer.submits("queued");
    expect(peer.says(header("unbind"), 5).map(({ command }) => command)).toEqual(["unbind_resp"]);
    expect(peer.outcomes).toEqual([{ kind: "not-written", context: "queued" }]);
    expect(peer.session.request(SUBMIT, "new", peer.nowMs)).toMatchObject({ reason: "not-bound" });
    expect(peer.session.state).toBe("unbinding");
    peer.says(submitted("W"), 2);
    expect(peer.outcomes.at(-1)).toMatchObject({ kind: "answered", context: "written" });
    expect(peer.closed).toEqual({ kind: "unbound-by-peer" });
  });

  it("lets the owner's answers go before the end", () => {
    const peer = boundSmsc();
    peer.says(SUBMIT, 2);
    expect(peer.says(header("unbind"), 3)).toMatchObject([{ command: "unbind_resp" }]);
    const [request] = peer.requests;
    expect(request && peer.session.answer(request, 0, "id")).toBe(true);
    expect(peer.written()).toMatchObject([{ command: "submit_sm_resp", sequence: 2 }]);
    expect(peer.closed).toEqual({ kind: "unbound-by-peer" });
  });

  it("is not waited for without end", () => {
    const peer = boundEsme({ unbindTimeoutMs: 500 });
    peer.submits("a");
    peer.written();
    peer.says(header("unbind"), 5);
    peer.passes(500);
    expect(peer.closed).toEqual({ kind: "unbound-by-peer" });
    expect(peer.outcomes).toEqual([{ kind: "lost", context: "a" }]);
  });

  it("ends with the socket, too", () => {
    const peer = boundEsme();
    peer.submits("a");
    peer.written();
    peer.says(header("unbind"), 5);
    peer.session.socketClosed(LOST);
    peer.written();
    expect(peer.closed).toEqual({ kind: "unbound-by-peer" });
  });

  it("is followed by no more messages: they are refused", () => {
    const peer = boundEsme();
    peer.submits("a");
    peer.written();
    peer.says(header("unbind"), 5);
    expect(peer.says(DELIVER, 6)).toMatchObject([
      { command: "deliver_sm_resp", commandStatus: COMMAND_STATUS.ESME_RINVBNDSTS },
    ]);
    expect(peer.requests).toEqual([]);
  });

  it("that crosses ours is answered, and ours is still waited for", () => {
    const peer = boundEsme();
    peer.session.unbind(peer.nowMs);
    peer.written();
    expect(peer.says(header("unbind"), 5)).toMatchObject([{ command: "unbind_resp" }]);
    expect(peer.closed).toBeUndefined();
    peer.says(header("unbind_resp"), 2);
    expect(peer.closed).toEqual({ kind: "unbound-by-us", isAnswered: true });
  });

  it("that comes while ours waits to be said ends the session with the answers to what came before", () => {
    const peer = boundEsme();
    peer.says(DELIVER, 7);
    peer.session.unbind(peer.nowMs);
    peer.says(DELIVER, 8);
    expect(peer.says(header("unbind"), 9)).toMatchObject([{ command: "unbind_resp" }]);
    const [before, after] = peer.requests;
    if (before === undefined || after === undefined) throw new Error("two were brought");
    peer.session.answer(after, 0, "");
    peer.session.answer(before, 0, "");
    expect(peer.written().map(({ command }) => command)).toEqual(["deliver_sm_resp", "deliver_sm_resp"]);
    expect(peer.closed).toEqual({ kind: "unbound-by-peer" });
  });

  it("before a bind is answered, and ends the session", () => {
    const peer = new SessionPeer("smsc");
    expect(peer.says(header("unbind"), 1)).toMatchObject([{ command: "unbind_resp" }]);
    expect(peer.closed).toEqual({ kind: "unbound-by-peer" });
  });
});
