import { describe, expect, it } from "vitest";

import { ISSUED_CERTIFICATE, ISSUED_KEY, TEST_CHAIN } from "../../smpp/net/certificate-chain.fixture.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "../../smpp/net/certificate.fixture.ts";
import { ConnectionRecorder } from "../../smpp/net/connection-recorder.fixture.ts";
import { SmppServer } from "../../smpp/net/smpp-server.ts";
import { encodePdu } from "../../smpp/pdu/encode-pdu.ts";
import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import type { SubmitOutcome } from "../carrier.ts";
import { createSimulator } from "../simulator/simulator.ts";
import { FAST_PACES, type Pair, send, startPair } from "./smpp-carrier.fixture.ts";
import { outboundTarget } from "./targets.fixture.ts";

const TEN_PARTS = "0123456789 ".repeat(135);

describe("a lost connection", () => {
  it.each([1, 2, 5, 10])(
    "splits a window of 10 exactly when it breaks at the %ith message",
    async (dropAfter) => {
      await using pair = await startPair({ query: "?window=10", behaviours: { dropAfter } });
      const outcomes = await pair.send(...Array.from({ length: 10 }, (_, n) => ({ text: `M${n}` })));
      const kinds = Array.from({ length: 10 }, (_, n) => (n < dropAfter - 1 ? "taken" : "unknown"));
      expect(outcomes.map(({ kind }) => kind)).toEqual(kinds);
      expectAgreement(pair, outcomes);
    },
  );

  it("leaves a message of many parts unknown, with what was answered for", async () => {
    await using pair = await startPair({
      query: "?window=3",
      behaviours: { dropAfter: 5, responseDelayMs: 5 },
    });
    const [outcome] = await pair.send({ text: TEN_PARTS });
    expect(outcome).toMatchObject({ kind: "unknown", partStates: expect.stringMatching(/^s+q+$/) });
    const states = outcome?.kind === "unknown" ? outcome.partStates : "";
    expect(states).toHaveLength(10);
  });

  it("gives back untouched what was not written when the lease ended before it could be", async () => {
    let aheadMs = 0;
    await using pair = await startPair({ monotonicMs: () => performance.now() + aheadMs, leaseMs: 60_000 });
    await pair.up();
    const sent = send(pair.carrier, [outboundTarget(), outboundTarget()]);
    await Promise.resolve();
    // As if the process had been stopped between the call and the write.
    aheadMs = 61_000;
    expect((await sent).map(({ kind }) => kind)).toEqual(["unsent", "unsent"]);
    expect(pair.simulator.log()).toEqual([]);
  });

  it("is made good by itself, and what was lost can be sent again", async () => {
    await using pair = await startPair();
    await pair.up();
    pair.simulator.clients()[0]?.drop();
    await pair.until(() => pair.carrier.lanes().length === 0);
    await pair.up();
    expect((await pair.send({}))[0]?.kind).toBe("taken");
    expect(pair.counted.get("msgbin_carrier_disconnects_total")).toBe(1);
  });

  it("does not make the carrier unreachable: it answered", async () => {
    const paces = { ...FAST_PACES, line: { firstMs: 600_000, mostMs: 600_000 } };
    await using pair = await startPair({ paces });
    await pair.up();
    pair.simulator.clients()[0]?.drop();
    await pair.until(() => pair.carrier.health().state === "down");
    expect(pair.carrier.health().isUnreachable).toBe(false);
  });

  it("is waited out while nobody listens", async () => {
    const paces = { ...FAST_PACES, line: { firstMs: 2, mostMs: 5 } };
    await using pair = await startPair({ paces });
    await pair.up();
    await pair.simulator.close();
    await pair.until(() => pair.carrier.health().detail.startsWith("cannot connect"));
    expect(pair.carrier.health()).toMatchObject({ state: "down", isUnreachable: true, lanes: 0 });
    const again = createSimulator({ port: pair.port });
    await again.listen();
    await pair.up();
    expect(pair.carrier.health()).toMatchObject({ state: "up", isUnreachable: false, detail: "" });
    await pair.carrier.stop(1_000);
    await again.close();
  });
});

