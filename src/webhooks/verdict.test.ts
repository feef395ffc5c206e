import { describe, expect, it } from "vitest";
import { addMs, micros } from "../domain/micros.ts";
import type { Outcome } from "../outbound-http/outcome.ts";
import { ATTEMPTS_MAX } from "./retry-schedule.ts";
import { judge } from "./verdict.ts";

const NOW = micros(1_700_000_000_000_000);

describe("judge", () => {
  it.each([200, 201, 202, 204, 299])("takes %i for a delivery", (status) => {
    expect(judgeStatus(status)).toEqual({ kind: "delivered" });
  });

  it.each([300, 301, 302, 304, 307, 308, 400, 401, 404, 408, 429, 500, 503, 599])(
    "takes %i for a failure, to be tried again",
    (status) => {
      expect(judgeStatus(status)).toEqual({ kind: "retry", dueAt: addMs(NOW, 5_000), restMs: null });
    },
  );

  it("takes 410 as the end of the endpoint, at whatever attempt", () => {
    expect(judgeStatus(410)).toEqual({ kind: "gone" });
    expect(judgeStatus(410, {}, ATTEMPTS_MAX)).toEqual({ kind: "gone" });
  });

  it("obeys Retry-After", () => {
    const verdict = judgeStatus(429, { "retry-after": "60" });
    expect(verdict).toEqual({ kind: "retry", dueAt: addMs(NOW, 60_000), restMs: 60_000 });
  });

  it("gives up after the last attempt", () => {
    expect(judgeStatus(500, {}, ATTEMPTS_MAX - 1)).toMatchObject({ kind: "retry" });
    expect(judgeStatus(500, {}, ATTEMPTS_MAX)).toEqual({ kind: "given_up" });
  });

  it("tries again after no answer", () => {
    expect(judge(failed("timeout"), 1, NOW, () => 0.5)).toMatchObject({ kind: "retry" });
    expect(judge(failed("refused_address"), ATTEMPTS_MAX, NOW, () => 0.5)).toEqual({ kind: "given_up" });
  });

  it("knows nothing of an attempt that we broke off", () => {
    expect(judge(failed("aborted"), 1, NOW, () => 0.5)).toEqual({ kind: "abandoned" });
  });
});

function judgeStatus(status: number, headers: Record<string, string> = {}, attempts = 1) {
  return judge({ kind: "answered", status, headers, body: Buffer.alloc(0) }, attempts, NOW, () => 0.5);
}

function failed(reason: "timeout" | "refused_address" | "aborted"): Outcome {
  return { kind: "failed", reason, message: "", status: null, isSent: true };
}
