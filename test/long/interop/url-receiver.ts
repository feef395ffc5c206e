import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A web server that keeps the addresses it was asked for and answers 200. */
export interface UrlReceiver {
  readonly url: string;
  readonly asked: readonly URL[];
  close(): Promise<void>;
}

export async function startUrlReceiver(): Promise<UrlReceiver> {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? "/", "http://127.0.0.1"));
    response.writeHead(200, { "Content-Type": "text/plain" }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