describe("an answer that does not come", () => {
  it("leaves the message unknown after the response timeout, and the bind stays", async () => {
    await using pair = await startPair({ account: { responseTimeoutMs: 30 } });
    const outcomes = await pair.send({ to: "+31600000018" }, {});
    expect(outcomes).toMatchObject([
      { kind: "unknown", partStates: "", words: "no response in time" },
      { kind: "taken" },
    ]);
    expect(pair.carrier.lanes()).toHaveLength(1);
  });

  it("to enquire_link ends the connection, and a new one is made", async () => {
    await using pair = await startPair({
      account: { enquireLinkIntervalMs: 20 },
      behaviours: { answersEnquireLink: false },
    });
    await pair.until(() => pair.simulator.counters().binds >= 2);
    expect(pair.log.map(({ fields }) => fields["reason"])).toContain(
      "the carrier did not answer enquire_link in time",
    );
  });

  it("to anything stays away when the carrier sends nonsense: the connection is made anew", async () => {
    await using pair = await startPair();
    await pair.up();
    pair.simulator.clients()[0]?.writeRaw(Uint8Array.of(0, 0, 0, 3, 1, 2, 3, 4));
    await pair.until(() => pair.simulator.counters().binds === 2);
    await pair.up();
    expect(pair.log.map(({ fields }) => fields["reason"])).toContainEqual(
      expect.stringContaining("the carrier sent what is no SMPP"),
    );
  });
});

describe("a carrier that unbinds us", () => {
  it("is obeyed: outstanding answers are taken, nothing new is sent, and we come back", async () => {
    await using pair = await startPair({ behaviours: { unbindAfter: 2 } });
    const outcomes = await pair.send({ text: "one" }, { text: "two" });
    expect(outcomes.map(({ kind }) => kind)).toEqual(["taken", "taken"]);
    await pair.until(() => pair.simulator.counters().binds === 2);
    await pair.up();
    expect(pair.log.map(({ fields }) => fields["reason"])).toContain("the carrier unbound us");
  });

  it("while messages are on their way leaves none without an outcome", async () => {
    await using pair = await startPair({
      query: "?window=20",
      behaviours: { unbindAfter: 7, responseDelayMs: 3 },
    });
    const outcomes = await pair.send(...Array.from({ length: 20 }, (_, n) => ({ text: `M${n}` })));
    expect(outcomes).toHaveLength(20);
    expectAgreement(pair, outcomes);
  });
});

describe("a bind that is refused", () => {
  it.each([
    ["id:wrong", "ESME_RINVPASWD"],
    ["nobody:secret", "ESME_RINVSYSID"],
  ])(
    "for bad credentials (%s) is not tried again soon, and an operator is told",
    async (credentials, name) => {
      await using pair = await startPair({ credentials, simulator: { passwords: { id: "secret" } } });
      await pair.until(() => pair.log.length === 1);
      expect(pair.log).toMatchObject([
        {
          level: "error",
          message: "the carrier refuses our credentials",
          fields: { reason: `the carrier refused the bind: ${name}`, retryInMs: 45_000 },
        },
      ]);
      expect(pair.carrier.health()).toMatchObject({
        state: "down",
        isUnreachable: false,
        isTurnedAway: false,
        detail: `the carrier refused the bind: ${name}`,
      });
      expect(JSON.stringify(pair.log)).not.toContain("wrong");
    },
  );

  it("because we are still bound is waited for", async () => {
    await using pair = await startPair({ behaviours: { maxBinds: 1, rememberBindsMs: 600_000 } });
    await pair.up();
    pair.simulator.clients()[0]?.drop();
    await pair.until(() => pair.simulator.counters().bindsRefused >= 1);
    pair.simulator.behave({ maxBinds: 2 });
    await pair.up();
    expect(pair.log.map(({ fields }) => fields["reason"])).toContain(
      "the carrier refused the bind: ESME_RALYBND",
    );
    expect(pair.log.some(({ level }) => level === "error")).toBe(false);
  });

  it("takes nothing of what is up: four slots at a carrier that allows two", async () => {
    await using pair = await startPair({ query: "?binds=4", behaviours: { maxBinds: 2 } });
    await pair.until(() => pair.carrier.lanes().length === 2 && pair.simulator.counters().bindsRefused >= 4);
    expect((await pair.send({}))[0]?.kind).toBe("taken");
    expect(pair.carrier.health()).toMatchObject({ state: "up", lanes: 2 });
  });

  it("by a carrier that takes no transceivers says so", async () => {
    await using pair = await startPair({ behaviours: { acceptedBinds: "tx-rx" } });
    await pair.until(() => pair.carrier.health().state === "down");
    const detail = "the carrier refused the bind: ESME_RBINDFAIL";
    expect(pair.carrier.health()).toMatchObject({ isUnreachable: false, isTurnedAway: true, detail });
    pair.simulator.behave({ acceptedBinds: "any" });
    await pair.up();
    expect(pair.carrier.health().isTurnedAway).toBe(false);
  });
});

