import { describe, expect, it } from "vitest";
import { micros } from "../domain/micros.ts";
import { ANSWER_MAX_CHARACTERS, recordOf } from "./attempt-record.ts";

const AT = micros(1_700_000_000_000_000);

describe("recordOf", () => {
  it("keeps status and answer", () => {
    const body = Buffer.from("danke schön");
    expect(recordOf({ kind: "answered", status: 201, headers: {}, body }, AT, 12)).toEqual({
      at: AT,
      tookMs: 12,
      statusCode: 201,
      error: "",
      answer: "danke schön",
    });
  });

  it("keeps why there was no answer", () => {
    const outcome = {
      kind: "failed",
      reason: "timeout",
      message: "in vain",
      status: 200,
      isSent: true,
    } as const;
    expect(recordOf(outcome, AT, 15_000)).toEqual({
      at: AT,
      tookMs: 15_000,
      statusCode: 200,
      error: "in vain",
      answer: "",
    });
  });

  it.each(["a", "ü", "漢"])("keeps %s as often as the limit allows and not once more", (character) => {
    expect(answerOf(character.repeat(ANSWER_MAX_CHARACTERS))).toHaveLength(ANSWER_MAX_CHARACTERS);
    expect(answerOf(character.repeat(ANSWER_MAX_CHARACTERS + 1))).toBe(
      character.repeat(ANSWER_MAX_CHARACTERS),
    );
  });

  it("cuts no character in half and keeps no NUL", () => {
    expect(answerOf(`a${"😀".repeat(ANSWER_MAX_CHARACTERS)}`).isWellFormed()).toBe(true);
    expect(answerOf("a\0b")).toBe("a\uFFFDb");
  });
});

function answerOf(text: string): string {
  return recordOf({ kind: "answered", status: 200, headers: {}, body: Buffer.from(text) }, AT, 1).answer;
}
