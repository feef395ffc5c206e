import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "./support/run-command.ts";
import { eventually, prepareService, type Service } from "./support/service.ts";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const WITHIN_MS = 20_000;

/** What each line of the page shows, in its order. */
const SHOWN = [
  /^\+31600000001 +delivered/m,
  /hello, world/,
  /hello, world/,
  /^\+31600000002 +failed.*unreachable/m,
  /added \+821100000001/,
  /wrote to \+821100000001/,
  /inbound.*hello, is anybody there\?/,
  /^\+31600000001 +delivered/m,
  /yes, we are/,
  /wrote to \+821100000001/,
  /^\+31600000001 +failed.*recipient_opted_out/m,
  /keyword:STOP/,
];

describe("the first five minutes", () => {
  let service: Service;
  beforeAll(async () => {
    service = await prepareService();
    await service.start();
  });
  afterAll(() => service.dispose());

  it(
    "go as README.md says, its lines typed one after the other",
    { timeout: SHOWN.length * WITHIN_MS },
    async () => {
      const lines = commandsOf(
        README.slice(README.indexOf("## Five minutes"), README.indexOf("**Be told.**")),
      );
      expect(lines).toHaveLength(SHOWN.length);
      let id = "";
      for (const [index, shown] of SHOWN.entries()) {
        const words = (lines[index] ?? []).map((word) => (word === "ID" ? id : word));
        // What a handset writes is on its way when the command ends: the next line may come before it.
        const { out } = await eventually(
          () => runCommand(words, { MSGBIN_DATA_DIR: service.dataDir }),
          (outcome) => shown.test(outcome.out),
          WITHIN_MS,
        );
        id = /^id +(\S+)/m.exec(out)?.[1] ?? id;
      }
    },
  );
});

/** The words of each `npx msgbin` line, as a shell reads them. */
function commandsOf(section: string): readonly (readonly string[])[] {
  return [...section.matchAll(/^ {4}npx msgbin (.+)$/gm)].map(([, line = ""]) =>
    [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word),
  );
}
