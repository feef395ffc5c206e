import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSimulator } from "../src/carriers/simulator/simulator.ts";
import { runCommandLine } from "../src/cli/command-line.ts";
import { ISSUED_CERTIFICATE, ISSUED_KEY, TEST_CHAIN } from "../src/smpp/net/certificate-chain.fixture.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "./support/service.ts";

const WITHIN_MS = 20_000;

/** Commands against a service of their own, found by its data directory. */
describe("the command line beside a service", () => {
  let service: Service;
  beforeAll(async () => {
    service = await prepareService();
    await service.start();
  });
  afterAll(() => service.dispose());

  async function msgbin(
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    err: string[] = [],
  ) {
    const out: string[] = [];
    const code = await runCommandLine({
      arguments: words,
      environment: { MSGBIN_DATA_DIR: service.dataDir, ...environment },
      workingDirectory: "/",
      stdout: { write: (text) => out.push(text) },
      stderr: { write: (text) => err.push(text) },
      signal: new AbortController().signal,
    });
    return { code, out: out.join(""), err: err.join("") };
  }

  async function readOne(words: readonly string[]): Promise<{ readonly id: string }> {
    return JSON.parse((await msgbin([...words, "--json"])).out) as { id: string };
  }

  const SEND = ["send", "--from", "+821100000001"];
  const UNKNOWN_ID = "01a20a91-eaa2-776d-b87c-ced33eaee3b2";

  it("sends, and follows the message until the handset has it", async () => {
    const { code, out, err } = await msgbin([...SEND, "--to", "+31600000001", "--wait", "hello"]);
    expect({ code, lastLine: err.trim().split("\n").at(-1) }).toEqual({ code: 0, lastLine: "1 delivered" });
    expect(out).toMatch(/\+31600000001 {2}delivered {2}1/);
  });

  it("sends once under an idempotency key, however often it is run", async () => {
    const words = [...SEND, "--to", "+31600000001", "--idempotency-key", "order-17", "--json"];
    const ids = [];
    for (let run = 0; run < 2; run++) {
      const { id } = JSON.parse((await msgbin([...words, "on its way"])).out) as { id: string };
      ids.push(id);
    }
    expect(ids[1]).toBe(ids[0]);
    const { code, err } = await msgbin([...words, "another text"]);
    expect({ code, err }).toMatchObject({ code: 4, err: expect.stringContaining("IDEMPOTENCY_KEY_REUSED") });
    const { code: unkeyed, err: why } = await msgbin([...words, "--dry-run", "on its way"]);
    expect(unkeyed).toBe(2);
    expect(why).toContain("--idempotency-key and --dry-run do not go together");
  });

  it("says with its exit code that a target failed, and why", async () => {
    const { code, out, err } = await msgbin([
      ...SEND,
      "--to",
      "+31600000001,+31600000002",
      "--wait",
      "--json",
      "hello",
    ]);
    expect(code).toBe(5);
    expect(err).toContain("msgbin: not every target was delivered: 1 delivered, 1 failed");
    const message = JSON.parse(out) as { targets: { status: string; error?: { code: string } }[] };
    expect(message.targets.map(({ status, error }) => [status, error?.code])).toEqual([
      ["delivered", undefined],
      ["failed", "unreachable"],
    ]);
  });

  it("says with its exit code that the time was up", async () => {
    const { code, err } = await msgbin([
      ...SEND,
      "--to",
      "+31600000010",
      "--wait",
      "--timeout",
      "1s",
      "hello",
    ]);
    expect(code).toBe(6);
    expect(err).toMatch(/msgbin: the time is up: 1 (?:queued|sent)\n$/);
  });

  it("says the id at once, and watches on while the service is killed and comes back", async () => {
    const err: string[] = [];
    const scheduled = ["--schedule", new Date(Date.now() + 86_400_000).toISOString()];
    const watching = msgbin(
      [...SEND, "--to", "+31600000001", ...scheduled, "--wait", "--json", "x"],
      {},
      err,
    );
    const said = await eventually(
      () => err.join(""),
      (words) => words.includes("1 scheduled"),
      WITHIN_MS,
    );
    const id = /^accepted: (\S+)\n1 scheduled\n$/.exec(said)?.[1] ?? "";
    await service.kill();
    await eventually(
      () => err.join(""),
      (words) => words.includes("Asking again"),
      WITHIN_MS,
    );
    await service.start();
    expect((await msgbin(["messages", "cancel", id])).code).toBe(0);
    const { code, out } = await watching;
    expect({ code, ended: JSON.parse(out) as unknown }).toMatchObject({
      code: 5,
      ended: { id, targets: [{ status: "canceled" }] },
    });
  });

  it("lists, shows and deletes messages", async () => {
    const sent = JSON.parse(
      (await msgbin([...SEND, "--to", "+31600000001", "--json", "to be deleted"])).out,
    ) as { id: string };
    expect((await msgbin(["messages"])).out).toMatch(new RegExp(`^ID .*\n${sent.id} .*to be deleted\n`));
    expect((await msgbin(["messages", "get", sent.id])).out).toContain("text     to be deleted");
    expect((await msgbin(["messages", "delete", sent.id])).code).toBe(0);
    const gone = await msgbin(["messages", "get", sent.id]);
    expect(gone.code).toBe(4);
    expect(gone.err).toMatch(/^msgbin: the service refused: .*\(MESSAGE_NOT_FOUND\)\n$/);
    const listed = JSON.parse((await msgbin(["messages", "list", "--json"])).out) as { id: string }[];
    expect(listed.map(({ id }) => id)).not.toContain(sent.id);
  });

  it("lists more messages than one page holds", async () => {
    const numbers = Array.from({ length: 105 }, (_, n) => `message ${n}`);
    for (const text of numbers) await msgbin([...SEND, "--to", "+31600000001", text]);
    const listed = JSON.parse((await msgbin(["messages", "list", "--limit", "103", "--json"])).out) as {
      text: string;
    }[];
    expect(listed.map(({ text }) => text)).toEqual(numbers.toReversed().slice(0, 103));
  });

  it("refuses what the service refuses, in its words", async () => {
    const { code, err } = await msgbin([...SEND, "--to", "not-a-number", "hello"]);
    expect(code).toBe(4);
    expect(err).toMatch(/^msgbin: the service refused: .*destinations\[0\].*\(INVALID_ARGUMENT\)\n$/);
    expect((await msgbin(["messages", "get", UNKNOWN_ID])).code).toBe(4);
  });

  it("adds a customer who has messages and a token of his own", async () => {
    const added = await msgbin([
      "customers",
      "add",
      "acme",
      "--password",
      "correct horse",
      "--webhook-uri",
      "http://127.0.0.1:9/",
    ]);
    expect(added.out).toMatch(/webhook secret {2}whsec_\S+ \(shown this once\)/);
    expect((await msgbin(["customers"])).out).toMatch(/^acme .* http:\/\/127\.0\.0\.1:9\/$/m);
    const kept = ["customers", "retention", "acme"];
    expect((await msgbin(kept)).out).toMatch(/^messages {2}default\ncontent {3}default$/m);
    const changed = await msgbin([...kept, "--retention-days", "90", "--retention-content-days", "off"]);
    expect(changed.out).toMatch(/^messages {2}90 days\ncontent {3}for ever$/m);
    expect((await msgbin([...kept, "--retention-days", "soon"])).code).toBe(2);
    const again = await msgbin(["customers", "add", "acme", "--password", "correct horse"]);
    expect(again).toMatchObject({ code: 4, err: expect.stringContaining("RESOURCE_ALREADY_EXISTS") });

    const token = await msgbin(["token", "--customer", "acme", "--ttl", "1h"]);
    expect(token).toMatchObject({ code: 0, err: "" });
    expect(token.out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const asAcme = { MSGBIN_TOKEN: token.out.trim() };
    const { id } = await readOne(["customers", "retention", "acme"]);
    expect((await msgbin(["token", "--customer", id])).code).toBe(0);
    for (const [number, customer] of [
      ["+821100000008", "acme"],
      ["+821100000009", id],
    ] as const)
      expect(await readOne(["numbers", "add", number, "--customer", customer])).toMatchObject({
        customer_id: id,
      });
    expect(await msgbin(["numbers", "add", "+821100000010", "--customer", "nobody"])).toMatchObject({
      code: 4,
    });
    expect((await msgbin(["messages"], asAcme)).err).toBe("no messages yet\n");
    expect(await msgbin(["customers"], asAcme)).toMatchObject({
      code: 4,
      err: expect.stringContaining("PERMISSION_DENIED"),
    });
    expect(await msgbin(["token", "--customer", "nobody"])).toMatchObject({
      code: 4,
      err: expect.stringMatching(/^msgbin: there is no customer nobody/),
    });
    expect(await msgbin(["customers", "retention", "nobody"])).toMatchObject({
      code: 4,
      err: "msgbin: there is no customer nobody\n",
    });
  });

  it("gives a customer a new password, which ends its tokens, and removes it", async () => {
    await msgbin(["customers", "add", "leaver", "--password", "correct horse"]);
    const asLeaver = { MSGBIN_TOKEN: (await msgbin(["token", "--customer", "leaver"])).out.trim() };
    expect((await msgbin(["messages"], asLeaver)).code).toBe(0);
    const changed = await msgbin(["customers", "password", "leaver", "--password", "battery staple"]);
    expect(changed).toMatchObject({ code: 0, out: "leaver has a new password\n" });
    const unasked = await msgbin(["customers", "password", "leaver"]);
    expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining("--password must be given") });
    await eventually(
      () => msgbin(["messages"], asLeaver),
      ({ code, err }) => code === 4 && err.includes("INVALID_CREDENTIALS"),
      WITHIN_MS,
    );
    expect((await msgbin(["customers", "remove", "leaver"])).out).toBe("removed leaver\n");
    expect((await msgbin(["customers"])).out).not.toContain("leaver");
    expect((await msgbin(["customers", "remove", "leaver"])).err).toBe(
      "msgbin: there is no customer leaver\n",
    );
  });

  it("asks a service elsewhere as whom it is told to", async () => {
    const elsewhere = { MSGBIN_DATA_DIR: "/nowhere", MSGBIN_URL: service.url };
    const token = await loginAsAdmin(service.url);
    expect((await msgbin(["carriers", "--json"], { ...elsewhere, MSGBIN_TOKEN: token })).code).toBe(0);
    expect((await msgbin(["carriers", "list", "--token", "wrong"], elsewhere)).code).toBe(4);
  });

  it("adds a carrier, which takes the simulator's place for good, changes it, and removes it", async () => {
    expect((await msgbin(["carriers"])).out).toMatch(
      /^simulator {2}up .* smpp:\/\/simulator:\*\*\*@127\.0\.0\.1:\d+\/?$/m,
    );
    const wrong = await msgbin(["carriers", "add", "acme", "smpp://id:secret@smsc.example?widow=5"]);
    expect(wrong.code).toBe(4);
    expect(wrong.err).toContain("widow");
    expect(wrong.err).not.toContain("secret");
    expect((await msgbin(["carriers", "add", "Acme", "smpp://id:secret@smsc.example"])).err).toContain(
      "name must be of lower case letters and digits",
    );

    const url = `smpp://id:secret@127.0.0.1:${service.simulatorPort}?window=5`;
    expect((await msgbin(["carriers", "add", "acme", url])).out).toMatch(
      /^acme {2}up .* smpp:\/\/id:\*\*\*@127\.0\.0\.1:\d+\?window=5$/m,
    );
    expect((await msgbin(["carriers", "add", "nobody", "smpp://id:secret@127.0.0.1:1"])).out).toMatch(
      /^nobody {2}down .* cannot connect: connect ECONNREFUSED 127\.0\.0\.1:1$/m,
    );
    expect((await msgbin(["doctor"])).out).toContain("FAIL  carrier nobody: down: cannot connect: connect");
    expect((await msgbin(["carriers", "remove", "nobody"])).out).toBe("removed nobody\n");
    expect((await msgbin(["carriers", "add", "acme", url])).err).toContain("RESOURCE_ALREADY_EXISTS");
    const wider = url.replace("secret", "***").replace("window=5", "window=7");
    expect((await msgbin(["carriers", "change", "acme", wider, "--name", "acme-two"])).out).toMatch(
      /^acme-two .* smpp:\/\/id:\*\*\*@127\.0\.0\.1:\d+\?window=7$/m,
    );
    const away = await msgbin(["carriers", "change", "acme-two", "smpp://id:***@smsc.example"]);
    expect(away).toMatchObject({ code: 4, err: expect.stringContaining("write the password itself") });
    expect((await msgbin(["carriers", "change", "acme", url])).err).toContain("RESOURCE_NOT_FOUND");
    expect((await msgbin(["carriers", "change", "acme-two", "--name", "acme", "--json"])).code).toBe(0);
    const sent = await msgbin([...SEND, "--to", "+31600000001", "--wait", "--json", "by the new carrier"]);
    expect(sent.code).toBe(0);
    const carriers = await fetch(`${service.url}/metrics`).then((answer) => answer.text());
    expect(carriers).toMatch(/msgbin_receipts_total\{carrier="acme",outcome="delivered"\} 1/);
    await msgbin([...SEND, "--to", "+31600000010", "no receipt comes"]);
    const { err } = await eventually(
      () => msgbin(["carriers", "remove", "acme"]),
      (outcome) => outcome.err.includes("receipts of what this carrier sent are still awaited"),
      WITHIN_MS,
    );
    expect(err).toContain("--force");
    expect((await msgbin(["carriers", "remove", "acme", "--force"])).out).toBe("removed acme\n");
    expect((await msgbin(["carriers", "remove", "acme"])).err).toContain("RESOURCE_NOT_FOUND");
    const refused = { code: 4, err: expect.stringContaining("(NO_ROUTE)") };
    expect(await msgbin([...SEND, "--to", "+31600000001", "not by the simulator"])).toMatchObject(refused);
    await service.terminate();
    await service.start();
    const again = await msgbin([...SEND, "--to", "+31600000001", "nor after a start"]);
    expect(again).toMatchObject(refused);
    expect(again.err).toContain("docs/simulator.md");
  });

  it("adds a carrier over TLS with the chain of its authority, which lists show in short and JSON whole", async () => {
    const smsc = createSimulator({ tls: { cert: ISSUED_CERTIFICATE, key: ISSUED_KEY } });
    const ca = encodeURIComponent(TEST_CHAIN);
    const { port } = await smsc.listen();
    const urlOf = (secret: string, tail = "") =>
      `smpps://id:${secret}@127.0.0.1:${port}?ca=${ca}&window=5${tail}`;
    try {
      const added = await msgbin(["carriers", "add", "bank", urlOf("secret")]);
      expect(added.out).toMatch(/^bank {2}up .* smpps:\/\/id:\*\*\*@127\.0\.0\.1:\d+\?ca=…&window=5$/m);
      const listed = JSON.parse((await msgbin(["carriers", "--json"])).out) as { url: string }[];
      expect(listed.at(-1)?.url).toBe(urlOf("***"));
      expect((await msgbin(["carriers", "change", "bank", urlOf("***", "&tps=9")])).out).toMatch(
        /^bank {2}up /m,
      );
      const short = await msgbin(["carriers", "change", "bank", urlOf("***").replace(ca, "…")]);
      expect(short.err).toContain("ca must be certificates in PEM, got …");
    } finally {
      await msgbin(["carriers", "remove", "bank"]);
      await smsc.close();
    }
  });

  it("makes tokens when the service is stopped, and says that nobody answers", async () => {
    await service.terminate();
    expect((await msgbin(["token"])).code).toBe(0);
    expect(await msgbin(["messages"])).toMatchObject({
      code: 3,
      err: expect.stringContaining("no service runs on"),
    });
    await service.start();
    await service.kill();
    expect(await msgbin(["messages"])).toMatchObject({
      code: 3,
      err: expect.stringContaining("no answer from"),
    });
  });
});

