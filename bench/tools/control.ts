/** What a measuring process answers, and what it is asked: one request at a time, over the channel of its fork. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>;

interface Request {
  readonly id: number;
  readonly command: string;
  readonly argument: unknown;
}

/** Serves commands of the parent process; a command may answer a promise. */
export function serveCommands(commands: Commands): void {
  process.on("message", (request: Request) => {
    const command = commands[request.command];
    if (command === undefined) throw new Error(`no command ${request.command}`);
    void Promise.resolve(command(request.argument as never)).then((answer) =>
      process.send?.({ id: request.id, answer }),
    );
  });
  process.on("disconnect", () => process.exit(0));
}

/** Microseconds of the clock that all processes of a machine share. */
export function monotonicMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
