import { lookup, Resolver } from "node:dns/promises";

/** All addresses of a host name; throws when there are none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

const QUERY_TIMEOUT_MS = 2_000;
const QUERY_TRIES = 2;

/**
 * Asks the name servers directly. getaddrinfo would run in the thread pool, where four customers with dead name servers stop
 * every file and password operation of the process. The machine's hosts file and search domains are left out: a public name
 * needs neither.
 * @param servers instead of the machine's name servers, `address:port`.
 */
export function createPublicResolve(servers?: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
  if (servers !== undefined) resolver.setServers(servers);
  return async (hostname) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = [...valueOr(v4, []), ...valueOr(v6, [])];
    if (addresses.length === 0 && v4.status === "rejected") throw v4.reason;
    return addresses;
  };
}

/** As the machine resolves names, hosts file and all: for operators who let customers name hosts of their own network. */
export const resolveLocally: Resolve = async (hostname) => {
  const found = await lookup(hostname, { all: true, order: "verbatim" });
  return found.map((entry) => entry.address);
};

function valueOr<T>(settled: PromiseSettledResult<T>, otherwise: T): T {
  return settled.status === "fulfilled" ? settled.value : otherwise;
}
