import { it } from "vitest";
import { expectBooksToBalanceInCluster } from "../support/cluster-run.ts";

/** A smaller number makes a shorter run, to work on the test itself. */
const TARGETS = Number(process.env["MSGBIN_TEST_CLUSTER_TARGETS"] ?? 100_000);

it("keeps its promises when nodes and the database are killed and a node is stopped under load", () =>
  expectBooksToBalanceInCluster(TARGETS));
