import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** An address of the loopback interface that leads to whichever port it is told, as a virtual address or a proxy does. */
export interface Forwarder {
  /** The address of a server, led through here. */
  through(url: string): string;
  /** From now on it leads there, or nowhere with null; what is connected is cut. */
  leadTo(port: number | null): void;
  /** What is connected stays so, and neither side hears the other any more, as when a machine vanishes. */
  fallSilent(): void;
  /** Resolves when a connection that sent `marker` has asked for a commit after it: the answer is kept back for good. */
  loseCommitOf(marker: string): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** What the client sent last, while somebody looks for a commit. */
  sent: string;
  isWithheld: boolean;
  isSilent: boolean;
}

const SENT_KEPT = 100_000;

export async function startForwarder(to: number): Promise<Forwarder> {
  let target: number | null = to;
  let wanted: { readonly marker: string; readonly found: () => void } | null = null;
  const pairs = new Set<Pair>();

  const listener = createServer({ noDelay: true }, (client) => {
    if (target === null) return void client.destroy();
    const server = connect({ port: target, host: "127.0.0.1", noDelay: true });
    const pair: Pair = { client, server, sent: "", isWithheld: false, isSilent: false };
    pairs.add(pair);
    client.on("data", (chunk: Buffer) => {
      if (wanted !== null) look(pair, chunk);
      if (!pair.isSilent) server.write(chunk);
    });
    server.on("data", (chunk: Buffer) => {
      if (!pair.isWithheld && !pair.isSilent) client.write(chunk);
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

  function look(pair: Pair, chunk: Buffer): void {
    pair.sent = (pair.sent + chunk.toString("latin1")).slice(-SENT_KEPT);
    if (wanted === null) return;
    const at = pair.sent.indexOf(wanted.marker);
    // in words the first time, by the name of the prepared statement after that
    if (at === -1 || !/commit/i.test(pair.sent.slice(at))) return;
    pair.isWithheld = true;
    wanted.found();
    wanted = null;
  }

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
    fallSilent() {
      for (const pair of pairs) pair.isSilent = true;
    },
    loseCommitOf: (marker) =>
      new Promise((found) => {
        wanted = { marker, found };
      }),
    async close() {
      cutAll();
      listener.close();
      await once(listener, "close");
    },
  };
}
