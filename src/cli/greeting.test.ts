import { describe, expect, it } from "vitest";
import { NO_PAINT, renderFirstRun, TERMINAL_PAINT } from "./greeting.ts";

const FACTS = {
  url: "http://127.0.0.1:8080",
  username: "admin",
  password: "abcde-fghjk",
  token: "e30.e30.e30",
  hasSimulator: true,
};

describe("what the first start shows", () => {
  it("is the address, how to get in, a request to paste and where to look", () => {
    const text = renderFirstRun(FACTS, NO_PAINT);
    expect(text).toContain("msgbin runs at http://127.0.0.1:8080\n");
    expect(text).toMatch(/username {2}admin\n\s+password {2}abcde-fghjk\n/);
    expect(text).toContain(
      "curl --request POST 'http://127.0.0.1:8080/v1.0/messages?token=e30.e30.e30' \\\n",
    );
    expect(text).toContain("npx msgbin messages");
    expect(text).toContain("http://127.0.0.1:8080/docs");
  });

  it("tells to add a carrier first where there is no simulator", () => {
    const text = renderFirstRun({ ...FACTS, hasSimulator: false }, NO_PAINT);
    expect(text).toMatch(
      /npx msgbin carriers add NAME 'smpp:[^]*curl --request POST [^]*"target":"YOUR_SENDER"/,
    );
    expect(text).not.toMatch(/simulator|\+31600000001/);
  });

  it("does not show a password that the operator chose", () => {
    const text = renderFirstRun({ ...FACTS, password: null }, NO_PAINT);
    expect(text).toContain("the one you set in MSGBIN_ADMIN_PASSWORD");
    expect(text).not.toContain("not shown again");
  });

  it("is the same on a terminal, but for its marks", () => {
    const marks = new RegExp(String.raw`${String.fromCodePoint(27)}\[\d+m`, "g");
    const painted = renderFirstRun(FACTS, TERMINAL_PAINT);
    expect(painted).toMatch(marks);
    expect(painted.replaceAll(marks, "")).toBe(renderFirstRun(FACTS, NO_PAINT));
  });
});
