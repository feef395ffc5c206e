import { Command, CommanderError } from "commander";
import { readVersion } from "../config/version.ts";
import { backupCommand } from "./backup.ts";
import { carriersCommand } from "./carriers.ts";
import { CommandFailure, EXIT_CODES } from "./command-failure.ts";
import { customersCommand } from "./customers.ts";
import { doctorCommand } from "./doctor.ts";
import { eraseCommand } from "./erase.ts";
import { handsetCommand } from "./handset.ts";
import { heldCommand } from "./held.ts";
import { messagesCommand } from "./messages.ts";
import { migrateCommand } from "./migrate.ts";
import { numbersCommand } from "./numbers.ts";
import { optOutsCommand } from "./optouts.ts";
import { sendCommand } from "./send.ts";
import { serveCommand } from "./serve.ts";
import { simulateCommand } from "./simulate.ts";
import { onScreens, type ProcessSurroundings, type Surroundings } from "./surroundings.ts";
import { tokenCommand } from "./token.ts";
import { onOneLine } from "../domain/visible-text.ts";
import { webhooksCommand } from "./webhooks.ts";

const EXAMPLES = `
Examples:
  msgbin serve                                                    start the service
  msgbin send --from Acme --to +31600000001 --wait "hello"        send a text and watch it arrive
  msgbin messages                                                 see what was sent
  MSGBIN_URL=https://sms.example.com MSGBIN_TOKEN=vb_… msgbin messages   ask a service elsewhere

\`msgbin COMMAND --help\` tells more about each command.`;

const LIST = "list";
const HELP = "--help";

/** Runs one command line to its end; answers the exit code. What nobody foresaw is thrown. */
export async function runCommandLine(given: ProcessSurroundings): Promise<number> {
  try {
    const program = buildProgram(given);
    await program.parseAsync(withList(program, given.arguments), { from: "user" });
    return EXIT_CODES.done.code;
  } catch (error) {
    return explain(error, onScreens(given));
  }
}

/** Whether words run what goes on until it is told to stop, though nobody can read what it prints. */
export function isService([name]: readonly string[]): boolean {
  return name === "serve" || name === "simulate";
}

/** All commands, in the order in which a newcomer meets them. */
export function buildProgram(given: ProcessSurroundings): Command {
  const surroundings = onScreens(given);
  const program = new Command("msgbin")
    .description("Self-hosted SMS: one HTTP API over the carriers you already have a contract with.")
    .version(readVersion(), "--version", "print the version")
    .addHelpText("after", EXAMPLES)
    .addCommand(serveCommand(surroundings))
    .addCommand(sendCommand(surroundings))
    .addCommand(messagesCommand(surroundings))
    .addCommand(numbersCommand(surroundings))
    .addCommand(handsetCommand(surroundings))
    .addCommand(optOutsCommand(surroundings))
    .addCommand(webhooksCommand(surroundings))
    .addCommand(tokenCommand(surroundings))
    .addCommand(customersCommand(surroundings))
    .addCommand(carriersCommand(surroundings))
    .addCommand(heldCommand(surroundings))
    .addCommand(simulateCommand(surroundings))
    .addCommand(doctorCommand(surroundings))
    .addCommand(backupCommand(surroundings))
    .addCommand(eraseCommand(surroundings))
    .addCommand(migrateCommand(surroundings));
  for (const command of withSubcommands(program)) equip(command, surroundings);
  return program;
}

/**
 * `msgbin messages` lists messages. Were `list` commander's default command, it would get a mistyped one as its argument, and
 * complain of that.
 */
function withList(program: Command, words: readonly string[]): readonly string[] {
  const [name, next = "-"] = words;
  const hasList = program.commands.some(
    (command) => command.name() === name && command.commands.some((inner) => inner.name() === LIST),
  );
  if (!hasList || name === undefined || !next.startsWith("-") || next === HELP) return words;
  return [name, LIST, ...words.slice(1)];
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Commands write where they are told, and end by throwing rather than by ending the process. */
function equip(command: Command, { stdout, stderr }: Surroundings): void {
  command.helpCommand(false).exitOverride().helpOption(HELP, "explain this command");
  command.configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    outputError: () => {}, // explained below, in the same form as every other failure
    getOutHelpWidth: () => stdout.columns ?? 100,
    getErrHelpWidth: () => stderr.columns ?? 100,
  });
}

function explain(error: unknown, { stderr, signal }: Surroundings): number {
  if (signal.aborted) return EXIT_CODES.failed.code; // main.ts knows by which signal
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_CODES.done.code; // help or version, as asked for
    if (error.code !== "commander.help") stderr.write(`msgbin: ${error.message.replace(/^error: /, "")}\n`);
    return EXIT_CODES.usage.code;
  }
  if (error instanceof CommandFailure) {
    stderr.write(`msgbin: ${onOneLine(error.message)}\n`);
    return EXIT_CODES[error.kind].code;
  }
  if (error instanceof Error && error.name === "StartRefused") {
    stderr.write(`msgbin: ${onOneLine(error.message)}\n`);
    return EXIT_CODES.failed.code;
  }
  throw error;
}
