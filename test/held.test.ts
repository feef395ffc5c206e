import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandOutcome, runCommand } from "./support/run-command.ts";
import { eventually, prepareService, type Service } from "./support/service.ts";

/** The simulator drops the connection instead of an answer. */
const NEVER_KNOWN = "+31600000019";
const WITHIN_MS = 20_000;

interface Held {
  readonly message_id: string;
  readonly reason: string;
}

/** What an operator does about messages of which nobody knows whether the carrier took them. */
describe("the command line about what is held", () => {
  let service: Service;
  beforeAll(async () => {
    service = await prepareService();
    await service.start();
    const url = `smpp://trial:secret@127.0.0.1:${service.simulatorPort}?on_unknown=hold`;
    await succeed("carriers", "add", "trial", url);
    await succeed("customers", "add", "shop", "--password", "correct horse battery");
  });
  afterAll(() => service.dispose());

  const msgbin = (...words: readonly string[]): Promise<CommandOutcome> =>
    runCommand(words, { MSGBIN_DATA_DIR: service.dataDir });

  async function succeed(...words: readonly string[]): Promise<string> {
    const { code, out, err } = await msgbin(...words);
    expect({ words, code, err: code === 0 ? "" : err }).toEqual({ words, code: 0, err: "" });
    return out;
  }

  async function heldNow(count: number): Promise<readonly Held[]> {
    const list = async () => JSON.parse(await succeed("held", "--json")) as Held[];
    return eventually(list, (held) => held.length === count, WITHIN_MS);
  }

  it("shows which they are, sends them once more, and cancels them", async () => {
    const none = await msgbin("held");
    expect(none).toMatchObject({ code: 0, out: "", err: "nothing is held\n" });
    const { id } = JSON.parse(
      await succeed("send", "--from", "Acme", "--to", NEVER_KNOWN, "--json", "x"),
    ) as { id: string };
    const [held] = await heldNow(1);
    expect(held).toMatchObject({ message_id: id, reason: "unknown_outcome" });
    const listed = await succeed("held", "list", "--carrier", "trial", "--customer", "admin");
    expect(listed).toMatch(
      new RegExp(String.raw`^${id} {2}trial {4}admin .*\+31600000019 .* unknown_outcome$`, "m"),
    );
    expect((await msgbin("held", "--customer", "shop")).err).toBe("nothing is held\n");
    await eventually(
      () => msgbin("doctor"), // once the carrier is up again
      ({ out }) => out.includes("msgbin held list --carrier trial"),
      WITHIN_MS,
    );

    expect(await succeed("held", "resend", "trial")).toBe("targets resent: 1\n");
    await eventually(
      () => succeed("messages", "timeline", id),
      (timeline) => timeline.split(" held ").length === 3, // the connection was dropped once more
      WITHIN_MS,
    );
    expect(await succeed("held", "cancel", "trial", "--customer", "shop")).toBe("targets canceled: 0\n");
    expect(await succeed("held", "cancel", "trial")).toBe("targets canceled: 1\n");
    expect(await succeed("messages", "get", id)).toMatch(/\+31600000019 +canceled/);
    await heldNow(0);
  });

  it("wants a carrier that there is", async () => {
    expect(await msgbin("held", "resend")).toMatchObject({ code: 2 });
    const unknown = await msgbin("held", "cancel", "nobody");
    expect(unknown.code).toBe(4);
    expect(unknown.err).toContain("there is no such carrier");
  });

  it("lists what a removed carrier held under its id, with the name that it had", async () => {
    await succeed("send", "--from", "Acme", "--to", NEVER_KNOWN, "x");
    await heldNow(1);
    await succeed("carriers", "remove", "trial", "--force");
    const id = /([0-9a-f-]{36}) \(was trial\)/.exec(await succeed("held"))?.[1] ?? "";
    expect(await succeed("held", "cancel", id)).toBe("targets canceled: 1\n");
  });
});
