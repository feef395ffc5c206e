import { describe, expect, it } from "vitest";

import { COMMAND_STATUS, type CommandStatusName } from "../../smpp/pdu/command-status.ts";
import { NO_TLVS } from "../../smpp/pdu/tlv.ts";
import type { RequestOutcome } from "../../smpp/session/request-outcome.ts";
import type { SubmitOutcome } from "../carrier.ts";
import { Attempt } from "./attempt.ts";
import { partResult } from "./part-result.ts";
import { StatusMeanings } from "./submit-failures.ts";
import { outboundTarget } from "./targets.fixture.ts";

const MEANINGS = new StatusMeanings();

describe("an attempt of one part", () => {
  it("is taken with the canonical key and the id as the carrier wrote it", () => {
    expect(outcomeOf([ok("00AB")])).toEqual({
      kind: "taken",
      receiptKeys: ["ab"],
      tookMs: 12,
      words: "id 00AB",
    });
  });

  it("is taken without a key when no id came, or when only the header of the answer could be read", () => {
    expect(outcomeOf([ok("")])).toMatchObject({ kind: "taken", receiptKeys: [null], words: "no message id" });
    expect(outcomeOf([{ kind: "unreadable", context: null, commandStatus: 0 }])).toMatchObject({
      kind: "taken",
      receiptKeys: [null],
    });
  });

  it("keeps no key where no receipt is wanted", () => {
    expect(outcomeOf([ok("7")], { expectsReceipt: false })).toMatchObject({ receiptKeys: [null] });
  });

  it.each([
    ["ESME_RINVDSTADR", "invalid_destination", true],
    ["ESME_RINVDSTTON", "invalid_destination", true],
    ["ESME_RINVSRCADR", "sender_not_allowed", true],
    ["ESME_RINVMSGLEN", "content_rejected", true],
    ["ESME_RX_P_APPN", "blocked_by_carrier", true],
    ["ESME_RPROHIBITED", "blocked_by_carrier", false],
    ["ESME_RINVESMCLASS", "unknown", true],
  ] as const)("is refused for %s", (name, code, elsewhere) => {
    expect(outcomeOf([error(name)])).toEqual({
      kind: "refused",
      failure: { code, carrierCode: name, message: expect.stringContaining(name) },
      elsewhere,
      tookMs: 12,
      words: name,
    });
  });

  it("is refused for a vendor's own code, which is shown as a number", () => {
    expect(outcomeOf([errorCode(0x40a)])).toMatchObject({
      kind: "refused",
      failure: { code: "unknown", carrierCode: "0x0000040a" },
      elsewhere: true,
    });
  });

  it("waits for a code that the operator calls temporary", () => {
    const meanings = new StatusMeanings([0x40a]);
    expect(outcomeOf([errorCode(0x40a)], { meanings })).toMatchObject({ kind: "later", throttled: false });
  });

  it.each(["ESME_RSYSERR", "ESME_RX_T_APPN", "ESME_RINVBNDSTS"] as const)("comes later for %s", (name) => {
    expect(outcomeOf([error(name)])).toEqual({
      kind: "later",
      throttled: false,
      retryAfterMs: null,
      partStates: "",
      receiptKeys: [null],
      words: name,
    });
  });

  it.each(["ESME_RTHROTTLED", "ESME_RMSGQFUL"] as const)(
    "is throttled by %s, for as long as given",
    (name) => {
      expect(outcomeOf([error(name)], { retryAfterMs: 500 })).toMatchObject({
        kind: "later",
        throttled: true,
        retryAfterMs: 500,
      });
    },
  );

  it("tries an error of the doubtful kind three times", () => {
    const kinds = [0, 1, 2].map((attempts) => outcomeOf([error("ESME_RSUBMITFAIL")], { attempts }).kind);
    expect(kinds).toEqual(["later", "later", "refused"]);
  });

  it("is unknown when it was written and not answered, and unsent when it was not written", () => {
    expect(outcomeOf([{ kind: "timed-out", context: null }])).toMatchObject({
      kind: "unknown",
      partStates: "",
    });
    expect(outcomeOf([{ kind: "lost", context: null }])).toMatchObject({ kind: "unknown" });
    expect(outcomeOf([{ kind: "not-written", context: null }])).toMatchObject({ kind: "unsent" });
  });

  it("is refused when the carrier does not understand it at all", () => {
    expect(
      outcomeOf([{ kind: "nacked", context: null, commandStatus: COMMAND_STATUS.ESME_RINVCMDID }]),
    ).toMatchObject({ kind: "refused", failure: { carrierCode: "ESME_RINVCMDID" } });
  });
});

