import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { runCommandLine } from "../command-line.ts";

/** What `msgbin doctor` prints about a service that has one carrier, which says this of itself. */
async function findingsOf(state: string, detail: string): Promise<string> {
  const carrier = { name: "acme", health: { state, detail }, queue: { waiting: 7, held: 0 } };
  const answers: Readonly<Record<string, unknown>> = {
    "/readyz": { checks: {} },
    "/v1.0/carriers": { result: [carrier] },
    "/v1.0/webhooks": { result: [] },
  };
  const server = createServer(({ url = "" }, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(answers[url]));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  const out: string[] = [];
  await runCommandLine({
    arguments: ["doctor"],
    environment: { MSGBIN_URL: `http://127.0.0.1:${port}`, MSGBIN_TOKEN: "t" },
    workingDirectory: import.meta.dirname,
    stdout: { write: (text) => out.push(text) },
    stderr: { write: () => true },
    signal: new AbortController().signal,
  });
  server.closeAllConnections();
  server.close();
  return out.join("");
}

it.each([
  ["down", "the carrier unbound us", "check its URL and that the carrier lets this address in"],
  ["silent", "bound, but", "ask the carrier: it accepts our binds and answers no message"],
])("says what to do about a carrier that is %s", async (state, detail, todo) => {
  const found = `FAIL  carrier acme: ${state}: ${detail}; 7 waiting, 0 held\n      → ${todo}`;
  expect(await findingsOf(state, detail)).toContain(found);
});
