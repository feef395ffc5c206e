import { describe, expect, it } from "vitest";
import { createLogger, describeError, type LogLevel } from "./log.ts";

const COLOUR = new RegExp(String.raw`${String.fromCodePoint(27)}\[\d+m`, "g");

function record(form: "json" | "terminal", level: LogLevel = "info") {
  const lines: string[] = [];
  return { lines, log: createLogger({ level, form, sink: { write: (line) => lines.push(line) } }) };
}

describe("a logger for machines", () => {
  it("writes one JSON object a line with level, time, message and facts", () => {
    const { lines, log } = record("json");
    log.info({ carrier: "simulator", lanes: 2 }, "carrier is up");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "info",
      msg: "carrier is up",
      carrier: "simulator",
      lanes: 2,
    });
    expect(JSON.parse(lines[0] ?? "")).toHaveProperty("time", expect.stringMatching(/^\d{4}-.*Z$/));
  });

  it("leaves out what is below its level", () => {
    const { lines, log } = record("json", "warn");
    log.debug({}, "a");
    log.info({}, "b");
    log.warn({}, "c");
    log.error({ error: "d" }, "d");
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(["c", "d"]);
  });

  it("writes neither secrets nor texts nor whole numbers, by name or by look", () => {
    const { lines, log } = record("json");
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJjdXN0b21lciI6InsifQ.c2lnbmF0dXJl";
    log.info(
      {
        token: "abcdefgh1",
        access_key: "abcdefgh2",
        "set-cookie": "abcdefgh3",
        text: "abcdefgh4",
        destination: "+31612345678",
        url: `/v1.0/messages?page_size=10&token=${jwt}&accesskey=vb_abcdefgh5`,
        carrier_url: "smpp://system:abcdefgh6@smsc.example:2775?window=10",
        words: "Bearer abcdefgh7.x and whsec_abcdefgh8= and vb_abcdefgh9abcdefgh",
      },
      `asked with ?token=${jwt}`,
    );
    expect(lines[0]).not.toMatch(/abcdefgh|eyJ|31612345/);
    expect(lines[0]).toContain("page_size=10");
    expect(lines[0]).toContain("smsc.example:2775?window=10");
    expect(lines[0]).toContain("…678");
  });
});

describe("a logger for people", () => {
  it("writes time, level, message and the facts as name=value", () => {
    const { lines, log } = record("terminal");
    log.warn({ carrier: "acme", detail: "connection refused", lanes: 0 }, "carrier is down");
    const plain = (lines[0] ?? "").replaceAll(COLOUR, "");
    expect(plain).toMatch(
      /^\d\d:\d\d:\d\d warn {2}carrier is down {2}carrier=acme detail="connection refused" lanes=0\n$/,
    );
  });

  it.each(["\u001B[2J", "\u009B2J", "a \u009B2J", "\u202Eb", 'a "\u2066"', "\r", "\u007F", "a\nb"])(
    "shows %j instead of obeying it, in the message and in a fact, on one line",
    (words) => {
      const { lines, log } = record("terminal");
      log.info({ words, [words]: 1 }, words);
      const [line = ""] = lines;
      expect(line.replaceAll(COLOUR, "")).toMatch(/^[\u0020-\u007E]+\n$/);
    },
  );
});

describe("an error's description", () => {
  it("tells its causes too", () => {
    const error = new Error("cannot open", { cause: new TypeError("no such file") });
    expect(describeError(error)).toBe("Error: cannot open ← TypeError: no such file");
  });

  it("ends at five however long the chain", () => {
    const error = new Error("again");
    error.cause = error;
    expect(describeError(error).split("←")).toHaveLength(5);
  });

  it("takes what is no error at its word", () => {
    expect(describeError("boom")).toBe("'boom'");
  });
});