describe("an attempt of several parts", () => {
  it("is taken with a key a part", () => {
    expect(outcomeOf([ok("1"), ok("2")])).toMatchObject({
      kind: "taken",
      receiptKeys: ["1", "2"],
      words: "id 1, id 2",
    });
  });

  it("comes later with what was taken so far", () => {
    expect(outcomeOf([ok("1"), error("ESME_RTHROTTLED"), { kind: "not-written", context: null }])).toEqual({
      kind: "later",
      throttled: true,
      retryAfterMs: null,
      partStates: "sqq",
      receiptKeys: ["1", null, null],
      words: "id 1, ESME_RTHROTTLED, connection lost before it was written",
    });
  });

  it("is unknown as soon as one part is, with what was answered for", () => {
    expect(outcomeOf([ok("1"), { kind: "lost", context: null }])).toMatchObject({
      kind: "unknown",
      partStates: "sq",
      receiptKeys: ["1", null],
    });
  });

  it("is refused as soon as one part is, and tells of a part that was not answered for", () => {
    const refused = { kind: "refused", words: "ESME_RINVDSTADR" };
    expect(outcomeOf([ok("1"), error("ESME_RINVDSTADR")])).not.toHaveProperty("unanswered");
    expect(outcomeOf([ok("1"), error("ESME_RINVDSTADR"), { kind: "lost", context: null }])).toMatchObject({
      ...refused,
      unanswered: {
        partStates: "sqq",
        receiptKeys: ["1", null, null],
        words: "connection lost before the response",
      },
    });
  });

  it("is unsent only when no part was written", () => {
    const notWritten: RequestOutcome<null> = { kind: "not-written", context: null };
    expect(outcomeOf([notWritten, notWritten]).kind).toBe("unsent");
    expect(outcomeOf([ok("1"), notWritten])).toMatchObject({ kind: "later", partStates: "sq" });
  });

  it("is throttled only when an answer says so, and none says anything worse", () => {
    const notWritten: RequestOutcome<null> = { kind: "not-written", context: null };
    const given = { retryAfterMs: 500 };
    const unwritten = { kind: "later", throttled: false, retryAfterMs: null, partStates: "sqq" };
    expect(outcomeOf([ok("1"), notWritten, notWritten], given)).toMatchObject(unwritten);
    const throttled = error("ESME_RTHROTTLED");
    expect(outcomeOf([ok("1"), throttled, notWritten], given)).toMatchObject({ throttled: true });
    expect(outcomeOf([ok("1"), throttled, error("ESME_RSYSERR")], given)).toMatchObject({ throttled: false });
  });

  it("leaves parts of an earlier attempt as they were", () => {
    const settled: SubmitOutcome[] = [];
    const target = outboundTarget({ partStates: "dqs", parts: 3 });
    const attempt = new Attempt(target, 1, [false, true, false], (outcome) => void settled.push(outcome));
    expect(attempt.isDone).toBe(false);
    expect(attempt.note(1, partResult({ kind: "lost", context: null }, true))).toBe(true);
    attempt.finish(MEANINGS, null);
    expect(settled).toMatchObject([{ kind: "unknown", partStates: "dqs", receiptKeys: [null, null, null] }]);
  });

  it("holds its last part until all others are taken when that speaks for all", () => {
    const all = [true, true, true];
    const settled: SubmitOutcome[] = [];
    const attempt = new Attempt(outboundTarget(), 1, all, (outcome) => void settled.push(outcome), 3);
    expect([attempt.holdsLast, attempt.isLastDue]).toEqual([true, false]);
    attempt.note(1, partResult(ok("2"), false));
    expect([attempt.holdsLast, attempt.isLastDue]).toEqual([true, false]);
    attempt.note(0, partResult(ok("1"), false));
    expect([attempt.holdsLast, attempt.isLastDue]).toEqual([false, true]);
    attempt.note(2, partResult(ok("3"), true));
    attempt.finish(MEANINGS, null);
    expect(settled).toMatchObject([{ kind: "taken", receiptKeys: ["3", "3", "3"] }]);
  });

  it("goes on holding its last part when another was not taken, and not when it was taken before", () => {
    const target = outboundTarget({ parts: 3, partStates: "sqq" });
    const resumed = () => new Attempt(target, 1, [false, true, true], () => undefined, 3);
    const refused = resumed();
    refused.note(1, partResult(error("ESME_RX_T_APPN"), false));
    expect([refused.holdsLast, refused.isLastDue]).toEqual([true, true]);
    const taken = resumed();
    taken.note(1, partResult(ok("2"), false));
    expect([taken.holdsLast, taken.isLastDue]).toEqual([false, true]);
    const lastAlone = new Attempt(target, 1, [false, false, true], () => undefined, 3);
    expect(lastAlone.holdsLast).toBe(false);
  });

  it("holds nothing back where each part has its own receipt, nor a text that travels whole", () => {
    expect([holds(1, 1), holds(3, 1), holds(1, 3)]).toEqual([false, false, false]);
  });

  it("refuses a second result for one part", () => {
    const attempt = new Attempt(outboundTarget(), null, [true], () => undefined);
    attempt.note(0, partResult(ok("1"), true));
    expect(() => attempt.note(0, partResult(ok("1"), true))).toThrow(/two results/);
  });

  it("keeps its words to 300 characters", () => {
    const many = Array.from({ length: 30 }, (_, index) => ok(`${index}-0123456789abcdef`));
    expect(outcomeOf(many).words).toHaveLength(300);
  });
});

