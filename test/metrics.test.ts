import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiClient } from "./support/api-client.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "./support/service.ts";

const WITHIN_MS = 30_000;
const DELIVERED = "+31655512301";
const UNREACHABLE = "+31600000002";
const REFUSED = "+31600000021";

/** Messages that are delivered, fail and are refused, and a webhook: what an operator then reads. */
describe("the metrics of a service at work", () => {
  let service: Service;
  let receiver: Receiver;
  let shown: string;

  beforeAll(async () => {
    receiver = await startReceiver();
    service = await prepareService();
    await service.start();
    const api = createApiClient(service.url, await loginAsAdmin(service.url));
    await api.succeed("POST", "/v1.0/webhooks", { uri: receiver.url });
    await api.send([DELIVERED, UNREACHABLE, REFUSED], "count me");
    await api.send(["no number"], "count me too");
    shown = await eventually(
      async () => (await fetch(`${service.url}/metrics`)).text(),
      (text) =>
        valueOf(text, 'msgbin_receipts_total{carrier="simulator",outcome="delivered"}') === 1 &&
        valueOf(text, 'msgbin_receipts_total{carrier="simulator",outcome="failed"}') === 1 &&
        valueOf(text, 'msgbin_attempts_total{carrier="simulator",outcome="refused"}') === 1 &&
        valueOf(text, 'msgbin_queue_in_flight{carrier="simulator"}') === 0 &&
        valueOf(text, "msgbin_webhook_lag_seconds_count") > 0,
      WITHIN_MS,
    );
  });
  afterAll(async () => {
    await service.dispose();
    await receiver.close();
  });

  it.each([
    ["accepted messages", "msgbin_messages_accepted_total", 1],
    ["accepted targets", "msgbin_targets_accepted_total", 3],
    ["rejected messages", 'msgbin_messages_rejected_total{reason="invalid_argument"}', 1],
    ["sent targets by carrier", 'msgbin_attempts_total{carrier="simulator",outcome="taken"}', 2],
    ["queue depth", 'msgbin_queue_waiting{carrier="simulator"}', 0],
    ["queue age", 'msgbin_queue_oldest_age{carrier="simulator"}', 0],
    ["the window in use", 'msgbin_carrier_window_used{carrier="simulator"}', 0],
    ["time from accepting to the wire", 'msgbin_accept_to_submit_seconds_count{carrier="simulator"}', 3],
    ["time from the wire to the answer", 'msgbin_submit_seconds_count{carrier="simulator"}', 3],
    ["time from the answer to the receipt", 'msgbin_receipt_seconds_count{carrier="simulator"}', 2],
  ])("tell %s", (_, sample, value) => {
    expect(valueOf(shown, sample)).toBe(value);
  });

  it.each([
    ["the size of the window", 'msgbin_carrier_window_size{carrier="simulator"}'],
    ["commits", "msgbin_store_commit_seconds_count"],
    ["operations in commits", "msgbin_store_operations_total"],
    ["the delay of the event loop", "nodejs_eventloop_lag_p99_seconds"],
    ["memory", "process_resident_memory_bytes"],
  ])("tell %s", (_, sample) => {
    expect(valueOf(shown, sample)).toBeGreaterThan(0);
  });

  it("hold no number and no id of a message as a label", () => {
    expect(shown).not.toMatch(/31655512301|31600000|[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });
});

/** The value of a sample by its name and labels; NaN when it is not shown. */
function valueOf(text: string, sample: string): number {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${sample} `));
  return line === undefined ? Number.NaN : Number(line.slice(sample.length + 1));
}
