import { describe, expect, it } from "vitest";
import { texts } from "./array-literals.ts";
import { encodeStatements } from "./statement-wire.ts";

const TEXT = "SELECT $1";

/** The messages of a buffer: code, then what follows the length; fails where a length does not fit. */
function messagesOf(bytes: Buffer): { readonly code: string; readonly body: Buffer }[] {
  const messages: { code: string; body: Buffer }[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readInt32BE(at + 1);
    expect(at + 1 + length).toBeLessThanOrEqual(bytes.length);
    messages.push({
      code: bytes.toString("latin1", at, at + 1),
      body: bytes.subarray(at + 5, at + 1 + length),
    });
    at += 1 + length;
  }
  return messages;
}

describe("statements on the wire", () => {
  it("are closed, parsed and described when they are new, and one Sync stands behind all", () => {
    const statement = { name: "one", text: TEXT };
    const bytes = encodeStatements([
      { statement, values: ["a"], isNew: true },
      { statement, values: ["b"], isNew: false },
    ]);
    const messages = messagesOf(bytes);
    expect(messages.map(({ code }) => code).join("")).toBe("CPBDEBES");
    expect(messages[0]?.body.toString("latin1")).toBe("Sone\0");
    expect(messages[1]?.body.toString("latin1")).toBe(`one\0${TEXT}\0\0\0`);
  });

  it("bind values as text, bytes counted and not characters, null apart from the empty text", () => {
    const statement = { name: "é", text: TEXT };
    const bytes = encodeStatements([{ statement, values: ["€", null, "", 12, true], isNew: false }]);
    const [bind] = messagesOf(bytes);
    const counts = "\0\0\0\x05"; // no format codes, five values
    const values = ["\0\0\0\x03€", "", "\0\0\0\0", "\0\0\0\x0212", "\0\0\0\x04true"];
    const null1 = Buffer.from([0xff, 0xff, 0xff, 0xff]);
    expect(bind?.body).toEqual(
      Buffer.concat([
        Buffer.from(`\0é\0${counts}${values[0]}`),
        null1,
        Buffer.from(`${values.slice(2).join("")}\0\0`),
      ]),
    );
  });

  it("bind U+0000, which PostgreSQL's texts do not have, as U+FFFD, in a text and in a list of them", () => {
    const statement = { name: "two", text: TEXT };
    const bytes = encodeStatements([{ statement, values: ["a\0", texts(["b\0", "\0"])], isNew: false }]);
    const [bind] = messagesOf(bytes);
    const values = ["\0\0\0\x04a\uFFFD", '\0\0\0\x0e{"b\uFFFD","\uFFFD"}'];
    expect(bind?.body).toEqual(Buffer.from(`\0two\0\0\0\0\x02${values.join("")}\0\0`));
  });

  it("take a value of several megabytes", () => {
    const statement = { name: "big", text: TEXT };
    const value = "€".repeat(1_000_000);
    const bytes = encodeStatements([{ statement, values: [value], isNew: false }]);
    expect(bytes.includes(Buffer.from(value))).toBe(true);
    expect(messagesOf(bytes).map(({ code }) => code)).toEqual(["B", "E", "S"]);
  });
});