describe("a bind", () => {
  it("takes a system id and a password longer than the standard's", async () => {
    const credentials = `${"s".repeat(40)}:${"p".repeat(40)}`;
    await using pair = await startPair({
      credentials,
      simulator: { passwords: { ["s".repeat(40)]: "p".repeat(40) } },
    });
    await pair.up();
    expect(pair.simulator.clients()).toMatchObject([{ systemId: "s".repeat(40) }]);
  });

  it("is quiet until it is bound, and answers an enquire_link that comes before", async () => {
    await using pair = await startPair({ behaviours: { enquiresBeforeBind: true } });
    await pair.up();
    expect((await pair.send({}))[0]?.kind).toBe("taken");
  });

  it("works with a carrier that does not tell its version", async () => {
    await using pair = await startPair({ query: "?interface_version=3.3" });
    expect((await pair.send({}))[0]?.kind).toBe("taken");
  });

  it("for sending alone asks for no receipts", async () => {
    await using pair = await startPair({ query: "?bind=tx" });
    expect(await pair.send({})).toMatchObject([{ kind: "taken", receiptKeys: [null] }]);
    expect(pair.simulator.clients()).toMatchObject([{ kind: "tx" }]);
  });

  it("spreads over as many slots as the account has", async () => {
    await using pair = await startPair({ query: "?binds=3" });
    await pair.up();
    expect(pair.carrier.lanes().map(({ bind }) => bind)).toEqual([0, 1, 2]);
    expect(pair.simulator.clients()).toHaveLength(3);
  });
});

describe("a carrier that unbinds while answers are outstanding", () => {
  it("is called down, and why", async () => {
    await using pair = await startPair({ behaviours: { silent: true } });
    const sent = pair.send({});
    await pair.until(() => pair.simulator.log().length === 1);
    pair.simulator
      .clients()[0]
      ?.writeRaw(encodePdu({ command: "unbind", tlvs: [], sequence: 9, commandStatus: 0 }));
    await pair.until(() => pair.carrier.lanes().length === 0);
    expect(pair.carrier.health()).toMatchObject({ state: "down", detail: "unbinding", windowUsed: 1 });
    await pair.carrier.stop(10);
    expect((await sent)[0]?.kind).toBe("unknown");
  });
});

