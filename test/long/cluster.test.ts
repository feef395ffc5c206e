import { it } from "vitest";
import { expectBooksToBalanceInCluster } from "../support/cluster-run.ts";

const KILLS = 3;

it("keeps its promises when nodes and the database are killed and a node is stopped under load", () =>
  expectBooksToBalanceInCluster(KILLS));
