import { connect, createServer, type Server, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { COMMAND_STATUS } from "../pdu/command-status.ts";
import { encodePdu } from "../pdu/encode-pdu.ts";
import { hex } from "../pdu/golden-pdus.fixture.ts";
import { deliverSm, submitSm } from "../pdu/pdu-defaults.ts";
import { PduFramer } from "../pdu/pdu-framer.ts";
import type { Pdu } from "../pdu/pdu.ts";
import { octetsTlv } from "../pdu/tlv-values.ts";
import type { IncomingRequest } from "../session/incoming-request.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "./certificate.fixture.ts";
import { bindBody } from "../session/session-peer.fixture.ts";
import { ConnectionRecorder } from "./connection-recorder.fixture.ts";
import { connectSmpp } from "./smpp-client.ts";
import { SmppConnection } from "./smpp-connection.ts";
import { SmppServer } from "./smpp-server.ts";
import { CREDENTIALS, DELIVER, startPair, SUBMIT } from "./smpp-pair.fixture.ts";

const BIND_RESP = encodePdu({
  command: "bind_transceiver_resp",
  systemId: "",
  tlvs: [],
  sequence: 1,
  commandStatus: 0,
});

/** A plain TCP server that does with each socket what the test says. */
async function startRaw(
  onSocket: (socket: Socket) => void,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    // The peer under test may reset it.
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", () => resolve());
  await promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const socket of sockets) socket.destroy();
      await closed.promise;
    },
  };
}

function everyPdu(onPdu: (pdu: Pdu) => void): (chunk: Uint8Array) => void {
  const framer = new PduFramer();
  return (chunk) => {
    framer.push(chunk);
    for (let result = framer.next(); result !== undefined; result = framer.next())
      if (result.ok) onPdu(result.pdu);
  };
}

/** Waits for something that no handler tells of, looking at each turn of the event loop. */
async function eventually(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turns(1);
}

