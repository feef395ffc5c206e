import { it } from "vitest";
import { expectBooksToBalanceAfterCrashes } from "../support/crash-run.ts";

const ROUNDS = 100;
/** Each waits for the leases of the one before. */
const ROUNDS_ON_POSTGRES = 15;

it("keeps its promises when it is killed a hundred times under load", () =>
  expectBooksToBalanceAfterCrashes(ROUNDS, "SQLite"));

it("keeps its promises on PostgreSQL when it is killed fifteen times under load", () =>
  expectBooksToBalanceAfterCrashes(ROUNDS_ON_POSTGRES, "PostgreSQL"));