describe("a bind that the carrier has lost and keeps open", () => {
  const errorStatus = COMMAND_STATUS.ESME_RINVBNDSTS;

  it("is made anew when it says so of three messages in a row, which come again", async () => {
    await using pair = await startPair({ behaviours: { errorPercent: 100, errorStatus } });
    for (let count = 0; count < 3; count++) {
      expect(pair.simulator.counters().binds).toBeLessThan(2);
      expect(await pair.send({})).toMatchObject([{ kind: "later", throttled: false }]);
    }
    pair.simulator.behave({ errorPercent: 0 });
    await pair.until(() => pair.simulator.counters().binds === 2);
    expect(await pair.send({})).toMatchObject([{ kind: "taken" }]);
    expect(pair.log.find(({ level }) => level === "warn")?.fields["reason"]).toMatch(/not bound/);
  });

  it("is made anew when three messages in a row get no answer at all", async () => {
    await using pair = await startPair({ behaviours: { silent: true }, account: { responseTimeoutMs: 20 } });
    expect(await pair.send({}, {})).toMatchObject([{ kind: "unknown" }, { kind: "unknown" }]);
    expect(pair.simulator.counters().binds).toBe(1);
    expect(await pair.send({})).toMatchObject([{ kind: "unknown" }]);
    await pair.until(() => pair.simulator.counters().binds === 2);
  });

  it("leaves nothing behind that would be held against the next one", async () => {
    await using pair = await startPair({ behaviours: { silent: true }, account: { responseTimeoutMs: 20 } });
    await pair.send({}, {}, {}, {}, {});
    await pair.until(() => pair.simulator.counters().binds === 2);
    await pair.send({}, {});
    expect(pair.carrier.lanes()).toHaveLength(1);
    expect(pair.simulator.counters().binds).toBe(2);
  });

  it("is not what a message is that is answered so among others that are taken", async () => {
    await using pair = await startPair({ behaviours: { errorStatus } });
    for (let count = 0; count < 4; count++) {
      pair.simulator.behave({ errorPercent: 100 });
      await pair.send({}, {});
      pair.simulator.behave({ errorPercent: 0 });
      await pair.send({});
    }
    expect(pair.simulator.counters()).toMatchObject({ binds: 1, submits: 12 });
  });
});

/** With a carrier that hangs up on the first message over each bind. */
async function startHangingUp() {
  const pair = await startPair({ query: "?window=10", behaviours: { dropAfter: 1 } });
  await pair.send({}, {}, {});
  await pair.up();
  return pair;
}

