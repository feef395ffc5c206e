import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Both halves of it together. */
const YOUNG_GENERATION_MAX_BYTES = 64 * 1_024 * 1_024;
/** How much more than what survived the last collection may come before the next one. */
const OLD_GENERATION_GROWTH_PERCENT = 150;

/**
 * Keeps V8's heaps from growing to whatever a busy moment takes. Node can bound them at the start of a process only, and by
 * options of its command line; what a process can do for itself is to tell V8 how to go on.
 *
 * The old generation of every thread is collected once it is two and a half times as large as it was after the collection
 * before; V8 alone lets it grow to four times. The young one of the main thread may grow to 64 MiB: half of that costs a
 * tenth more processor under load, for whatever is in the works is copied at each collection, and twice as much gains
 * nothing.
 */
export function boundHeaps(): void {
  setFlagsFromString(`--heap-growing-percent=${OLD_GENERATION_GROWTH_PERCENT}`);
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    if ((young?.space_size ?? 0) < YOUNG_GENERATION_MAX_BYTES) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}
