import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Both halves of it together. */
const YOUNG_GENERATION_MAX_BYTES = 64 * 1_024 * 1_024;

/**
 * Keeps V8's young generation of the main thread from growing past 32 MiB. Left alone, it takes 130 MiB in a busy process and
 * never gives them back, for a few per cent of processor. Node can bound it at the start of a process only, and by an option
 * of its command line; what a process can do for itself is to tell V8 to stop doubling it, once it is large enough.
 */
export function boundYoungGeneration(): void {
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    if ((young?.space_size ?? 0) < YOUNG_GENERATION_MAX_BYTES) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}