describe("a carrier that accepts binds and answers no message", () => {
  it("is on trial over the next bind, with room for one message, and says so", async () => {
    await using pair = await startPair({
      query: "?window=10",
      behaviours: { silent: true },
      account: { responseTimeoutMs: 20 },
    });
    await pair.send({}, {}, {});
    await pair.until(() => pair.simulator.counters().binds === 2 && pair.carrier.lanes().length === 1);
    const [lane] = pair.carrier.lanes();
    if (lane === undefined) throw new Error("no lane");
    expect(lane).toMatchObject({ isOnTrial: true, windowSize: 1, room: 1 });
    expect(pair.carrier.health()).toMatchObject({
      state: "silent",
      detail: "bound, but it left the last messages unanswered; it gets one at a time until it answers",
      lanes: 1,
      isUnreachable: false,
    });
    expect(pair.log.map(({ message }) => message)).toContain(
      "the carrier leaves messages unanswered: it gets one at a time until it answers",
    );
    const { promise, resolve } = Promise.withResolvers<string>();
    pair.carrier.submit(lane, [{ target: outboundTarget() }], (_, { kind }) => resolve(kind));
    expect(pair.carrier.lanes()).toMatchObject([{ isOnTrial: true, room: 0 }]);
    expect(await promise).toBe("unknown");
    expect(pair.carrier.lanes()).toMatchObject([{ isOnTrial: true, room: 1 }]);
  });

  it.each([
    [0, "taken"],
    [COMMAND_STATUS.ESME_RSYSERR, "later"],
    [COMMAND_STATUS.ESME_RINVBNDSTS, "later"],
  ])("is not on trial any longer when it has answered one, status %d", async (errorStatus, kind) => {
    await using pair = await startHangingUp();
    expect(pair.carrier.lanes()).toMatchObject([{ isOnTrial: true }]);
    const errorPercent = errorStatus === 0 ? 0 : 100;
    pair.simulator.behave({ dropAfter: null, errorPercent, errorStatus });
    expect(await pair.send({})).toMatchObject([{ kind }]);
    expect(pair.carrier.lanes()).toMatchObject([{ isOnTrial: false, windowSize: 10, room: 10 }]);
    expect(pair.carrier.health()).toMatchObject({ state: "up", detail: "" });
    expect(pair.log.at(-1)?.message).toBe("the carrier answers messages again");
  });

  it("is on trial when it answers no enquire_link either", async () => {
    const behaviours = { silent: true, answersEnquireLink: false };
    await using pair = await startPair({ behaviours, account: { enquireLinkIntervalMs: 20 } });
    await pair.send({}, {}, {});
    await pair.up();
    expect(pair.carrier.lanes()).toMatchObject([{ isOnTrial: true }]);
  });

  it("is not what a carrier is that answers and is then lost with messages unanswered", async () => {
    await using pair = await startPair();
    await pair.send({});
    pair.simulator.behave({ silent: true });
    const lost = pair.send({}, {}, {}, {});
    await pair.until(() => pair.simulator.log().length === 5);
    pair.simulator.clients()[0]?.drop();
    expect((await lost).map(({ kind }) => kind)).toEqual(["unknown", "unknown", "unknown", "unknown"]);
    await pair.until(() => pair.simulator.counters().binds === 2 && pair.carrier.lanes().length === 1);
    expect(pair.carrier.lanes()).toMatchObject([{ isOnTrial: false }]);
  });

  it("is not what one is that answers slowly, but in time", async () => {
    await using pair = await startPair({ behaviours: { responseDelayMs: 30 } });
    for (const { kind } of await pair.send({}, {}, {}, {})) expect(kind).toBe("taken");
    expect(pair.carrier.lanes()).toMatchObject([{ isOnTrial: false }]);
    expect(pair.simulator.counters().binds).toBe(1);
  });
});

describe("TLS", () => {
  const tls = { cert: TEST_CERTIFICATE, key: TEST_KEY };

  it("is spoken with a carrier whose certificate the operator gave", async () => {
    const query = `?ca=${encodeURIComponent(TEST_CERTIFICATE)}`;
    await using pair = await startPair({ query, simulator: { tls } });
    expect((await pair.send({}))[0]?.kind).toBe("taken");
  });

  it("is spoken with a carrier to whose certificate a chain of three leads, and not without one of them", async () => {
    const issued = { cert: ISSUED_CERTIFICATE, key: ISSUED_KEY };
    const query = `?ca=${encodeURIComponent(TEST_CHAIN)}`;
    await using pair = await startPair({ query, simulator: { tls: issued } });
    expect((await pair.send({}))[0]?.kind).toBe("taken");
    const [, ...rest] = TEST_CHAIN.split(/(?=-----BEGIN)/);
    const withoutRoot = `?ca=${encodeURIComponent(rest.join(""))}`;
    await using other = await startPair({ query: withoutRoot, simulator: { tls: issued } });
    await other.until(() => other.carrier.health().state === "down");
    expect(other.carrier.health().detail).toMatch(/^cannot connect: .*certificate/);
  });

  it("is spoken with anybody where the operator asks for no check", async () => {
    await using pair = await startPair({ query: "?verify=off", simulator: { tls } });
    expect((await pair.send({}))[0]?.kind).toBe("taken");
  });

  it("is refused with a carrier whose certificate nobody vouches for", async () => {
    await using pair = await startPair({ simulator: { tls } });
    await pair.until(() => pair.carrier.health().state === "down");
    expect(pair.carrier.health().detail).toMatch(/^cannot connect: .*self-signed certificate/);
    expect(pair.simulator.counters().binds).toBe(0);
  });

  it("is not spoken with a carrier that has none, which the detail says in plain words", async () => {
    await using pair = await startPair({ scheme: "smpps" });
    await pair.until(() => pair.carrier.health().state === "down");
    expect(pair.carrier.health().detail).toBe("cannot connect: no TLS is spoken there; smpp:// is without");
  });

  it("is refused when the two have no version of it in common, which the detail says without OpenSSL's own places", async () => {
    const query = `?ca=${encodeURIComponent(TEST_CERTIFICATE)}`;
    const old = { ...tls, maxVersion: "TLSv1.1", minVersion: "TLSv1.1" } as const;
    await using pair = await startPair({ query, simulator: { tls: old } });
    await pair.until(() => pair.carrier.health().state === "down");
    expect(pair.carrier.health().detail).toMatch(/^cannot connect: TLS: [a-z0-9 ]+$/);
  });

  it("is refused when the certificate is another host's", async () => {
    const query = `?server_name=smsc.example&ca=${encodeURIComponent(TEST_CERTIFICATE)}`;
    await using pair = await startPair({ query, simulator: { tls } });
    await pair.until(() => pair.carrier.health().state === "down");
    expect(pair.carrier.health().detail).toContain("smsc.example");
  });
});

