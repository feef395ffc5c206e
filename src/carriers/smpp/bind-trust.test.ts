import { describe, expect, it } from "vitest";
import { BindTrust } from "./bind-trust.ts";

describe("a bind", () => {
  it("is made anew, on trial, after three messages in a row without an answer", () => {
    const trust = new BindTrust();
    expect([trust.unanswered({}), trust.unanswered({}), trust.isOnTrial]).toEqual([false, false, false]);
    expect([trust.unanswered({}), trust.isOnTrial]).toEqual([true, true]);
    trust.ended();
    expect(trust.isOnTrial).toBe(true);
  });

  it("is not lost because of one message, however many parts that has", () => {
    const trust = new BindTrust();
    const message = {};
    const isLost = Array.from({ length: 10 }, () => trust.unanswered(message));
    expect([...isLost, trust.isOnTrial]).not.toContain(true);
    for (let part = 0; part < 10; part++) trust.cutShort(message);
    expect(trust.isOnTrial).toBe(false);
  });

  it("is made anew, not on trial, after three answers in a row that it is none", () => {
    const trust = new BindTrust();
    const isLost = [trust.unanswered({}), trust.unanswered({}), trust.answeredNotBound()];
    expect([...isLost, trust.isOnTrial]).toEqual([false, false, true, false]);
  });

  it("is trusted with one lost answer among others", () => {
    const trust = new BindTrust();
    for (let count = 0; count < 10; count++) {
      expect([trust.unanswered({}), trust.unanswered({})]).toEqual([false, false]);
      trust.answered();
    }
    expect(trust.isOnTrial).toBe(false);
  });

  it("is on trial after three messages in a row that were lost with binds over which none was answered", () => {
    const trust = new BindTrust();
    trust.answered();
    lose(trust, 5);
    expect(trust.isOnTrial).toBe(false);
    lose(trust, 2);
    expect(trust.isOnTrial).toBe(false);
    lose(trust, 1);
    expect(trust.isOnTrial).toBe(true);
  });

  it("is trusted when one was answered between those that were lost", () => {
    const trust = new BindTrust();
    for (let count = 0; count < 10; count++) {
      lose(trust, 2);
      trust.answered();
      trust.ended();
    }
    expect(trust.isOnTrial).toBe(false);
  });

  it.each(["answered", "answeredNotBound"] as const)("on trial is trusted again once it %s", (answer) => {
    const trust = new BindTrust();
    lose(trust, 3);
    trust[answer]();
    expect(trust.isOnTrial).toBe(false);
    trust.ended();
    lose(trust, 2);
    expect(trust.isOnTrial).toBe(false);
  });
});

/** So many messages are unanswered when the bind ends. */
function lose(trust: BindTrust, messages: number): void {
  for (let count = 0; count < messages; count++) trust.cutShort({});
  trust.ended();
}
