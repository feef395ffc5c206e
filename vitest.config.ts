import { defineConfig } from "vitest/config";
import { TEST_ENVIRONMENT } from "./test/support/test-environment.ts";

const EVERY_PROJECT = {
  env: TEST_ENVIRONMENT,
  // Many of the tests wait for processes, sockets and disks rather than compute.
  maxWorkers: "150%",
  testTimeout: 60_000,
  hookTimeout: 60_000,
  allowOnly: false,
};
/** Those that start engines, services and threads without end, or break them. */
const APART = ["src/{store,app,webhooks}/**/*.test.ts", "test/**/*.test.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/support/postgres-of-the-run.ts"],
    passWithNoTests: false,
    projects: [
      { test: { ...EVERY_PROJECT, name: "apart", include: APART, exclude: ["test/long/**"] } },
      // A process runs many of their files: to load all of the door anew for each would take longer than its tests do.
      {
        test: {
          ...EVERY_PROJECT,
          name: "together",
          include: ["src/**/*.test.ts"],
          exclude: APART,
          isolate: false,
        },
      },
    ],
  },
});
