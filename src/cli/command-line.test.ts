import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildProgram, runCommandLine } from "./command-line.ts";

describe("the command line", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "msgbin-cli-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function run(line: string, environment: Readonly<Record<string, string>> = {}) {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCommandLine({
      arguments: line.split(" ").filter((word) => word !== ""),
      environment,
      workingDirectory: folder,
      stdout: { write: (text) => out.push(text) },
      stderr: { write: (text) => err.push(text) },
      signal: new AbortController().signal,
    });
    return { code, out: out.join(""), err: err.join("") };
  }

  it("explains itself and each command, with examples", async () => {
    const { code, out } = await run("--help");
    expect(code).toBe(0);
    const program = buildProgram({
      arguments: [],
      environment: {},
      workingDirectory: folder,
      stdout: { write: () => true },
      stderr: { write: () => true },
      signal: new AbortController().signal,
    });
    for (const command of program.commands) {
      expect(out).toContain(`\n  ${command.name()}`);
      const help = await run(`${command.name()} --help`);
      expect(help).toMatchObject({ code: 0, err: "" });
      expect(help.out).toContain(command.description());
    }
  });

  it("shows every setting of the service in the help of serve, with its variable", async () => {
    const { out } = await run("serve --help");
    for (const variable of ["MSGBIN_PORT", "MSGBIN_DATA_DIR", "MSGBIN_SIMULATOR", "MSGBIN_LOG_LEVEL"])
      expect(out).toContain(variable);
  });

  it("prints its version", async () => {
    expect((await run("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("shows its help, as a wrong use, when it is told nothing", async () => {
    expect(await run("")).toMatchObject({ code: 2 });
  });

  it.each([
    ["sned", /unknown command 'sned'/],
    ["messages delte 0199", /^msgbin: unknown command 'delte'\n\(Did you mean delete\?\)$/m],
    ["carriers delete acme", /unknown command 'delete'/],
    ["carriers change acme", /a URL or --name must say what is to change/],
    ["numbers list +31600000001", /too many arguments for 'list'/],
    ["simulate foo=1", /foo/],
    ["simulate responseDelayMs=x", /responseDelayMs/],
    ["send hello", /required option '--from/],
    ["send --from A --to +31600000001", /missing required argument 'TEXT'/],
    ["serve --prot 1", /unknown option '--prot'/],
    ["serve --port http", /--port must be a port/],
    ["send --from A --to +31600000001 --wait --timeout soon hello", /--timeout must be a time/],
    ["token --ttl 2years", /--ttl must be a time/],
    ["messages list --limit 0", /--limit must be a whole number/],
    ["customers add acme", /--password must be given/],
  ])("refuses `%s` in one line that begins with its name", async (line, reason) => {
    const { code, out, err } = await run(line);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^msgbin: [^\n]+\n(?:\(Did you mean .*\)\n)?$/);
    expect(err).toMatch(reason);
  });

  it("lists when it is told no more than of what, and explains what it is asked to explain", async () => {
    const remote = { MSGBIN_URL: "http://127.0.0.1:1", MSGBIN_TOKEN: "t" };
    for (const line of ["messages", "messages --limit 3", "webhooks --json"])
      expect(await run(line, remote)).toMatchObject({
        code: 3,
        err: expect.stringContaining("no answer from"),
      });
    expect((await run("messages --help")).out).toContain("Usage: msgbin messages [options] [command]");
  });

  it("names a wrong setting, wherever it came from", async () => {
    expect((await run("serve", { MSGBIN_PROT: "1" })).err).toMatch(/^msgbin: MSGBIN_PROT is not a setting/);
    writeFileSync(join(folder, "msgbin.json"), '{"simulator": "sometimes"}');
    const { code, err } = await run("messages");
    expect(code).toBe(2);
    expect(err).toBe('msgbin: msgbin.json: simulator must be on or off (it is "sometimes")\n');
  });

  it("says how to reach a service when there is none, and makes nothing", async () => {
    const messages = await run("messages");
    expect(messages.code).toBe(3);
    expect(messages.err).toMatch(/^msgbin: no service runs on .*MSGBIN_URL and MSGBIN_TOKEN\n$/);
    const token = await run("token");
    expect(token.code).toBe(1);
    expect(token.err).toMatch(/^msgbin: there is no msgbin database in .*: start `msgbin serve` first/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("says for the doctor where none runs, by whatever way the port was set", async () => {
    const byFlag = await run("doctor --port 1 --host 127.0.0.2");
    expect(byFlag.out).toMatch(
      /^FAIL {2}service: none runs; port 1 of 127\.0\.0\.2, where it would .*, is free$/m,
    );
    expect((await run("doctor", { MSGBIN_PORT: "2" })).out).toContain(
      "none runs; port 2 of 127.0.0.1, where",
    );
    expect((await run("doctor", { MSGBIN_PORT: "0" })).out).toMatch(/^FAIL {2}service: none runs$/m);
  });

  it("says why a service does not answer the doctor", async () => {
    const { code, out } = await run("doctor", { MSGBIN_URL: "http://127.0.0.1:1", MSGBIN_TOKEN: "t" });
    expect(code).toBe(1);
    expect(out).toContain("no answer from http://127.0.0.1:1: bad port"); // the cause that fetch hides
  });

  it("asks for a token when it is told of a service elsewhere", async () => {
    const { code, err } = await run("messages", { MSGBIN_URL: "http://127.0.0.1:1" });
    expect(code).toBe(2);
    expect(err).toMatch(/^msgbin: MSGBIN_TOKEN must/);
  });
});