describe("a client and a server", () => {
  it("bind, send both ways, unbind and close", async () => {
    await using pair = await startPair();
    const { recorder, client } = await pair.bind();
    expect(recorder.bound).toMatchObject({ command: "bind_transceiver_resp", systemId: "SMSC" });
    expect(recorder.bound?.tlvs).toEqual([{ tag: 0x0210, value: hex("34") }]);
    expect(client.state).toBe("bound_trx");
    expect(client.writableWindow()).toBe(10);
    expect(client.request(SUBMIT, "mine")).toEqual({ ok: true });
    await recorder.until(() => recorder.outcomes.length === 1);
    expect(recorder.outcomes).toMatchObject([
      { kind: "answered", context: "mine", response: { messageId: "id-2" } },
    ]);
    const server = pair.served.connection;
    expect(server?.peer.address).toBe("127.0.0.1");
    expect(server?.request(DELIVER, "theirs")).toEqual({ ok: true });
    await pair.served.until(() => pair.served.outcomes.length === 1);
    expect(pair.served.outcomes).toMatchObject([{ kind: "answered", context: "theirs" }]);
    client.unbind();
    await recorder.until(() => recorder.closed !== undefined);
    await pair.served.until(() => pair.served.closed !== undefined);
    expect(recorder.closed).toEqual({ kind: "unbound-by-us", isAnswered: true });
    expect(pair.served.closed).toEqual({ kind: "unbound-by-peer" });
    expect([client.state, server?.state]).toEqual(["closed", "closed"]);
    expect(pair.server.connections.size).toBe(0);
  });

  it("carry ten thousand messages through a window of 100, and the window tells of room", async () => {
    await using pair = await startPair();
    const { recorder, client } = await pair.bind({ session: { windowSize: 100 } });
    let sent = 0;
    const fill = (): void => {
      while (sent < 10_000 && client.request(SUBMIT, `${sent}`).ok) sent++;
      expect(client.pendingRequests).toBeLessThanOrEqual(100);
    };
    fill();
    for (let seen = 0; recorder.outcomes.length < 10_000; seen = recorder.windows.length) {
      await recorder.until(() => recorder.windows.length > seen);
      fill();
    }
    expect(new Set(recorder.outcomes.map(({ context }) => context)).size).toBe(10_000);
    expect(recorder.outcomes.filter(({ kind }) => kind !== "answered")).toEqual([]);
  });

  it("keep each other alive and notice when the other does not answer", async () => {
    await using pair = await startPair({ session: { answersEnquireLink: false } });
    const { recorder, client } = await pair.bind({
      session: { enquireLinkIntervalMs: 20, enquireLinkTimeoutMs: 20 },
    });
    expect(client.request(SUBMIT, "answered").ok).toBe(true);
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.closed).toEqual({ kind: "keepalive-timeout" });
    await pair.served.until(() => pair.served.closed !== undefined);
    expect(pair.served.closed).toEqual({ kind: "unbound-by-peer" });
  });

  it("stay up over many keep-alives", async () => {
    await using pair = await startPair();
    let ticks = 0;
    const { recorder, client } = await pair.bind({
      session: { enquireLinkIntervalMs: 2, responseTimeoutMs: 60_000 },
      mayWrite: () => ++ticks > 0,
    });
    await recorder.until(() => recorder.windows.length > 0);
    await eventually(() => ticks > 20);
    expect(client.state).toBe("bound_trx");
  });

  it("end each in its own way when the server stops", async () => {
    await using pair = await startPair();
    const { recorder } = await pair.bind();
    await pair.server.close();
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.closed).toEqual({ kind: "unbound-by-peer" });
  });

  it("give back what was written when one of them vanishes", async () => {
    await using pair = await startPair({ serve: (_requests, connection) => connection.destroy() });
    const { recorder, client } = await pair.bind();
    client.request(SUBMIT, "a");
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.outcomes).toEqual([{ kind: "lost", context: "a" }]);
    expect(recorder.closed).toMatchObject({ kind: "connection-lost" });
    expect(pair.served.closed).toEqual({ kind: "destroyed" });
    expect(client.request(SUBMIT, "b")).toEqual({ ok: false, reason: "not-bound" });
    expect(pair.served.requests.map((request) => pair.served.connection?.answer(request, 0))).toEqual([
      false,
    ]);
  });

  it("talk over TLS when the certificate is trusted, and not when it is not", async () => {
    await using pair = await startPair({ tls: { cert: TEST_CERTIFICATE, key: TEST_KEY } });
    const { recorder, client } = await pair.bind({ host: "localhost", tls: { ca: TEST_CERTIFICATE } });
    client.request(SUBMIT, "a");
    await recorder.until(() => recorder.outcomes.length === 1);
    expect(recorder.outcomes).toMatchObject([{ kind: "answered" }]);
    const distrusting = pair.connect({ tls: {} });
    await distrusting.recorder.until(() => distrusting.recorder.closed !== undefined);
    expect(distrusting.recorder.closed).toMatchObject({
      kind: "connect-failed",
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
  });

  it("may answer with a body of their own, alert, and put raw bytes on the wire", async () => {
    const address = { ton: 0, npi: 0, address: "1" };
    await using pair = await startPair({
      serve: ([request], connection) => {
        connection.alert({ command: "alert_notification", source: address, esme: address, tlvs: [] });
        connection.writeRaw(encodePdu({ ...deliverSm({}), sequence: 4_000_000_000, commandStatus: 0 }));
        const tlvs = [octetsTlv("its_session_info", hex("0102"))];
        if (request !== undefined)
          connection.respond(request, { command: "submit_sm_resp", messageId: "x", tlvs });
      },
    });
    const { recorder, client } = await pair.bind();
    client.request(SUBMIT, "a");
    await recorder.until(() => recorder.outcomes.length === 1 && recorder.requests.length === 2);
    expect(recorder.outcomes).toMatchObject([{ response: { tlvs: [{ tag: 0x1383 }] } }]);
    expect(recorder.requests).toMatchObject([
      { pdu: { command: "alert_notification" } },
      { pdu: { command: "deliver_sm", sequence: 4_000_000_000 } },
    ]);
  });
});

describe("a process that was stopped and wakes late", () => {
  it("reads what arrived meanwhile before it counts anything as timed out", async () => {
    let nowMs = 0;
    await using pair = await startPair({
      serve: (requests, connection) => {
        for (const request of requests) connection.answer(request, 0, "id");
        // Runs after the answer was written, and stands for the stop: the client's deadline passes with the answer unread.
        setImmediate(() => {
          nowMs = 10_000;
          blockFor(30);
        });
      },
    });
    const session = { responseTimeoutMs: 10, enquireLinkIntervalMs: 0 };
    const { recorder, client } = await pair.bind({ session, monotonicMs: () => nowMs });
    client.request(SUBMIT, "a");
    await recorder.until(() => recorder.outcomes.length === 1);
    expect(recorder.outcomes).toMatchObject([{ kind: "answered", context: "a", latencyMs: 10_000 }]);
  });
});

