import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Both halves of it together. */
const YOUNG_GENERATION_MAX_BYTES = 64 * 1_024 * 1_024;
/** Each half of that of another thread, from its start. */
const THREADS_HALF_MB = 8;
/** How much more than what survived the last collection may come before the next one. */
const OLD_GENERATION_GROWTH_PERCENT = 150;
/** Bytes of bytecode that one function may take in of those it calls: twice V8's own number. */
const INLINED_BYTECODES_MAX = 1_800;

/**
 * Tells V8 how to run this process. Node takes most of this at the start of a process only, and by options of its command
 * line; what a process can do for itself is to tell V8 how to go on, before it compiles anything that counts. What each is worth
 * stands in bench/NOTES.md.
 *
 * - Everything begins in the young generation. V8 alone makes objects old at once where those of before have lasted, and with
 *   each it keeps all that the object holds: docs/decisions/0016-what-is-on-its-way-stays-young.md.
 * - The young generation of a thread is collected by that thread alone: so little survives that V8's helpers cost more than
 *   they save.
 * - The young generations of the other threads begin at 8 MiB a half. They begin at one otherwise, and what stops the main thread's
 *   growth (below) stops theirs wherever they are by then.
 * - The old generation of every thread is collected once it is two and a half times as large as it was after the collection
 *   before; V8 alone lets it grow to four times.
 * - The young generation of the main thread may grow to 64 MiB: half of that is collected twice as often, and twice as much gains
 *   next to nothing.
 * - Functions may take in more of those they call: a message runs through hundreds of small ones.
 */
export function setUpV8(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
  setFlagsFromString("--no-parallel-scavenge");
  setFlagsFromString(`--min-semi-space-size=${THREADS_HALF_MB}`);
  setFlagsFromString(`--heap-growing-percent=${OLD_GENERATION_GROWTH_PERCENT}`);
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_BYTECODES_MAX}`);
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    if ((young?.space_size ?? 0) < YOUNG_GENERATION_MAX_BYTES) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}
