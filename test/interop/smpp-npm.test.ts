import type { AddressInfo } from "node:net";
import smpp, { type NpmPdu, type NpmSession } from "smpp";
import { describe, expect, it } from "vitest";
import { answerAll, ConnectionRecorder } from "../../src/smpp/net/connection-recorder.fixture.ts";
import { connectSmpp } from "../../src/smpp/net/smpp-client.ts";
import { CREDENTIALS, startPair } from "../../src/smpp/net/smpp-pair.fixture.ts";
import { deliverSm, submitSm } from "../../src/smpp/pdu/pdu-defaults.ts";
import type { MessageRequestBody } from "../../src/smpp/pdu/pdu.ts";
import { integerTlv, octetsTlv, readTextTlv, textTlv } from "../../src/smpp/pdu/tlv-values.ts";
import type { IncomingRequest } from "../../src/smpp/session/incoming-request.ts";

const HANDSET = { ton: 1, npi: 1, address: "46701234567" };
const SENDER = { ton: 5, npi: 0, address: "msgbin" };
const ASCII = new TextEncoder();

function once(session: NpmSession, event: string): Promise<NpmPdu> {
  return new Promise((resolve) => {
    session.once(event, resolve);
  });
}

type Asks =
  | "bind_transceiver"
  | "submit_sm"
  | "submit_multi"
  | "data_sm"
  | "query_sm"
  | "cancel_sm"
  | "replace_sm";

function ask(
  session: NpmSession,
  command: Asks | "broadcast_sm" | "deliver_sm" | "enquire_link" | "unbind",
  fields: Record<string, unknown> = {},
): Promise<NpmPdu> {
  return new Promise((resolve) => {
    session[command](fields, resolve);
  });
}

describe("the npm package smpp as client of our server", () => {
  it("binds, submits, is delivered to, keeps alive and unbinds", async () => {
    await using pair = await startPair();
    const session = smpp.connect({ host: "127.0.0.1", port: pair.port });
    await once(session, "connect");
    const bound = await ask(session, "bind_transceiver", { system_id: "npm", password: "secret" });
    expect(bound).toMatchObject({ command_status: 0, system_id: "SMSC", sc_interface_version: 0x34 });

    const response = await ask(session, "submit_sm", {
      source_addr_ton: 5,
      source_addr: "npm",
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: HANDSET.address,
      short_message: "Hej på dig 🙂",
      registered_delivery: 1,
      user_message_reference: 7,
    });
    expect(response).toMatchObject({ command: "submit_sm_resp", command_status: 0, message_id: "id-2" });
    expect(pair.served.requests).toMatchObject([
      {
        flaws: [],
        pdu: {
          command: "submit_sm",
          source: { ton: 5, npi: 0, address: "npm" },
          destination: HANDSET,
          registeredDelivery: 1,
          dataCoding: 8,
          tlvs: [integerTlv("user_message_reference", 7)],
        },
      },
    ]);

    const delivered = once(session, "deliver_sm");
    const receipt = deliverSm({
      source: HANDSET,
      destination: SENDER,
      esmClass: 4,
      shortMessage: ASCII.encode("id:id-2 stat:DELIVRD"),
      tlvs: [textTlv("receipted_message_id", "id-2"), integerTlv("message_state", 2)],
    });
    expect(pair.served.connection?.request(receipt, "receipt")).toEqual({ ok: true });
    const pdu = await delivered;
    expect(pdu).toMatchObject({
      source_addr: HANDSET.address,
      esm_class: 4,
      short_message: { message: "id:id-2 stat:DELIVRD" },
      receipted_message_id: "id-2",
      message_state: 2,
    });
    session.send(pdu.response());
    await pair.served.until(() => pair.served.outcomes.length === 1);
    expect(pair.served.outcomes).toMatchObject([{ kind: "answered", context: "receipt" }]);

    expect(await ask(session, "enquire_link")).toMatchObject({
      command: "enquire_link_resp",
      command_status: 0,
    });
    const closed = once(session, "close");
    expect(await ask(session, "unbind")).toMatchObject({ command: "unbind_resp", command_status: 0 });
    await closed;
    await pair.served.until(() => pair.served.closed !== undefined);
    expect(pair.served.closed).toEqual({ kind: "unbound-by-peer" });
  });

  it("is understood in every other request, and nacked where it speaks SMPP 5.0", async () => {
    await using pair = await startPair();
    const session = smpp.connect({ host: "127.0.0.1", port: pair.port });
    await once(session, "connect");
    await ask(session, "bind_transceiver", { system_id: "npm", password: "secret" });
    const multi = await ask(session, "submit_multi", {
      dest_address: [
        { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: "46701" },
        { dl_name: "friends" },
      ],
      short_message: "all",
    });
    expect(multi).toMatchObject({ command: "submit_multi_resp", message_id: "id-2", unsuccess_sme: [] });
    const data = await ask(session, "data_sm", { destination_addr: "46701", message_payload: "payload" });
    expect(data).toMatchObject({ command: "data_sm_resp", message_id: "id-3" });
    const query = await ask(session, "query_sm", { message_id: "id-2", source_addr: "npm" });
    expect(query).toMatchObject({ command: "query_sm_resp", message_id: "id-4", message_state: 0 });
    const cancel = await ask(session, "cancel_sm", { message_id: "id-2" });
    expect(cancel).toMatchObject({ command: "cancel_sm_resp", command_status: 0 });
    const replace = await ask(session, "replace_sm", { message_id: "id-2", short_message: "new" });
    expect(replace).toMatchObject({ command: "replace_sm_resp", command_status: 0 });
    expect(pair.served.requests.map(({ pdu, flaws }) => [pdu.command, ...flaws])).toEqual([
      ["submit_multi"],
      ["data_sm"],
      ["query_sm"],
      ["cancel_sm"],
      ["replace_sm"],
    ]);
    expect(pair.served.requests[0]?.pdu).toMatchObject({
      destinations: [
        { kind: "address", address: { ton: 1, npi: 1, address: "46701" } },
        { kind: "distribution-list", name: "friends" },
      ],
    });
    expect(await ask(session, "broadcast_sm")).toMatchObject({ command: "generic_nack", command_status: 3 });
    expect(pair.served.closed).toBeUndefined();
    session.destroy();
    await pair.served.until(() => pair.served.closed !== undefined);
  });

  it("is turned away with the status that we decide", async () => {
    await using pair = await startPair({ authenticate: () => ({ ok: false, commandStatus: 0x0e }) });
    const session = smpp.connect({ host: "127.0.0.1", port: pair.port });
    await once(session, "connect");
    const closed = once(session, "close");
    expect(await ask(session, "bind_transceiver", { system_id: "npm" })).toMatchObject({
      command_status: 0x0e,
    });
    await closed;
  });
});

