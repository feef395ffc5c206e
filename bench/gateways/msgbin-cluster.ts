import { execute, startPostgres } from "../../test/support/postgres.ts";
import { familyOf, type Usage, usageOf } from "../tools/processes.ts";
import type { Gateway, Setting } from "./gateway.ts";
import { type MsgbinGateway, startMsgbin } from "./msgbin.ts";
import { until } from "./running.ts";

/** What a test's server leaves out for speed: on stable storage, as an operator has it. */
const DURABLE = [
  "fsync=on",
  "full_page_writes=on",
  "autovacuum=on",
  "shared_buffers=256MB",
  "max_wal_size=2GB",
];
const SECRET_KEY = "the one key of all nodes of the bench";

/** Nodes on one PostgreSQL, which is started for them and goes with them. */
export interface ClusterGateway extends Gateway {
  /** What PostgreSQL's processes have used, those that have ended included. */
  databaseUsage(): Usage;
}

/** So many identical nodes with all roles, a bind for each of them, and a PostgreSQL with defaults for durability. */
export async function startMsgbinCluster(setting: Setting, nodeCount: number): Promise<ClusterGateway> {
  const server = await startPostgres(DURABLE);
  const nodes: MsgbinGateway[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
    await server.stop();
  };
  try {
    const databaseUrl = await server.createDatabase();
    for (let n = 0; n < nodeCount; n++)
      nodes.push(await startMsgbin({ ...setting, binds: nodeCount }, { databaseUrl, secretKey: SECRET_KEY }));
    const [first] = nodes;
    if (first === undefined || server.own === null)
      throw new Error("a cluster of its own needs nodes and a server");
    const { own } = server;
    const holders = () =>
      execute(
        databaseUrl,
        "SELECT count(DISTINCT node)::integer AS count FROM bind_leases WHERE node IS NOT NULL",
      );
    // The first had all binds while it was alone.
    await until(
      async () => ((await holders()).rows[0]?.count === nodeCount ? true : null),
      60_000,
      "each node to hold a bind",
    );
    return {
      name: "msgbin",
      pids: () => nodes.flatMap((node) => node.pids()),
      submission: () => ({ ...first.submission(), ports: nodes.map((node) => node.submission().port) }),
      kill: () => first.kill(),
      restart: () => first.restart(),
      databaseUsage: () => usageOf(familyOf(own.pid()), own.pid()),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
