import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Receiver, startReceiver } from "./support/receiver.ts";
import { type CommandOutcome, runCommand } from "./support/run-command.ts";
import { runRefusedServe } from "./support/run-serve.ts";
import { eventually, prepareService, type Service } from "./support/service.ts";

const NUMBER = "+821100000001";
const WITHIN_MS = 20_000;
const OWNER_ONLY = 0o600;
const MODE = 0o777;

interface Listed {
  readonly id: string;
  readonly text: string;
  readonly direction: string;
}

/** What a newcomer does after the first message, by the command line alone. */
describe("the command line as a desk", () => {
  let service: Service;
  let receiver: Receiver;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "msgbin-desk-"));
    receiver = await startReceiver();
    service = await prepareService();
    await service.start();
    await succeed("numbers", "add", NUMBER, "--name", "Front desk");
  });
  afterAll(async () => {
    await service.dispose();
    await receiver.close();
    rmSync(folder, { recursive: true });
  });

  function msgbin(...words: readonly string[]): Promise<CommandOutcome> {
    return runCommand(words, { MSGBIN_DATA_DIR: service.dataDir });
  }

  async function succeed(...words: readonly string[]): Promise<string> {
    const { code, out, err } = await msgbin(...words);
    expect({ words, code, err: code === 0 ? "" : err }).toEqual({ words, code: 0, err: "" });
    return out;
  }

  async function readJson<Answer>(...words: readonly string[]): Promise<Answer> {
    return JSON.parse(await succeed(...words, "--json")) as Answer;
  }

  const send = (handset: string, ...words: readonly string[]): Promise<Listed> =>
    readJson("send", "--from", NUMBER, "--to", handset, ...words);

  it("shows a number with its owner, and gives one up by itself", async () => {
    expect(await succeed("numbers")).toMatch(/^\+821100000001 {2}\S+ {2}admin .* Front desk$/m);
    await succeed("numbers", "add", "+821100000002");
    expect(await succeed("numbers", "remove", "+82 11 0000 0002")).toBe("removed +821100000002\n");
    const again = await msgbin("numbers", "remove", "+821100000002");
    expect(again).toMatchObject({ code: 4, err: "msgbin: there is no number +821100000002\n" });
  });

  it("plays a handset: writes, reads, and answers the number that wrote last", async () => {
    const handset = "+31655500011";
    expect(await succeed("handset", handset, "is anybody there?")).toBe(`${handset} wrote to ${NUMBER}\n`);
    const [asked] = await eventually(
      () => readJson<Listed[]>("messages", "list", "--direction", "inbound", "--source", handset),
      (messages) => messages.length === 1,
      WITHIN_MS,
    );
    expect(asked?.text).toBe("is anybody there?");
    await succeed("send", "--from", NUMBER, "--to", handset, "--wait", "yes");
    expect(await succeed("handset", handset, "--inbox")).toMatch(
      new RegExp(String.raw`^${new Date().getUTCFullYear()}-\S+ \S+ {2}\+821100000001 {2}yes$`, "m"),
    );
    await succeed("send", "--from", "Acme", "--to", handset, "--wait", "a name takes no answer");
    expect(await succeed("handset", handset, "thank you")).toBe(`${handset} wrote to ${NUMBER}\n`);
    expect(await msgbin("handset", handset)).toMatchObject({ code: 2 });
    expect(await msgbin("handset", handset, "x", "--inbox")).toMatchObject({ code: 2 });
  });

  it("lets nobody who writes to us move the cursor, hide or forge anything on our terminal", async () => {
    const handset = "+31655500021";
    const escapes = "\u001B]0;gone\u0007\u001B[2J\u009B1A\u202E";
    const text = `hello${escapes}\nID  CREATED\r\nforged  2026-01-01`;
    await succeed("handset", handset, text, "--to", NUMBER);
    const [asked] = await eventually(
      () => readJson<Listed[]>("messages", "list", "--direction", "inbound", "--source", handset),
      (messages) => messages.length === 1,
      WITHIN_MS,
    );
    expect(asked?.text).toBe(text); // as JSON it is whole
    await succeed("numbers", "add", "+821100000003", "--name", text);
    const talker = await startReceiver(undefined, text);
    const { id } = await readJson<Listed>("webhooks", "add", talker.url, "--events", "message_created");
    const outputs = [
      await succeed("messages", "get", asked?.id ?? ""),
      await succeed("messages"),
      await succeed("numbers"),
      await succeed("webhooks", "test", id),
    ];
    await send("+31655500022", "x");
    await eventually(
      () => readJson<unknown[]>("webhooks", "attempts", id),
      (attempts) => attempts.length > 0,
      WITHIN_MS,
    );
    outputs.push(await succeed("webhooks", "attempts", id));
    await succeed("send", "--from", NUMBER, "--to", handset, "--wait", text);
    outputs.push(await succeed("handset", handset, "--inbox"));
    for (const output of outputs) {
      expect(output).not.toMatch(/(?!\n)[\p{Cc}\u202E]/u);
      expect(output).not.toMatch(/^(?:ID {2}CREATED$|forged)/m);
      expect(output).toContain(String.raw`hello\u001b]0;gone\u0007\u001b[2J`);
    }
    await succeed("webhooks", "remove", id);
    await succeed("numbers", "remove", "+821100000003");
    await talker.close();
  });

  it("obeys STOP, shows it, and lifts it", async () => {
    const handset = "+31655500012";
    await succeed("handset", handset, "STOP", "--to", NUMBER);
    await eventually(
      () => readJson<unknown[]>("optouts", "list", "--lasting", "--handset", handset),
      (periods) => periods.length === 1,
      WITHIN_MS,
    );
    expect(await msgbin("send", "--from", NUMBER, "--to", handset, "--wait", "x")).toMatchObject({ code: 5 });
    const pair = ["--sender", NUMBER, "--handset", handset];
    expect(await succeed("optouts", "lift", ...pair)).toContain("ended");
    expect(await msgbin("optouts", "lift", ...pair)).toMatchObject({ code: 4 });
    expect(await msgbin("optouts", "lift")).toMatchObject({ code: 2 });
    await succeed("send", "--from", NUMBER, "--to", handset, "--wait", "welcome back");
    expect(await succeed("optouts", "add", ...pair)).toContain("lasting");
  });

  it("finds messages by what is known of them", async () => {
    await send("+31655500013", "the needle");
    const found = await readJson<Listed[]>("messages", "list", "--text", "NEEDLE", "--direction", "outbound");
    expect(found.map(({ text }) => text)).toEqual(["the needle"]);
    const none = await msgbin("messages", "list", "--text", "nowhere to be found");
    expect(none).toMatchObject({ code: 0, out: "", err: "no such messages\n" });
    expect(await msgbin("messages", "list", "--status", "lost")).toMatchObject({ code: 4 });
  });

  it("tells a message's way", async () => {
    const { id } = JSON.parse(
      await succeed("send", "--from", NUMBER, "--to", "+31655500014", "--wait", "--json", "x"),
    ) as Listed;
    const timeline = await succeed("messages", "timeline", id);
    expect(timeline).toMatch(/ accepted\n[^]* sent [^]* receipt /);
    expect(timeline).toContain("simulator");
  });

  it("schedules, and cancels what was not sent", async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const { id } = await send("+31655500015", "--schedule", tomorrow, "--priority", "high", "later");
    const canceled = await msgbin("messages", "cancel", id);
    expect(canceled).toMatchObject({ code: 0, out: expect.stringContaining("canceled") });
    expect(canceled.err).toBe("canceled: 1 of 1 targets\n");
    for (const word of ["cancel", "resend"]) {
      const again = await msgbin("messages", word, id);
      expect(again).toMatchObject({ code: 0, out: expect.stringContaining("canceled") });
      expect(again.err).toBe(`nothing to ${word}: 1 canceled\n`);
    }
  });

  it("shows what would become of a message, and sends nothing", async () => {
    const dry = await succeed("send", "--from", "Acme", "--to", "+31655500016", "--dry-run", "dry 👋");
    expect(dry).toMatch(/^\+31655500016 {2}queued {4}1 {6}ucs2 {6}simulator$/m);
    expect(await readJson<Listed[]>("messages", "list", "--destination", "+31655500016")).toEqual([]);
    const both = await msgbin("send", "--from", "A", "--to", "+31655500016", "--dry-run", "--wait", "x");
    expect(both).toMatchObject({ code: 2 });
  });

  it("adds a webhook, tries it, shows its calls and replays them", async () => {
    const { id } = await readJson<Listed>("webhooks", "add", receiver.url, "--events", "message_created");
    expect(await succeed("webhooks", "test", id)).toMatch(/^200 after \d+ ms\n$/);
    const hooked = await send("+31655500017", "hooked");
    const calls = await eventually(
      () => readJson<{ event_id: string; status_code: number }[]>("webhooks", "attempts", id),
      (attempts) => attempts.length === 1,
      WITHIN_MS,
    );
    const timeline = await succeed("messages", "timeline", hooked.id);
    expect(timeline).toMatch(new RegExp(`webhook +${id}, message_created, attempt 1, 200`));
    expect(await succeed("webhooks", "replay", id, calls[0]?.event_id ?? "")).toContain("1 events");
    await eventually(
      () => receiver.events.filter((event) => event.id === calls[0]?.event_id),
      (events) => events.length === 2,
      WITHIN_MS,
    );
    expect(await succeed("webhooks", "rotate", id)).toMatch(/^webhook secret {2}whsec_/);
    expect(await succeed("webhooks")).toContain(receiver.url);
    expect(await succeed("webhooks", "remove", id)).toBe(`removed ${receiver.url}\n`);
    expect(await msgbin("webhooks", "replay", id)).toMatchObject({ code: 2 });
    const deaf = await readJson<Listed>("webhooks", "add", "http://127.0.0.1:9/");
    expect(await msgbin("webhooks", "test", deaf.id)).toMatchObject({ code: 5 });
    await succeed("webhooks", "remove", deaf.id);
  });

  it("tells the administrator of a customer's webhook that fails, and the log as well", async () => {
    expect(await succeed("doctor")).toMatch(/^ok {4}webhooks: there are none \(all customers'\)$/m);
    const uri = "http://127.0.0.1:9/";
    await succeed("customers", "add", "caller", "--password", "correct horse", "--webhook-uri", uri);
    const asCaller = {
      MSGBIN_DATA_DIR: service.dataDir,
      MSGBIN_TOKEN: (await succeed("token", "--customer", "caller")).trim(),
    };
    const sent = await runCommand(["send", "--from", "Acme", "--to", "+31655500023", "x"], asCaller);
    expect(sent.code).toBe(0);
    const listed = await eventually(
      () => succeed("webhooks", "list", "--all"),
      (webhooks) => webhooks.includes("failing since"),
      WITHIN_MS,
    );
    expect(listed).toMatch(/^CUSTOMER {2}ID .*\ncaller +\S+ +failing since /);
    const failing = "webhook http://127\\.0\\.0\\.1:9/ of caller: failing since ";
    const todo =
      "see what it answers: MSGBIN_TOKEN=\\$\\(msgbin token --customer caller\\) msgbin webhooks attempts ";
    expect(await succeed("doctor")).toMatch(new RegExp(`^warn  ${failing}.*\n      → ${todo}`, "m"));
    expect((await runCommand(["doctor"], asCaller)).out).toMatch(
      /^warn {2}webhook http:\/\/127\S+: failing since/m,
    );
    expect((await runCommand(["webhooks", "list", "--all"], asCaller)).code).toBe(4);
    await eventually(
      () => service.output(),
      (output) => /"endpoint":"[^"]+","customer":"[^"]+",.*"webhook endpoint fails"/.test(output),
      WITHIN_MS,
    );
    await succeed("customers", "remove", "caller");
    expect(await succeed("webhooks", "list", "--all")).not.toContain("caller");
  });

  it("copies the database while it is in use, whole and for its owner alone", async () => {
    const { id } = await send("+31655500018", "in the copy");
    const file = join(folder, "copy.db");
    expect(await succeed("backup", file)).toBe(`the database is copied to ${file}\n`);
    expect(statSync(file).mode & MODE).toBe(OWNER_ONLY);
    const copy = new DatabaseSync(file, { readOnly: true });
    expect(copy.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    expect(copy.prepare("SELECT count(*) AS n FROM messages WHERE text = ?").get("in the copy")).toEqual({
      n: 1,
    });
    copy.close();
    expect(await msgbin("backup", file)).toMatchObject({ code: 1 });
    const postgres = await msgbin("backup", "--database-url", "postgres://u:p@127.0.0.1:1/d", `${file}2`);
    expect(postgres).toMatchObject({ code: 1, err: expect.stringContaining("pg_dump") });
    expect(await succeed("messages", "get", id)).toContain("in the copy");
  });

  it("erases one number everywhere and leaves the others", async () => {
    const gone = await send("+31655500019", "to be forgotten");
    const kept = await send("+31655500020", "to be kept");
    const withoutYes = await msgbin("erase", "+31655500019");
    expect(withoutYes).toMatchObject({ code: 2, err: expect.stringContaining("--yes") });
    expect(await succeed("erase", "+31655500019", "--yes")).toMatch(/^erased: 1 messages, 1 targets/);
    expect(await succeed("messages", "get", gone.id)).not.toMatch(/31655500019|forgotten/);
    expect(await succeed("messages", "get", kept.id)).toContain("to be kept");
    expect(await msgbin("erase", "nobody", "--yes")).toMatchObject({ code: 4 });
    const audit = await readAudit();
    expect(audit).toContain("number.erased");
    expect(audit).not.toContain("31655500019");
  });

  async function readAudit(): Promise<string> {
    const token = (await succeed("token")).trim();
    const answer = await fetch(`${service.url}/v1.0/audit`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return answer.text();
  }

  it("finds nothing wrong with a set-up that works, and says what is", async () => {
    const findings = await readJson<{ state: string; what: string }[]>("doctor");
    expect(findings.filter(({ state }) => state === "wrong")).toEqual([]);
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        "Node",
        "clock",
        "data directory",
        "disk",
        "secret key",
        "database",
        "service",
      ]),
    );
    writeFileSync(join(service.dataDir, "first-run.txt"), "x");
    expect(await succeed("doctor")).toMatch(/^warn {2}first-run\.txt: .*\n {6}→ note it, then rm /m);
    await service.terminate();
    const stopped = await msgbin("doctor");
    expect(stopped.code).toBe(1);
    expect(stopped.out).toMatch(/^FAIL {2}service: none runs/m);
    const otherKey = await runCommand(["doctor"], {
      MSGBIN_DATA_DIR: service.dataDir,
      MSGBIN_SECRET_KEY: "another key of the tests",
    });
    expect(otherKey.out).toMatch(/^FAIL {2}secret key: .*: not the one that the database was sealed with$/m);
    await service.start();
  });

  it("starts no service on a database whose key is missing, and makes none in its place", async () => {
    await service.terminate();
    const key = join(service.dataDir, "secret.key");
    renameSync(key, join(folder, "secret.key"));
    const { code, output } = await runRefusedServe({ MSGBIN_DATA_DIR: service.dataDir });
    expect(code).toBe(1);
    expect(output).toMatch(/^msgbin: .*there is no secret\.key in .*: put it there \(a further node /m);
    expect(existsSync(key)).toBe(false);
    expect(await msgbin("doctor")).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^FAIL {2}secret key: there is no /m),
    });
    renameSync(join(folder, "secret.key"), key);
    await service.start();
    await succeed("doctor");
  });
});
