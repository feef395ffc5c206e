import type { MsgbinGateway } from "../gateways/msgbin.ts";
import { until } from "../gateways/running.ts";
import { warmUp, withRig } from "../bench-rig.ts";
import type { Run } from "../figures.ts";
import { monotonicMicros } from "../tools/control.ts";

const DESTINATIONS = 1_000;
/** Requests under way at a time. */
const SENDERS = 4;

/** Requests with 1,000 destinations each, a few at a time, until every target has its receipt. */
export function oneRequestManyDestinations(requests: number): Promise<Run> {
  return withRig("msgbin", { callbacks: true }, async (rig) => {
    await warmUp(rig, true);
    const { url, token } = rig.gateway as MsgbinGateway; // withRig("msgbin") makes no other kind
    const before = rig.usage();
    const startedAt = monotonicMicros();
    const ids: string[] = [];
    const sender = async (first: number): Promise<void> => {
      for (let request = first; request < requests; request += SENDERS)
        ids.push(await send(url, token, request));
    };
    await Promise.all(Array.from({ length: SENDERS }, (_, first) => sender(first)));
    for (const id of ids)
      await until(() => isDelivered(url, token, id), 60_000, "all targets to be delivered");
    const seconds = (monotonicMicros() - startedAt) / 1_000_000;
    const targets = requests * DESTINATIONS;
    const after = rig.usage();
    return {
      "targets/s": targets / seconds,
      "cpu s/1000": ((after.cpuSeconds - before.cpuSeconds) / targets) * 1_000,
    };
  });
}

async function send(url: string, token: string, request: number): Promise<string> {
  const first = 31_600_000_000 + request * DESTINATIONS;
  const answer = await fetch(`${url}/v1.0/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      source: { type: "tel", target: "+12345678901" },
      destinations: Array.from({ length: DESTINATIONS }, (_, n) => ({
        type: "tel",
        target: `+${first + n}`,
      })),
      text: "to everybody: the office is closed on Monday",
    }),
  });
  if (!answer.ok) throw new Error(`POST answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

async function isDelivered(url: string, token: string, id: string): Promise<true | null> {
  const answer = await fetch(`${url}/v1.0/messages/${id}`, { headers: { authorization: `Bearer ${token}` } });
  const { targets } = (await answer.json()) as { targets: readonly { status: string }[] };
  return targets.every(({ status }) => status === "delivered") ? true : null;
}