describe("a bind", () => {
  it("that is refused closes with the carrier's status", async () => {
    await using pair = await startPair({
      authenticate: (bind) => ({
        ok: false,
        commandStatus:
          bind.password === "secret" ? COMMAND_STATUS.ESME_RALYBND : COMMAND_STATUS.ESME_RINVPASWD,
      }),
    });
    const { recorder } = pair.connect();
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.closed).toEqual({ kind: "bind-refused", commandStatus: 5 });
    expect(recorder.bound).toBeUndefined();
  });

  it("whose check fails is refused with ESME_RSYSERR, and the error is told", async () => {
    const failure = new Error("no store");
    await using pair = await startPair({ authenticate: () => Promise.reject(failure) });
    const { recorder } = pair.connect();
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.closed).toEqual({ kind: "bind-refused", commandStatus: COMMAND_STATUS.ESME_RSYSERR });
    expect(pair.errors).toEqual([failure]);
  });

  it("whose client left while it was checked tells its handlers nothing", async () => {
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const handlers = new ConnectionRecorder();
    await using pair = await startPair({
      authenticate: async () => {
        asked.resolve();
        await gate.promise;
        return { ok: true, handlers };
      },
    });
    const { recorder, client } = pair.connect();
    await asked.promise;
    client.destroy();
    await recorder.until(() => recorder.closed !== undefined);
    const [connection] = pair.server.connections;
    await eventually(() => connection === undefined || connection.state === "closed");
    gate.resolve();
    await pair.server.close();
    expect(handlers.connection).toBeUndefined();
  });

  it("may be given a window of its own, and the connection tells that there is room", async () => {
    await using pair = await startPair({ decision: { windowSize: 3 } });
    await pair.bind();
    expect(pair.served.windows).toEqual([3]);
  });

  it("that never comes closes the connection in time", async () => {
    await using pair = await startPair({ session: { bindTimeoutMs: 20 } });
    const socket = connect(pair.port, "127.0.0.1");
    const closed = Promise.withResolvers<void>();
    socket.on("close", () => closed.resolve());
    socket.resume();
    await closed.promise;
    expect(pair.served.connection).toBeUndefined();
  });

  it("that cannot be written, or an option out of its limits, is refused before a socket is opened", () => {
    const recorder = new ConnectionRecorder();
    const target = { host: "127.0.0.1", port: 1 };
    expect(() =>
      connectSmpp({ ...target, bind: { ...CREDENTIALS, password: "p".repeat(64) } }, recorder),
    ).toThrow("password has 64 characters, 63 fit");
    expect(() => connectSmpp({ ...target, bind: CREDENTIALS, session: { windowSize: 0 } }, recorder)).toThrow(
      RangeError,
    );
  });
});

describe("a connection that cannot be made", () => {
  it("says so with the system's code", async () => {
    const gone = await startRaw(() => undefined);
    await gone[Symbol.asyncDispose]();
    const recorder = new ConnectionRecorder();
    connectSmpp({ host: "127.0.0.1", port: gone.port, bind: CREDENTIALS }, recorder);
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.closed).toMatchObject({ kind: "connect-failed", code: "ECONNREFUSED" });
  });

  it("is given up in time, TLS included", async () => {
    await using raw = await startRaw(() => undefined);
    const recorder = new ConnectionRecorder();
    connectSmpp(
      { host: "127.0.0.1", port: raw.port, bind: CREDENTIALS, tls: {}, connectTimeoutMs: 20 },
      recorder,
    );
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.closed).toEqual({ kind: "connect-failed", message: "timed out", code: null });
  });

  it("may be given up by its owner", async () => {
    await using raw = await startRaw(() => undefined);
    for (const end of ["unbind", "destroy"] as const) {
      const recorder = new ConnectionRecorder();
      connectSmpp({ host: "127.0.0.1", port: raw.port, bind: CREDENTIALS, tls: {} }, recorder)[end]();
      await recorder.until(() => recorder.closed !== undefined);
      expect(recorder.closed).toEqual({ kind: "destroyed" });
    }
  });
});

