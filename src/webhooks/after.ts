/** Runs something once after a number of milliseconds; answers how to call it off. */
export type After = (ms: number, run: () => void) => () => void;

/** The real one. */
export const afterTimeout: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
