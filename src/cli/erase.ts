import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { addServiceFlags, connect, type ServiceOptions, show } from "./service-command.ts";
import type { Surroundings } from "./surroundings.ts";

interface ErasureAnswer {
  readonly messages: number;
  readonly targets: number;
  readonly parts: number;
  readonly opt_outs: number;
  readonly more: boolean;
}

interface EraseOptions extends ServiceOptions {
  readonly yes?: true;
}

const CLEAR_LINE = "\r\u001B[2K";
const EXAMPLES = `
The number goes out of every customer's messages, both ways: their texts go too, and "erased" stands in its place. What was
to be sent to it is stopped; a text that other recipients are still to be sent stays until they were. That it opted out goes on
holding, by a hash. It cannot be undone, and backups made before still have the number. It looks through everything that is
stored, so it may take minutes. Broken off, it goes on where it was when it is called again, and then looks once more for
what has come since.

Examples:
  msgbin erase +31600000001 --yes`;

/** `msgbin erase`: one phone number taken out of everything; for administrators. */
export function eraseCommand(surroundings: Surroundings): Command {
  const command = new Command("erase")
    .description("Erase one phone number everywhere, for good (administrators only).")
    .argument(
      "<NUMBER>",
      "in international form, such as +31600000001; with 00 in front it is another number",
    )
    .option("--yes", "do it without asking")
    .addHelpText("after", EXAMPLES);
  return addServiceFlags(command, "what was erased").action(async (number: string, options: EraseOptions) => {
    if (options.yes !== true) await confirm(number, surroundings);
    const client = await connect(options, surroundings);
    const { stderr } = surroundings;
    let done: ErasureAnswer = { messages: 0, targets: 0, parts: 0, opt_outs: 0, more: true };
    while (done.more) {
      done = sum(done, await client.call<ErasureAnswer>("POST", "/v1.0/erasures", { number }));
      if (stderr.isTTY === true) stderr.raw.write(`${CLEAR_LINE}${wordsOf(done)}`);
    }
    if (stderr.isTTY === true) stderr.raw.write(CLEAR_LINE);
    show(done, options, (all) => `erased: ${wordsOf(all)}\n`, surroundings);
  });
}

async function confirm(number: string, { stdout, signal }: Surroundings): Promise<void> {
  if (stdout.isTTY !== true)
    throw new CommandFailure("usage", "--yes must be given where there is no terminal to ask on");
  const { confirm: ask } = await import("@clack/prompts"); // most commands ask nothing
  const answer = await ask({ message: `Erase ${number} everywhere, for good?`, initialValue: false, signal });
  if (answer !== true) throw new CommandFailure("failed", "nothing was erased");
}

function sum(one: ErasureAnswer, other: ErasureAnswer): ErasureAnswer {
  return {
    messages: one.messages + other.messages,
    targets: one.targets + other.targets,
    parts: one.parts + other.parts,
    opt_outs: one.opt_outs + other.opt_outs,
    more: other.more,
  };
}

function wordsOf({ messages, targets, parts, opt_outs: optOuts }: ErasureAnswer): string {
  return `${messages} messages, ${targets} targets, ${parts} kept parts, ${optOuts} opt-outs`;
}
