import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";

export interface ReceivedTarget {
  readonly destination: { readonly target: string };
  readonly status: string;
  readonly parts: number;
}

/** A webhook as it arrived. */
export interface ReceivedEvent {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly rawBody: string;
  readonly type: string;
  readonly message: {
    readonly id: string;
    readonly direction: string;
    readonly text: string;
    readonly targets: readonly ReceivedTarget[];
  };
}

/** A webhook receiver that keeps what it is told, unless somebody else notes it, and answers 200, in words if it has any. */
export interface Receiver {
  readonly url: string;
  readonly events: readonly ReceivedEvent[];
  close(): Promise<void>;
}

export async function startReceiver(note?: (event: ReceivedEvent) => void, answer = ""): Promise<Receiver> {
  const events: ReceivedEvent[] = [];
  const keep = note ?? ((event: ReceivedEvent) => void events.push(event));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const rawBody = Buffer.concat(chunks).toString();
      const { type, data } = JSON.parse(rawBody) as { type: string; data: ReceivedEvent["message"] };
      const id = String(request.headers["webhook-id"]);
      const { headers, method = "" } = request;
      keep({ id, headers, method, rawBody, type, message: data });
      response.writeHead(200).end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    events,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