describe("writes", () => {
  it("carry all that was queued in one turn of the event loop", async () => {
    await using raw = await startRaw((socket) => {
      socket.once("data", () => socket.write(BIND_RESP));
    });
    const socket = connect(raw.port, "127.0.0.1");
    const writes: number[] = [];
    const write = socket.write.bind(socket);
    socket.write = (bytes: Uint8Array | string) => {
      writes.push(bytes.length);
      return write(bytes);
    };
    const recorder = new ConnectionRecorder();
    const connection = new SmppConnection<string>({
      socket,
      peer: { address: "127.0.0.1", port: raw.port },
      session: { windowSize: 200 },
      side: {
        role: "esme",
        bind: bindBody(),
        handlers: recorder,
        connectTimeoutMs: 60_000,
        connectedEvent: "connect",
      },
    });
    await recorder.until(() => recorder.bound !== undefined);
    writes.length = 0;
    for (let count = 0; count < 200; count++) connection.request(SUBMIT, `${count}`);
    await Promise.resolve();
    expect(writes).toEqual([]);
    await eventually(() => writes.length > 0);
    expect(writes).toEqual([200 * encodePdu({ ...SUBMIT, sequence: 1, commandStatus: 0 }).length]);
    connection.destroy();
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.outcomes.filter(({ kind }) => kind === "lost")).toHaveLength(200);
  });

  it("without permission give the requests back as not written", async () => {
    let isAllowed = true;
    await using pair = await startPair();
    const { recorder, client } = await pair.bind({ mayWrite: () => isAllowed });
    client.request(SUBMIT, "a");
    isAllowed = false;
    await recorder.until(() => recorder.outcomes.length === 1);
    expect(recorder.outcomes).toEqual([{ kind: "not-written", context: "a" }]);
    isAllowed = true;
    client.request(SUBMIT, "b");
    await recorder.until(() => recorder.outcomes.length === 2);
    expect(recorder.outcomes[1]).toMatchObject({ kind: "answered", context: "b" });
    expect(pair.served.requests).toHaveLength(1);
    isAllowed = false;
    client.unbind();
    await recorder.until(() => recorder.closed !== undefined);
    expect(recorder.closed).toEqual({ kind: "unbound-by-us", isAnswered: true });
  });

  it("to a socket that does not drain close the window until it does", async () => {
    const sockets: Socket[] = [];
    let submits = 0;
    await using raw = await startRaw((socket) => {
      sockets.push(socket);
      socket.once("data", () => {
        socket.write(BIND_RESP);
        socket.pause();
        socket.on(
          "data",
          everyPdu(({ command }) => {
            if (command === "submit_sm") submits++;
          }),
        );
      });
    });
    const recorder = new ConnectionRecorder();
    const session = { windowSize: 5_000, enquireLinkIntervalMs: 0 };
    const client = connectSmpp({ host: "127.0.0.1", port: raw.port, bind: CREDENTIALS, session }, recorder);
    await recorder.until(() => recorder.bound !== undefined);
    const large = submitSm({ tlvs: [octetsTlv("message_payload", new Uint8Array(60_000))] });
    let sent = 0;
    const fill = (): void => {
      while (client.request(large, `${sent}`).ok) sent++;
    };
    fill();
    expect(client.writableWindow()).toBe(0);
    // Until the kernel takes no more: then no drain comes, however long one waits.
    for (let before = -1; before < recorder.windows.length; fill()) {
      before = recorder.windows.length;
      await turns(20);
    }
    expect(client.writableWindow()).toBe(0);
    expect(sent).toBeLessThan(5_000);
    sockets[0]?.resume();
    await eventually(() => submits === sent);
    expect(submits).toBe(sent);
    client.destroy();
    await recorder.until(() => recorder.closed !== undefined);
  });

  it("that stall for good close the connection", async () => {
    await using raw = await startRaw((socket) => {
      socket.once("data", () => {
        socket.write(BIND_RESP);
        socket.pause();
      });
    });
    const recorder = new ConnectionRecorder();
    const session = { windowSize: 5_000, enquireLinkIntervalMs: 0, writeStallTimeoutMs: 50 };
    const client = connectSmpp({ host: "127.0.0.1", port: raw.port, bind: CREDENTIALS, session }, recorder);
    await recorder.until(() => recorder.bound !== undefined);
    const large = submitSm({ tlvs: [octetsTlv("message_payload", new Uint8Array(60_000))] });
    while (recorder.closed === undefined) {
      while (client.request(large, "x").ok);
      await turns(1);
    }
    expect(recorder.closed).toEqual({ kind: "write-stalled" });
    expect(recorder.outcomes.length).toBeGreaterThan(0);
  });
});

