import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Both halves of it together. */
const YOUNG_GENERATION_MAX_BYTES = 64 * 1_024 * 1_024;
/** How much more than what survived the last collection may come before the next one. */
const OLD_GENERATION_GROWTH_PERCENT = 150;

/**
 * Tells V8 how to keep the heaps of this process. Node takes most of this at the start of a process only, and by options of
 * its command line; what a process can do for itself is to tell V8 how to go on, before it compiles anything that counts.
 *
 * - Everything begins in the young generation. V8 alone makes objects old at once where those of before have lasted, and those
 *   of a busy moment do last a little: from then on whatever such an object holds lasts until the old generation is
 *   collected, requests and all. It is a third of all collecting.
 * - The old generation of every thread is collected once it is two and a half times as large as it was after the collection
 *   before; V8 alone lets it grow to four times.
 * - The young one of the main thread may grow to 64 MiB: with half of that, twice as much is copied.
 */
export function keepHeaps(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
  setFlagsFromString(`--heap-growing-percent=${OLD_GENERATION_GROWTH_PERCENT}`);
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    if ((young?.space_size ?? 0) < YOUNG_GENERATION_MAX_BYTES) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}
