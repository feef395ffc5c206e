import { it } from "vitest";
import { expectBooksToBalanceAfterCrashes } from "../support/crash-run.ts";

const ROUNDS = 100;

it("keeps its promises when it is killed a hundred times under load", () =>
  expectBooksToBalanceAfterCrashes(ROUNDS));
