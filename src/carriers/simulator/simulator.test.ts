import { describe, expect, it } from "vitest";

import { startPair } from "../smpp/smpp-carrier.fixture.ts";
import { createSimulator } from "./simulator.ts";

describe("the simulator", () => {
  it("logs every submit_sm with its bind, its id and what it was answered with", async () => {
    await using pair = await startPair({ simulator: { firstId: 1 } });
    await pair.send({ to: "+31616818985", text: "hello" }, { to: "+31600000021" }, { to: "+31600000010" });
    expect(pair.simulator.log()).toMatchObject([
      {
        number: 1,
        connection: 1,
        systemId: "id",
        destination: "31616818985",
        text: "hello",
        commandStatus: 0,
        messageId: "1",
      },
      { number: 2, destination: "31600000021", commandStatus: 0x0b, messageId: null },
      { number: 3, destination: "31600000010", commandStatus: 0, messageId: "2" },
    ]);
    expect(pair.simulator.counters()).toMatchObject({
      submits: 3,
      submitsTaken: 2,
      submitsRefused: 1,
      handsetMessages: 2,
    });
  });

  it("answers an error for a request that it cannot deal with, tells of it and goes on", async () => {
    const told: unknown[] = [];
    const fault = new Error("no room");
    await using pair = await startPair({
      simulator: {
        onSubmit: ({ text }) => {
          if (text === "odd") throw fault;
        },
        onFault: (error) => told.push(error),
      },
    });
    expect(await pair.send({ text: "odd" }, { text: "even" })).toMatchObject([
      { kind: "later", words: "ESME_RSYSERR" },
      { kind: "taken" },
    ]);
    expect(told).toEqual([fault]);
    expect(pair.simulator.counters().requestsUnreadable).toBe(1);
  });

  it("keeps its log to the limit it was given", async () => {
    await using pair = await startPair({ simulator: { logLimit: 2 } });
    await pair.send({}, {}, {});
    expect(pair.simulator.log().map(({ number }) => number)).toEqual([2, 3]);
  });

  it("gives an inbox that does not change under its reader", async () => {
    await using pair = await startPair();
    const before = pair.simulator.handset("+31616818985").inbox;
    await pair.send({});
    expect(before).toEqual([]);
    expect(pair.simulator.handset("+31616818985").inbox).toHaveLength(1);
  });

  it("tells of each message that a handset got whole", async () => {
    const told: string[] = [];
    await using pair = await startPair({
      simulator: { onHandsetMessage: (number, { text }) => told.push(`${number} ${text.length}`) },
    });
    await pair.send({ text: "x".repeat(400) });
    expect(told).toEqual(["31616818985 400"]);
  });

  it("lets nobody in who has another password, and everybody when it has none", async () => {
    await using closed = await startPair({ simulator: { passwords: { id: "other" } } });
    await using open = await startPair({ credentials: "whoever:whatever" });
    await closed.until(() => closed.simulator.counters().bindsRefused === 1);
    await open.up();
    expect(open.simulator.clients()).toMatchObject([{ number: 1, systemId: "whoever", kind: "trx" }]);
  });

  it("reuses ids where it is told to, and keeps them unique over restarts otherwise", async () => {
    await using pair = await startPair({ simulator: { wallMs: () => 1_770_000_000_000 } });
    const [outcome] = await pair.send({});
    expect(outcome).toMatchObject({ receiptKeys: ["1770000000000000"] });
    pair.simulator.behave({ idsReusedAfter: 1 });
    const outcomes = await pair.send({}, {});
    expect(outcomes).toMatchObject([{ words: "id 1770000000000000" }, { words: "id 1770000000000000" }]);
  });

  it("refuses a share of messages by chance", async () => {
    const chances = [0.1, 0.9];
    await using pair = await startPair({
      behaviours: { errorPercent: 50 },
      simulator: { random: () => chances.shift() ?? 0.9 },
    });
    expect(await pair.send({}, {})).toMatchObject([
      { kind: "later", words: "ESME_RSYSERR" },
      { kind: "taken" },
    ]);
  });

  it("refuses what is longer than a short message, and a payload where it takes none", async () => {
    await using pair = await startPair({ query: "?concat=payload", behaviours: { payload: "refuse" } });
    expect(await pair.send({ text: "x".repeat(200) })).toMatchObject([
      { kind: "refused", words: "ESME_ROPTPARNOTALLWD" },
    ]);
  });

  it("leaves parts that say so by sar_ parameters apart where it is told to ignore them", async () => {
    await using pair = await startPair({ query: "?concat=sar", behaviours: { sar: "ignore" } });
    await pair.send({ text: "x".repeat(200) });
    expect(pair.simulator.handset("31616818985").inbox.map(({ parts }) => parts)).toEqual([1, 1]);
  });

  it("does not let a handset write before anybody has bound", () => {
    const simulator = createSimulator();
    expect(() => simulator.handset("316").write("12345", "hoi")).toThrow("nobody has bound yet");
  });

  it("says that its port is taken", async () => {
    const first = createSimulator();
    const { port } = await first.listen();
    await expect(createSimulator({ port }).listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
    await first.close();
  });

  it("plays a hung carrier when it is told never to answer", async () => {
    await using pair = await startPair({ account: { responseTimeoutMs: 20 }, behaviours: { silent: true } });
    expect(await pair.send({})).toMatchObject([{ kind: "unknown" }]);
    expect(pair.simulator.counters()).toMatchObject({ submitsUnanswered: 1, submitsTaken: 0 });
  });
});
