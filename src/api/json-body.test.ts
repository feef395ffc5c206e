import { describe, expect, it } from "vitest";
import { Refusal } from "./errors.ts";
import { readJsonBody } from "./json-body.ts";

function refusalOf(bytes: string | Uint8Array): Refusal {
  try {
    readJsonBody(Buffer.from(bytes));
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("reading a JSON body", () => {
  it("gives what it holds", () => {
    expect(readJsonBody(Buffer.from('{"text":"hé \\ud83d\\ude00","n":[1,null]}'))).toEqual({
      text: "hé 😀",
      n: [1, null],
    });
  });

  it("gives nothing for an empty body", () => {
    expect(readJsonBody(Buffer.from(""))).toBeUndefined();
  });

  it("says where the JSON goes wrong and quotes none of it", () => {
    expect(refusalOf('{"text" "secret"}')).toMatchObject({
      reason: "INVALID_JSON_BODY",
      message: "the body is not valid JSON: it goes wrong at character 8",
    });
    expect(refusalOf('{"text": secret}').message).toBe("the body is not valid JSON");
    expect(refusalOf('{"text":').reason).toBe("INVALID_JSON_BODY");
  });

  it("refuses bytes that are no UTF-8", () => {
    expect(refusalOf(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toMatchObject({
      reason: "INVALID_JSON_BODY",
      message: "the body is not valid UTF-8",
    });
  });

  it("refuses half a surrogate pair and U+0000, naming the field", () => {
    expect(refusalOf('{"destinations":[{"name":"\\ud83d"}]}')).toMatchObject({
      reason: "INVALID_ARGUMENT",
      field: "destinations[0].name",
    });
    expect(refusalOf('{"text":"a\\u0000b"}')).toMatchObject({ reason: "INVALID_ARGUMENT", field: "text" });
  });

  it("walks a body that nests deeper than the stack", () => {
    const depth = 200_000;
    const text = `${"[".repeat(depth)}"\\u00e9"${"]".repeat(depth)}`;
    expect(() => readJsonBody(Buffer.from(text))).not.toThrow();
    expect(refusalOf(text.replace("\\u00e9", "\\u0000")).field).toHaveLength(200);
  });

  it("lets a key named __proto__ be a key and nothing more", () => {
    const body = readJsonBody(Buffer.from('{"__proto__":{"isAdmin":true}}')) as {
      readonly isAdmin?: boolean;
    };
    expect(body.isAdmin).toBeUndefined();
  });
});
