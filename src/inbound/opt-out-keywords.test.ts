import { describe, expect, it } from "vitest";
import { DEFAULT_OPT_OUT, readWish, resolveOptOut } from "./opt-out-keywords.ts";

const STOPS = [
  "STOP",
  "STOPALL",
  "STOP ALL",
  "UNSUBSCRIBE",
  "CANCEL",
  "END",
  "QUIT",
  "OPTOUT",
  "OPT-OUT",
  "REVOKE",
  "REMOVE",
  "ARRET",
];

describe("opt-out keywords", () => {
  it.each(STOPS)("reads %s as a wish to stop, whatever its case and punctuation", (keyword) => {
    for (const text of [keyword, keyword.toLowerCase(), ` ${keyword}. `, `"${keyword}!"\n`]) {
      expect(readWish(text, DEFAULT_OPT_OUT)).toBe("stop");
    }
  });

  it("reads ARRÊT with its accent", () => {
    expect(readWish("Arrêt", DEFAULT_OPT_OUT)).toBe("stop");
  });

  it("reads START, UNSTOP and HELP", () => {
    expect(readWish("start", DEFAULT_OPT_OUT)).toBe("start");
    expect(readWish("Unstop.", DEFAULT_OPT_OUT)).toBe("start");
    expect(readWish("HELP?", DEFAULT_OPT_OUT)).toBe("help");
  });

  it.each(["please stop", "STOP it", "nonstop", "", "…", "the end"])(
    "leaves %j alone: not the whole text",
    (text) => {
      expect(readWish(text, DEFAULT_OPT_OUT)).toBeNull();
    },
  );

  it("does nothing where it is off", () => {
    expect(readWish("STOP", resolveOptOut({ isOn: false }))).toBeNull();
  });

  it("takes a number's own settings before the customer's, and those before the defaults, key by key", () => {
    const resolved = resolveOptOut(
      { isOn: true, stopKeywords: ["HALT"] },
      { isOn: true, stopKeywords: ["NO"], stopAnswer: "bye" },
    );
    expect(readWish("halt", resolved)).toBe("stop");
    expect(readWish("no", resolved)).toBeNull();
    expect(resolved.stopAnswer).toBe("bye");
    expect(resolved.helpAnswer).toBe(DEFAULT_OPT_OUT.helpAnswer);
  });
});
