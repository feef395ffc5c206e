import { defineConfig } from "vitest/config";
import { TEST_ENVIRONMENT } from "./test/support/test-environment.ts";

/** The long run: what `npm test` does, many times over, and what takes its time. */
export default defineConfig({
  test: {
    include: ["test/long/**/*.test.ts", "src/**/*fuzz.test.ts"],
    env: { ...TEST_ENVIRONMENT, MSGBIN_TEST_FUZZ_RUNS: "5000000" },
    globalSetup: ["test/long/no-process-left.ts"],
    pool: "forks",
    maxWorkers: 2,
    // A fuzzer that kept 200 bytes of each of its five million runs would not fit; the books of a hundred crashes do.
    execArgv: ["--max-old-space-size=1024"],
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    allowOnly: false,
  },
});
