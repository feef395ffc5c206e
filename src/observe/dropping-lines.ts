/** Where lines of log go, one call a line; it tells `done` what became of one, where it can tell. */
export interface LineSink {
  write(line: string, done?: (error?: Error | null) => void): unknown;
}

/**
 * Drops lines that cannot be written (a full disk, a reader that left) and goes on.
 * @param tell called when a line could be written again after some were dropped, with how many were since the start
 */
export function createDroppingLines(sink: LineSink, tell: (dropped: number) => void): LineSink {
  let dropped = 0;
  let told = 0;
  let mayStandCut = false;

  function done(error?: Error | null): void {
    if (error instanceof Error) {
      dropped++;
      mayStandCut = true;
    } else if (dropped > told) {
      told = dropped;
      tell(dropped);
    }
  }

  return {
    write(line) {
      // what there was room for of the line before stands in the file, without its end
      const whole = mayStandCut ? `\n${line}` : line;
      mayStandCut = false;
      return sink.write(whole, done);
    },
  };
}
