import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { describe, expect, it } from "vitest";
import { listenOrRefuse } from "./listen.ts";
import { StartRefused } from "./start-refused.ts";

async function listening(host: string, port: number): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

describe("listening", () => {
  it("is refused with what to do when the port is in use", async () => {
    const first = await listening("127.0.0.1", 0);
    const place = { host: "127.0.0.1", port: portOf(first), portVariable: "MSGBIN_PORT" };
    await expect(listenOrRefuse(place, () => listening(place.host, place.port))).rejects.toThrow(
      `port ${place.port} on 127.0.0.1 is in use: stop what listens there, or choose another with MSGBIN_PORT`,
    );
    first.close();
  });

  it("is refused with what to do when the address is another machine's", async () => {
    const place = { host: "192.0.2.1", port: 0, portVariable: "MSGBIN_PORT" }; // RFC 5737: nobody's
    const refused = listenOrRefuse(place, () => listening(place.host, place.port));
    await expect(refused).rejects.toThrow(StartRefused);
    await expect(refused).rejects.toThrow("192.0.2.1 is no address of this machine");
  });

  it("fails as it is when the reason is another one", async () => {
    const place = { host: "127.0.0.1", port: 0, portVariable: "MSGBIN_PORT" };
    await expect(listenOrRefuse(place, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });
});