/** A server of the package that serves one session as the test says. */
async function startNpm(
  serve: (session: NpmSession) => void,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const sessions: NpmSession[] = [];
  const server = smpp.createServer((session) => {
    sessions.push(session);
    session.on("error", () => session.destroy());
    session.on("bind_transceiver", (pdu: NpmPdu) => session.send(pdu.response({ system_id: "npm" })));
    session.on("enquire_link", (pdu: NpmPdu) => session.send(pdu.response()));
    session.on("unbind", (pdu: NpmPdu) => session.send(pdu.response()));
    serve(session);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    // A server that listens on TCP has an AddressInfo; only a pipe's is a string.
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function bindTo(port: number, session = {}) {
  const recorder = new ConnectionRecorder(answerAll);
  const client = connectSmpp({ host: "127.0.0.1", port, bind: CREDENTIALS, session }, recorder);
  await recorder.until(() => recorder.bound !== undefined);
  expect(recorder.bound).toMatchObject({ systemId: "npm" });
  return { recorder, client };
}

describe("the npm package smpp as server of our client", () => {
  it("binds us, takes our messages, delivers, is kept alive and unbinds", async () => {
    const submitted: NpmPdu[] = [];
    const questions: NpmPdu[] = [];
    const answers: NpmPdu[] = [];
    await using npm = await startNpm((session) => {
      session.on("enquire_link", (pdu: NpmPdu) => questions.push(pdu));
      session.on("submit_sm", (pdu: NpmPdu) => {
        submitted.push(pdu);
        session.send(pdu.response({ message_id: "38601fa" }));
        session.deliver_sm(
          {
            source_addr: HANDSET.address,
            esm_class: 4,
            short_message: "id:38601fa",
            receipted_message_id: "38601fa",
          },
          (response) => answers.push(response),
        );
      });
    });
    const { recorder, client } = await bindTo(npm.port, { enquireLinkIntervalMs: 10 });
    const body = submitSm({
      source: SENDER,
      destination: HANDSET,
      shortMessage: ASCII.encode("Hello"),
      registeredDelivery: 1,
      tlvs: [integerTlv("user_message_reference", 513)],
    });
    expect(client.request(body, "mine")).toEqual({ ok: true });
    await recorder.until(() => recorder.outcomes.length === 1 && recorder.requests.length === 1);
    expect(submitted).toMatchObject([
      {
        source_addr: "msgbin",
        source_addr_ton: 5,
        destination_addr: HANDSET.address,
        short_message: { message: "Hello" },
        registered_delivery: 1,
        user_message_reference: 513,
      },
    ]);
    expect(recorder.outcomes).toMatchObject([
      { kind: "answered", context: "mine", response: { messageId: "38601fa" } },
    ]);
    const [receipt] = recorder.requests;
    expect(receipt).toMatchObject({ flaws: [], pdu: { command: "deliver_sm", esmClass: 4 } });
    expect(readTextTlv(tlvsOf(receipt), "receipted_message_id")).toBe("38601fa");
    while (questions.length < 3 || answers.length < 1)
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    expect(answers).toMatchObject([{ command: "deliver_sm_resp", command_status: 0 }]);
    client.unbind();
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.closed).toEqual({ kind: "unbound-by-us", isAnswered: true });
  });

  it("understands every other request of ours", async () => {
    const taken: NpmPdu[] = [];
    await using npm = await startNpm((session) => {
      for (const command of ["submit_multi", "data_sm", "query_sm", "cancel_sm", "replace_sm"] as const)
        session.on(command, (pdu: NpmPdu) => {
          taken.push(pdu);
          session.send(pdu.response({ message_id: "7" }));
        });
    });
    const { recorder, client } = await bindTo(npm.port);
    const { destination: _, ...single } = submitSm({ source: SENDER, shortMessage: ASCII.encode("all") });
    const address = { source: SENDER, destination: HANDSET, serviceType: "", tlvs: [] };
    const bodies: readonly MessageRequestBody[] = [
      {
        ...single,
        command: "submit_multi",
        destinations: [
          { kind: "address", address: HANDSET },
          { kind: "distribution-list", name: "friends" },
        ],
      },
      {
        ...address,
        command: "data_sm",
        esmClass: 0,
        registeredDelivery: 0,
        dataCoding: 4,
        tlvs: [octetsTlv("message_payload", ASCII.encode("payload"))],
      },
      { command: "query_sm", messageId: "7", source: SENDER, tlvs: [] },
      { ...address, command: "cancel_sm", messageId: "7" },
      {
        command: "replace_sm",
        messageId: "7",
        source: SENDER,
        scheduleDeliveryTime: "",
        validityPeriod: "000001000000000R",
        registeredDelivery: 1,
        defaultMessageId: 0,
        shortMessage: ASCII.encode("new"),
        tlvs: [],
      },
    ];
    for (const body of bodies) expect(client.request(body, body.command)).toEqual({ ok: true });
    await recorder.until(() => recorder.outcomes.length === bodies.length);
    expect(recorder.outcomes.map(({ kind, context }) => `${context} ${kind}`)).toEqual(
      bodies.map(({ command }) => `${command} answered`),
    );
    expect(taken).toMatchObject([
      { dest_address: [{ destination_addr: HANDSET.address }, { dl_name: "friends" }] },
      { data_coding: 4 },
      { message_id: "7", source_addr: "msgbin" },
      { message_id: "7", destination_addr: HANDSET.address },
      { message_id: "7", registered_delivery: 1, short_message: Buffer.from("new") },
    ]);
    client.destroy();
    await recorder.until(() => recorder.closed !== undefined);
  });

  it("takes a thousand messages through a window of 50", async () => {
    let count = 0;
    await using npm = await startNpm((session) => {
      session.on("submit_sm", (pdu: NpmPdu) => session.send(pdu.response({ message_id: `${++count}` })));
    });
    const { recorder, client } = await bindTo(npm.port, { windowSize: 50 });
    let sent = 0;
    while (recorder.outcomes.length < 1_000) {
      while (sent < 1_000 && client.request(submitSm({ destination: HANDSET }), `${sent}`).ok) sent++;
      const seen = recorder.outcomes.length;
      await recorder.until(() => recorder.outcomes.length > seen);
    }
    expect(recorder.outcomes.filter(({ kind }) => kind !== "answered")).toEqual([]);
    expect(count).toBe(1_000);
    client.unbind();
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.closed).toMatchObject({ kind: "unbound-by-us" });
  });
});

function tlvsOf(request: IncomingRequest | undefined) {
  return request?.pdu.tlvs ?? [];
}