describe("leases", () => {
  it("are waited for: before the first one nothing is connected", async () => {
    await using pair = await startPair({ leasedSlots: 0, query: "?binds=2" });
    expect(pair.carrier.health()).toMatchObject({ state: "connecting", isUnreachable: false, lanes: 0 });
    const deadlineMs = performance.now() + 60_000;
    pair.carrier.setLeases([{ bind: 1, epoch: 7, deadlineMs }]);
    await pair.until(() => pair.carrier.lanes().length === 1);
    expect(pair.carrier.lanes()).toMatchObject([{ bind: 1, epoch: 7 }]);
    expect(pair.simulator.counters().binds).toBe(1);
  });

  it("that ran out before it was bound give no lane", async () => {
    await using pair = await startPair({ leaseMs: -1 });
    await pair.until(() => pair.simulator.clients().length === 1);
    expect(pair.carrier.lanes()).toEqual([]);
  });

  it("that have run out stop all sending until they are renewed", async () => {
    let aheadMs = 0;
    await using pair = await startPair({ monotonicMs: () => performance.now() + aheadMs, leaseMs: 60_000 });
    await pair.up();
    const [lane] = pair.carrier.lanes();
    if (lane === undefined) throw new Error("no lane");
    aheadMs = 60_001;
    expect(pair.carrier.lanes()).toEqual([]);
    const outcomes: SubmitOutcome[] = [];
    pair.carrier.submit(lane, [{ target: outboundTarget() }], (_, outcome) => outcomes.push(outcome));
    expect(outcomes).toMatchObject([{ kind: "unsent" }]);
    pair.lease();
    expect(pair.carrier.lanes()).toMatchObject([{ bind: 0, epoch: 1 }]);
    expect((await pair.send({}))[0]?.kind).toBe("taken");
    expect(pair.simulator.counters()).toMatchObject({ binds: 1, submits: 1 });
  });

  it("of another epoch make a new lane; the old one takes nothing more", async () => {
    await using pair = await startPair();
    await pair.up();
    pair.lease(2);
    const outcomes: SubmitOutcome[] = [];
    pair.carrier.submit({ bind: 0, epoch: 1 }, [{ target: outboundTarget() }], (_, outcome) =>
      outcomes.push(outcome),
    );
    expect(outcomes).toMatchObject([{ kind: "unsent" }]);
    await pair.up();
    expect(pair.carrier.lanes()).toMatchObject([{ epoch: 2 }]);
  });

  it("that are taken away let what is on its way be answered, and give back what waits", async () => {
    await using pair = await startPair({ query: "?window=2", behaviours: { responseDelayMs: 20 } });
    await pair.up();
    const [lane] = pair.carrier.lanes();
    if (lane === undefined) throw new Error("no lane");
    const outcomes = new Map<string, SubmitOutcome>();
    const submissions = ["short", TEN_PARTS].map((text) => ({ target: outboundTarget({ text }) }));
    pair.carrier.submit(lane, submissions, ({ target }, outcome) => outcomes.set(target.text, outcome));
    await pair.until(() => pair.simulator.log().length === 2);
    pair.carrier.setLeases([]);
    expect(pair.carrier.lanes()).toEqual([]);
    await pair.until(() => outcomes.size === 2);
    expect(outcomes.get("short")).toMatchObject({ kind: "taken" });
    expect(outcomes.get(TEN_PARTS)).toMatchObject({ kind: "later", partStates: `s${"q".repeat(9)}` });
    await pair.until(() => pair.simulator.clients().length === 0);
  });
});