/** Has each thread say when it ends whether it loaded what Node strips types with. */
const TELL_OF_STRIPPING = `process.on("exit", () => {
  const stripped = process.moduleLoadList.some((name) => name.includes("amaro"));
  process._rawDebug("ends having " + (stripped ? "stripped" : "kept"));
})`;

describe("the program", () => {
  it("strips no types once it has been started before, in none of its threads", async () => {
    const service = await prepareService({
      NODE_OPTIONS: `--import="data:text/javascript,${encodeURIComponent(TELL_OF_STRIPPING)}"`,
    });
    try {
      await service.start();
      await service.terminate();
      const before = service.output().length;
      await service.start();
      await service.terminate();
      const endings = [
        ...service
          .output()
          .slice(before)
          .matchAll(/ends having (\w+)/g),
      ];
      expect(endings.map(([, how]) => how)).toEqual(["kept", "kept", "kept"]); // its own, the writer's, the reader's
    } finally {
      await service.dispose();
    }
  });

  it("ends in silence when nobody reads on what it prints", async () => {
    const launcher = new URL("../bin/msgbin.js", import.meta.url).pathname;
    const child = spawn(process.execPath, [launcher, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy(); // long before it is up
    const [err, [code]] = await Promise.all([child.stderr.toArray(), once(child, "exit")]);
    expect({ err: Buffer.concat(err).toString(), code }).toEqual({ err: "", code: 0 });
  });
});
