import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { OFFER, type PostgresServer, startPostgres } from "./postgres.ts";

/** Offers one server to all test files of a run: it starts when the first of them asks for it, and ends after the last. */
export async function setup(): Promise<() => Promise<void>> {
  let server: Promise<PostgresServer> | null = null;
  const door = createServer((_, answer) => {
    server ??= startPostgres();
    server.then(
      ({ own }) => answer.end(own?.url),
      (error: unknown) => answer.writeHead(500).end(String(error)),
    );
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  process.env[OFFER] = `http://127.0.0.1:${(door.address() as AddressInfo).port}`; // a TCP server's
  return async () => {
    door.close();
    door.closeAllConnections();
    await (await server)?.stop();
  };
}
