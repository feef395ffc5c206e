import { it } from "vitest";
import { expectBooksToBalanceAfterCrashes } from "./support/crash-run.ts";

/** Where leases of a killed process have to run out a round takes eleven seconds; the long run has more of them. */
const ROUNDS = 2;

it(
  "keeps its promises on PostgreSQL when it is killed twice under load",
  () => expectBooksToBalanceAfterCrashes(ROUNDS, "PostgreSQL"),
  180_000,
);
