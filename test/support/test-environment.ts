import { fileURLToPath } from "node:url";

/** Threads and programs that tests start strip the types of what they run once, not each by itself, as bin/msgbin.js does. */
export const TEST_ENVIRONMENT = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../node_modules/.cache/msgbin", import.meta.url)),
};
