import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** An address of the loopback interface that leads to whichever port it is told, as a virtual address or a proxy does. */
export interface Forwarder {
  /** The address of a server, led through here. */
  through(url: string): string;
  /** From now on it leads there, or nowhere with null; what is connected is cut. */
  leadTo(port: number | null): void;
  /** While on, what the server answers is kept back, and what it is asked goes through. */
  withholdAnswers(isOn: boolean): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export async function startForwarder(to: number): Promise<Forwarder> {
  let target: number | null = to;
  let isWithholding = false;
  const pairs = new Set<Pair>();

  const listener = createServer({ noDelay: true }, (client) => {
    if (target === null) return void client.destroy();
    const server = connect({ port: target, host: "127.0.0.1", noDelay: true });
    const pair = { client, server };
    pairs.add(pair);
    client.on("data", (chunk: Buffer) => server.write(chunk));
    server.on("data", (chunk: Buffer) => {
      if (!isWithholding) client.write(chunk);
    });
    for (const socket of [client, server]) {
      socket.on("error", () => cut(pair)); // the other side is told by the end of its connection
      socket.on("close", () => cut(pair));
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no address");

  function cut(pair: Pair): void {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }

  function cutAll(): void {
    for (const pair of pairs) cut(pair);
  }

  return {
    through(url) {
      const led = new URL(url);
      led.port = String(address.port);
      return led.href;
    },
    leadTo(port) {
      target = port;
      cutAll();
    },
    withholdAnswers(isOn) {
      isWithholding = isOn;
      if (!isOn) cutAll(); // what was kept back never arrives
    },
    async close() {
      cutAll();
      listener.close();
      await once(listener, "close");
    },
  };
}
