import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accept, startReceiver } from "./fixtures/receiving-server.ts";
import { until } from "./fixtures/until.ts";
import { SECRET, WebhookRig } from "./fixtures/webhook-rig.ts";

const OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

type Check = (secret: string, headers: IncomingHttpHeaders, body: string) => boolean;

/** The program that docs/webhooks.md shows. */
async function importDocumented(): Promise<Readonly<Record<"checkStandard" | "checkVoipbin", Check>>> {
  const page = readFileSync(new URL("../../docs/webhooks.md", import.meta.url), "utf8");
  const [, program = ""] = /```js\n(.+?)```/s.exec(page) ?? [];
  return import(`data:text/javascript,${encodeURIComponent(program)}`) as ReturnType<typeof importDocumented>; // it exports them
}

describe("the documented check of a webhook", () => {
  afterEach(() => void vi.useRealTimers());

  it("knows a real call by both signatures, and takes no other secret, body or time", async () => {
    const { checkStandard, checkVoipbin } = await importDocumented();
    const rig = await WebhookRig.open();
    const receiver = await startReceiver(accept);
    const sealedSecrets = [`sealed ${SECRET}`, `sealed ${OLD}`];
    const endpoint = await rig.addEndpoint(receiver.url, { sealedSecrets });
    rig.start();
    await rig.acceptMessage(endpoint, "Größe 😀");
    await until(() => rig.settlements.length === 1);
    await rig.close();
    await receiver.close();
    const { headers = {}, body = "" } = receiver.requests[0] ?? {};

    const answers = (check: Check) => [
      check(SECRET, headers, body),
      check(OLD, headers, body),
      check(SECRET, headers, `${body} `),
      check(SECRET, {}, body),
    ];
    expect(answers(checkStandard)).toEqual([true, true, false, false]);
    expect(answers(checkVoipbin)).toEqual([true, false, false, false]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 301_000 });
    expect(checkStandard(SECRET, headers, body)).toBe(false);
  });
});