describe("stopping", () => {
  it("waits for what is on its way, unbinds and is done", async () => {
    await using pair = await startPair({ behaviours: { responseDelayMs: 20 } });
    const sent = pair.send({});
    await pair.until(() => pair.simulator.log().length === 1);
    await pair.carrier.stop(10_000);
    expect((await sent)[0]?.kind).toBe("taken");
    expect(pair.carrier.health()).toMatchObject({ state: "stopped", lanes: 0 });
    await pair.until(() => pair.simulator.clients().length === 0);
  });

  it.each(["", "?bind=txrx", "?bind=tx", "?binds=3"])(
    "waits for nothing when nothing is on its way%s",
    async (query) => {
      await using pair = await startPair({ query });
      await pair.up();
      await pair.send({});
      await pair.carrier.stop(600_000);
      expect(pair.carrier.health()).toMatchObject({ state: "stopped", lanes: 0 });
      await pair.until(() => pair.simulator.clients().length === 0);
    },
  );

  it("settles as unknown what is not answered in time", async () => {
    await using pair = await startPair({ behaviours: { silent: true } });
    const sent = pair.send({});
    await pair.until(() => pair.simulator.log().length === 1);
    await pair.carrier.stop(10);
    expect((await sent)[0]?.kind).toBe("unknown");
  });

  it("frees the bind at the carrier even when it waits for answers no longer", async () => {
    const smsc = new ConnectionRecorder();
    const server = new SmppServer<string>({
      host: "127.0.0.1",
      port: 0,
      systemId: "SMSC",
      authenticate: () => ({ ok: true, handlers: smsc }),
      onError: (error) => console.error(error),
    });
    const { port } = await server.listen();
    await using pair = await startPair({ account: { port } });
    const sent = pair.send({});
    await smsc.until(() => smsc.requests.length === 1);
    await pair.carrier.stop(10);
    expect((await sent)[0]?.kind).toBe("unknown");
    await smsc.until(() => smsc.closed !== undefined);
    expect(smsc.closed).toEqual({ kind: "unbound-by-peer" });
    await server.destroy();
  });

  it("is done at once while nothing is bound, and no lease brings it back", async () => {
    await using pair = await startPair({ behaviours: { bindStatus: COMMAND_STATUS.ESME_RBINDFAIL } });
    await pair.until(() => pair.carrier.health().state === "down");
    await pair.carrier.stop(10_000);
    pair.lease(3);
    expect(pair.carrier.health()).toMatchObject({ state: "stopped" });
  });
});

/** Holds outcomes against what the SMSC saw: taken messages it answered, unsent ones it never saw. */
function expectAgreement(pair: Pair, outcomes: readonly SubmitOutcome[]): void {
  const answered = new Set(
    pair.simulator.log().flatMap(({ text, commandStatus }) => (commandStatus === 0 ? [text] : [])),
  );
  const seen = new Set(pair.simulator.log().map(({ text }) => text));
  for (const [n, { kind }] of outcomes.entries()) {
    const text = `M${n}`;
    const fits =
      (kind === "taken" && answered.has(text)) ||
      (kind === "unsent" && !seen.has(text)) ||
      kind === "unknown";
    expect(`${text} ${kind} ${fits}`).toBe(`${text} ${kind} true`);
  }
}
