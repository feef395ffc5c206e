import { type Clock, createClock } from "../domain/clock.ts";
import { createWallClock } from "./wall-clock.ts";

/** The clock of a process: the machine's, read to the microsecond. */
export function createSystemClock(): Clock {
  return createClock(
    createWallClock(
      () => Date.now(),
      () => performance.now(),
    ),
  );
}
