import { defineConfig } from "vitest/config";
import { TEST_ENVIRONMENT } from "./test/support/test-environment.ts";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["test/long/**", "node_modules/**"],
    env: TEST_ENVIRONMENT,
    // Many of the tests wait for processes, sockets and disks rather than compute.
    maxWorkers: "150%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    allowOnly: false,
  },
});
