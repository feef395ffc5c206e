import { parentPort, workerData } from "node:worker_threads";
import { createGuardedClient } from "../../outbound-http/guarded-client.ts";
import type { ThreadedClientOptions } from "./threaded-client.ts";
import { type Call, decodeRequest, encodeOutcome, type Reply } from "./wire.ts";

const port = parentPort;
if (port === null) throw new Error("this file runs in a thread of its own");

const client = createGuardedClient(workerData as ThreadedClientOptions); // ThreadedClient starts it so
let replies: Reply[] = [];

port.on("message", (calls: readonly Call[]) => {
  for (const call of calls) take(call);
});

function take(call: Call): void {
  switch (call[0]) {
    case "request":
      return request(call);
    case "close":
      // Once what was in flight is answered; a connection that is just being made would keep the thread for seconds.
      void client.close().then(() => setImmediate(() => process.exit()));
  }
}

function request(call: Call & { readonly 0: "request" }): void {
  const id = call[1];
  client.request(decodeRequest(call)).then(
    (outcome) => reply(encodeOutcome(id, outcome)),
    (error: unknown) => reply(["threw", id, String(error)]),
  );
}

/** All that ends in one turn of the event loop goes in one message. */
function reply(one: Reply): void {
  if (replies.push(one) > 1) return;
  setImmediate(() => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    port?.postMessage(replies);
    replies = [];
  });
}