/** Whether an attempt of so many parts holds its last one back from the beginning. */
function holds(parts: number, partsPerReceipt: number): boolean {
  const wanted = Array.from({ length: parts }, () => true);
  return new Attempt(outboundTarget(), 1, wanted, () => undefined, partsPerReceipt).holdsLast;
}

interface Given {
  readonly expectsReceipt?: boolean;
  readonly attempts?: number;
  readonly meanings?: StatusMeanings;
  readonly retryAfterMs?: number;
}

function outcomeOf(outcomes: readonly RequestOutcome<null>[], given: Given = {}): SubmitOutcome {
  const { expectsReceipt = true, attempts = 0, meanings = MEANINGS, retryAfterMs = null } = given;
  const settled: SubmitOutcome[] = [];
  const wanted = outcomes.map(() => true);
  const attempt = new Attempt(
    outboundTarget({ attempts }),
    null,
    wanted,
    (outcome) => void settled.push(outcome),
  );
  for (const [part, outcome] of outcomes.entries()) attempt.note(part, partResult(outcome, expectsReceipt));
  expect(attempt.isDone).toBe(true);
  const outcome = attempt.finish(meanings, retryAfterMs);
  expect(settled).toEqual([outcome]);
  return outcome;
}

function ok(messageId: string): RequestOutcome<null> {
  const response = {
    command: "submit_sm_resp",
    messageId,
    tlvs: NO_TLVS,
    commandStatus: 0,
    sequence: 1,
  } as const;
  return { kind: "answered", context: null, response, latencyMs: 12 };
}

function error(name: CommandStatusName): RequestOutcome<null> {
  return errorCode(COMMAND_STATUS[name]);
}

function errorCode(commandStatus: number): RequestOutcome<null> {
  const response = {
    command: "submit_sm_resp",
    messageId: "",
    tlvs: NO_TLVS,
    commandStatus,
    sequence: 1,
  } as const;
  return { kind: "answered", context: null, response, latencyMs: 12 };
}