describe("reading", () => {
  it("stops while the owner owes too many answers, and goes on by itself", async () => {
    const owed: IncomingRequest[] = [];
    await using pair = await startPair({
      session: { maxUnansweredRequests: 5 },
      serve: (requests) => owed.push(...requests),
    });
    const { recorder, client } = await pair.bind({ session: { windowSize: 50 } });
    for (let count = 0; count < 50; count++) client.request(SUBMIT, `${count}`);
    for (let answered = 0; answered < 50;) {
      await pair.served.until(() => owed.length > 0);
      expect(pair.served.connection?.unansweredRequests).toBeLessThanOrEqual(5);
      for (const request of owed.splice(0)) {
        pair.served.connection?.answer(request, 0, "id");
        answered++;
      }
    }
    await recorder.until(() => recorder.outcomes.length === 50);
    expect(recorder.outcomes.filter(({ kind }) => kind === "answered")).toHaveLength(50);
  });

  it("of a peer that asks and never listens stops, and the connection is closed in the end", async () => {
    await using pair = await startPair({ session: { writeStallTimeoutMs: 50, enquireLinkIntervalMs: 0 } });
    const socket = connect(pair.port, "127.0.0.1");
    socket.on("error", () => undefined);
    const closed = Promise.withResolvers<void>();
    socket.on("close", () => closed.resolve());
    const question = hex("00000010 00000015 00000000 00000001");
    const questions = new Uint8Array(64 * 1024);
    for (let at = 0; at < questions.length; at += 16) questions.set(question, at);
    socket.write(encodePdu({ ...bindBody(), sequence: 1, commandStatus: 0 }));
    socket.pause();
    const ask = (): void => {
      while (!socket.destroyed && socket.write(questions));
    };
    socket.on("drain", ask);
    ask();
    await pair.served.until(() => pair.served.closed !== undefined);
    expect(pair.served.closed).toEqual({ kind: "write-stalled" });
    socket.destroy();
    await closed.promise;
  });

  it("of garbage ends with generic_nack", async () => {
    await using pair = await startPair();
    const socket = connect(pair.port, "127.0.0.1");
    const pdus: Pdu[] = [];
    socket.on(
      "data",
      everyPdu((pdu) => pdus.push(pdu)),
    );
    socket.write("GET / HTTP/1.1\r\n\r\n");
    const closed = Promise.withResolvers<void>();
    socket.on("close", () => closed.resolve());
    await closed.promise;
    expect(pdus).toMatchObject([{ command: "generic_nack", commandStatus: COMMAND_STATUS.ESME_RINVCMDLEN }]);
  });
});

describe("a server", () => {
  it("closes the connection that is one too many", async () => {
    let dropped = 0;
    await using pair = await startPair({ maxConnections: 2, onDropped: () => dropped++ });
    await pair.bind();
    const second = await pair.bind();
    const third = pair.connect();
    await third.recorder.until(() => third.recorder.closed !== undefined);
    expect(third.recorder.bound).toBeUndefined();
    expect(dropped).toBe(1);
    expect(pair.server.connections.size).toBe(2);
    expect(second.client.state).toBe("bound_trx");
  });

  it("says why it cannot listen", async () => {
    await using pair = await startPair();
    const taken = new SmppServer<string>({
      host: "127.0.0.1",
      port: pair.port,
      systemId: "x",
      authenticate: () => ({ ok: false, commandStatus: 0x0d }),
      onError: () => undefined,
    });
    await expect(taken.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("does not wait for strangers in the middle of a TLS handshake when it stops", async () => {
    await using pair = await startPair({ tls: { cert: TEST_CERTIFICATE, key: TEST_KEY } });
    const socket = connect(pair.port, "127.0.0.1");
    const connected = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    socket.on("connect", () => connected.resolve());
    socket.on("close", () => closed.resolve());
    socket.on("error", () => undefined);
    socket.resume();
    await connected.promise;
    await turns(2);
    await pair.server.close();
    await closed.promise;
    expect(pair.server.connections.size).toBe(0);
  });
});

/** Keeps the event loop from turning. */
function blockFor(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/** Lets the event loop turn some times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++)
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 1);
    });
}
