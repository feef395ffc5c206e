import { expect, it } from "vitest";
import { createSimulator } from "../../../src/carriers/simulator/simulator.ts";
import { createApiClient } from "../../support/api-client.ts";
import { eventually, loginAsAdmin, prepareService } from "../../support/service.ts";
import { startCapture } from "./capture.ts";
import { readMo, startKannel } from "./kannel.ts";
import { hasPeers } from "./peers.ts";
import { run } from "./running.ts";
import { startUrlReceiver } from "./url-receiver.ts";

const WITHIN_MS = 60_000;
const HANDSET = "31612345678";
const NUMBER = "821100000001";
const LONG = `${"Many words that do not fit into one message. ".repeat(8)}The end.`;
const CYRILLIC = "Привет, как дела?";
const LONG_CYRILLIC = CYRILLIC.repeat(8);
const TEXTS = ["one message", LONG, CYRILLIC, LONG_CYRILLIC];
/** 368 septets in parts of 153, 136 UTF-16 units in parts of 67. */
const PARTS_OF_TEXTS = 1 + 3 + 1 + 3;
const BEHAVIOURS = { receiptDelayMs: 20, receiptJitterMs: 50 };

it("serves Kannel: texts of every kind out, receipts and texts of handsets in, nothing malformed", async () => {
  if (!hasPeers(["kannel", "dumpcap", "tshark"])) return;
  await using cleanUp = new AsyncDisposableStack();
  const simulator = createSimulator({ passwords: { kannel: "secret" }, behaviours: BEHAVIOURS });
  const { port } = await simulator.listen();
  cleanUp.defer(() => simulator.close());
  const capture = await startCapture(port);
  cleanUp.defer(() => capture.stop());
  const receiver = await startUrlReceiver();
  cleanUp.defer(() => receiver.close());
  const kannel = await startKannel(port, receiver.url);
  cleanUp.defer(() => kannel.stop());
  await eventually(
    () => simulator.clients(),
    ([client]) => client?.systemId === "kannel" && client.kind === "trx",
    WITHIN_MS,
  );

  for (const [n, text] of TEXTS.entries()) {
    const answer = await eventually(
      () =>
        kannel.sendSms({
          from: "Kannel",
          to: `${HANDSET}${n}`,
          text,
          charset: "UTF-8",
          coding: text.startsWith(CYRILLIC) ? "2" : "0",
          "dlr-mask": "3",
          "dlr-url": `${receiver.url}/dlr?n=${n}&kind=%d`,
        }),
      ({ status }) => status !== 503, // until its two processes have found each other
      WITHIN_MS,
    );
    expect(answer).toMatchObject({ status: 202 });
    const inbox = await eventually(
      () => simulator.handset(`${HANDSET}${n}`).inbox,
      ({ length }) => length > 0,
      WITHIN_MS,
    );
    expect(inbox).toMatchObject([{ from: "Kannel", text }]);
  }
  expect(simulator.log()).toHaveLength(PARTS_OF_TEXTS);
  for (const n of TEXTS.keys()) {
    const told = () => receiver.asked.filter((url) => url.searchParams.get("n") === String(n));
    const reports = await eventually(told, ({ length }) => length > 0, WITHIN_MS);
    expect(reports.map(({ searchParams }) => searchParams.get("kind"))).toContain("1");
  }

  for (const text of TEXTS) simulator.handset(HANDSET).write(NUMBER, text);
  const written = () => receiver.asked.map(readMo).filter((text) => text !== null);
  const arrived = await eventually(written, ({ length }) => length >= TEXTS.length, WITHIN_MS);
  expect(arrived.toSorted()).toEqual(TEXTS.toSorted());

  await kannel.stop();
  await capture.expectSoundWith({
    bind_transceiver: 1,
    bind_transceiver_resp: 1,
    submit_sm: PARTS_OF_TEXTS,
    submit_sm_resp: PARTS_OF_TEXTS,
    deliver_sm: TEXTS.length + PARTS_OF_TEXTS,
    deliver_sm_resp: TEXTS.length + PARTS_OF_TEXTS,
    enquire_link: 1,
    enquire_link_resp: 1,
    unbind: 1,
    unbind_resp: 1,
  });
});

it("serves Perl's Net::SMPP: binds, takes, reports, delivers, keeps alive, lets go, nothing malformed", async () => {
  if (!hasPeers(["Perl's Net::SMPP", "dumpcap", "tshark"])) return;
  await using cleanUp = new AsyncDisposableStack();
  const simulator = createSimulator({ passwords: { perl: "secret" }, behaviours: BEHAVIOURS });
  const { port } = await simulator.listen();
  cleanUp.defer(() => simulator.close());
  const capture = await startCapture(port);
  cleanUp.defer(() => capture.stop());
  const script = new URL("net-smpp.pl", import.meta.url).pathname;
  const perl = await run("perl", [script, String(port), HANDSET]);
  cleanUp.defer(() => perl.stop("SIGTERM"));
  await eventually(
    () => perl.output(),
    (said) => said.includes("bound") || said.includes("no "),
    WITHIN_MS,
  );
  simulator.handset(HANDSET).write(NUMBER, "hello perl");

  const code = await perl.exited;
  const said = perl.output().trim().split("\n");
  expect({ code, last: said.at(-1) }).toEqual({ code: 0, last: "unbound" });
  const ids = said.filter((line) => line.startsWith("taken ")).map((line) => line.slice("taken ".length));
  expect(new Set(ids).size).toBe(4);
  expect(said.toSorted()).toEqual(
    [
      "bound simulator",
      ...ids.map((id) => `taken ${id}`),
      ...ids.map((id) => `receipt ${id} DELIVRD`),
      `message ${HANDSET} hello perl`,
      "alive",
      "unbound",
    ].toSorted(),
  );
  expect(simulator.handset(HANDSET).inbox.map(({ text }) => text)).toEqual([
    "from perl",
    "first half, second half",
    "Перл",
  ]);
  await capture.expectSoundWith({
    bind_transceiver: 1,
    bind_transceiver_resp: 1,
    submit_sm: 4,
    submit_sm_resp: 4,
    deliver_sm: 5,
    deliver_sm_resp: 5,
    enquire_link: 1,
    enquire_link_resp: 1,
    unbind: 1,
    unbind_resp: 1,
  });
});

it("writes nothing malformed itself, from the bind to the unbind of a service", async () => {
  if (!hasPeers(["dumpcap", "tshark"])) return;
  await using cleanUp = new AsyncDisposableStack();
  const service = await prepareService();
  cleanUp.defer(() => service.dispose());
  const capture = await startCapture(service.simulatorPort);
  cleanUp.defer(() => capture.stop());
  await service.start();
  const api = createApiClient(service.url, await loginAsAdmin(service.url));
  for (const text of [...TEXTS, "emoji 🙂 and more", "a".repeat(1_500)]) {
    // Both are delivered: a failed one would be final before the receipts of all its parts have come.
    const { status, body } = await api.send([`+${HANDSET}`, "+31600000001"], text);
    expect(status).toBe(200);
    await eventually(
      () => api.message(body.id),
      ({ targets }) => targets.every((target) => !["queued", "sent"].includes(target.status)),
      WITHIN_MS,
    );
  }
  expect(await service.terminate()).toBe(0);
  const parts = 2 * (PARTS_OF_TEXTS + 1 + 10);
  await capture.expectSoundWith({
    submit_sm: parts,
    submit_sm_resp: parts,
    deliver_sm: parts,
    deliver_sm_resp: parts,
    unbind: 1,
    unbind_resp: 1,
  });
});
