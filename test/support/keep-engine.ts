import { rolldown } from "rolldown";
import { SCHEMA_VERSION } from "../../src/store/postgres/migrate.ts";

/**
 * Keeps the PostgreSQL engine of today as one file, for the tests that run it beside the engine of the next schema version.
 * Run it before the first line of a new migration is written, and commit what it makes.
 */
const root = new URL("../../", import.meta.url);
const file = new URL(`test/fixtures/engines/postgres-level-${SCHEMA_VERSION}.js`, root).pathname;
const bundle = await rolldown({
  input: new URL("src/store/postgres/postgres-store.ts", root).pathname,
  external: ["pg"],
  platform: "node",
});
await bundle.write({ file, format: "esm", comments: false });
console.log(file);
