import { it } from "vitest";
import { expectBooksToBalanceAfterCrashes } from "./support/crash-run.ts";

const ROUNDS = 10;

it(
  "keeps its promises when it is killed ten times under load",
  () => expectBooksToBalanceAfterCrashes(ROUNDS, "SQLite"),
  120_000,
);
