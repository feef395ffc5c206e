import { describe, expect, it, vi } from "vitest";
import {
  decodeAcceptanceOutcomes,
  encodeAcceptances,
  encodeApply,
  encodeJournaled,
  encodePassOver,
} from "./accept-messages.ts";
import { CLAIM_MAX_CHARACTERS } from "../queueing.ts";
import { encodeClaim } from "./claim-targets.ts";
import { type Connection, integer } from "./connection.ts";
import { openWriter } from "./fixtures/open-writer.ts";
import { createRequests } from "./fixtures/requests.ts";
import { decodeExpired, encodeExpiry } from "./expire.ts";
import { encodeMarks } from "./mark-in-flight.ts";
import { decodeRecovered, encodeRecovery } from "./recover-targets.ts";
import { decodeSettlementResults, encodeSettlements } from "./settle-targets.ts";
import { type Wire, WireReader } from "./wire.ts";

const POISON: Wire = ["claimTargets", "not an id", "node", 1, 1, 1];

/** Whom acceptances wake: who sends for their carrier, and who waits for events of their customer. */
function wakesOf({ carrierId, customerId }: ReturnType<typeof createRequests>): readonly string[] {
  return [`q${carrierId}`, `e${customerId}`];
}

describe("a pile", () => {
  it("loses the operation that fails and nothing else", () => {
    using opened = openWriter();
    const requests = createRequests();
    const good = Array.from({ length: 5 }, () => encodeAcceptances([requests.acceptance()]));
    const { answers, failures, wakes } = opened.writer.run([...good.slice(0, 2), POISON, ...good.slice(2)]);
    expect(failures).toMatchObject([{ index: 2, reason: null, message: "not a UUID: not an id" }]);
    expect(answers.map((answer) => answer !== null)).toEqual([true, true, false, true, true, true]);
    expect(wakes).toEqual(wakesOf(requests));
    expect(opened.run(encodeClaim(claimOf(requests))).number()).toBe(5);
  });

  it("wakes for what was committed, also before an operation that fails", () => {
    using opened = openWriter();
    const requests = createRequests();
    const good = () => encodeAcceptances([requests.acceptance()]);
    expect(opened.writer.run([good(), good(), POISON]).wakes).toEqual(wakesOf(requests));
  });

  it("is committed once when some of it is refused, and again and again only when very many are", () => {
    using opened = openWriter();
    const requests = createRequests();
    const commits = vi.spyOn(opened.connection, "execute");
    const refused = encodeApply({ sequence: 7, payload: encodeJournaled([]) }); // those before it are missing
    const good = () => encodeAcceptances([requests.acceptance()]);
    const run = (refusals: number) => {
      commits.mockClear();
      const pile = Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0 && index < 2 * refusals ? refused : good(),
      );
      const { answers, failures } = opened.writer.run(pile);
      expect(answers.map((answer) => answer === null)).toEqual(pile.map((wire) => wire === refused));
      const places = Array.from({ length: refusals }, (_, index) => 2 * index);
      expect(failures.map(({ index, reason }) => [index, reason])).toEqual(
        places.map((index) => [index, "busy"]),
      );
      return commits.mock.calls.filter(([sql]) => sql === "COMMIT").length;
    };
    expect([run(1), run(16), run(17)]).toEqual([1, 1, 23]);
    expect(opened.run(encodeClaim(claimOf(requests))).number()).toBe(39 + 24 + 23);
  });

  it("fails an operation that nobody knows", () => {
    using opened = openWriter();
    const { failures } = opened.writer.run([["makeTea"], ["probe"]]);
    expect(failures).toMatchObject([{ index: 0, reason: null, message: "no operation makeTea" }]);
  });

  it("keeps nothing of an operation that fails half-way", () => {
    using opened = openWriter();
    const requests = createRequests();
    const [first, second] = [requests.acceptance(), requests.acceptance()];
    const twice = { ...second, message: { ...second.message, id: first.message.id } };
    const { failures } = opened.writer.run([encodeAcceptances([first, twice])]);
    expect(failures).toHaveLength(1);
    expect(opened.run(encodeClaim(claimOf(requests))).number()).toBe(0);
    const depths = opened.connection.prepare("SELECT count(*) FROM queue_depths").get();
    expect(depths).toEqual([0]);
  });

  it("lets each operation see what those before it wrote", () => {
    using opened = openWriter();
    const requests = createRequests();
    const entry = requests.acceptance({ leased: true });
    const key = { customerId: requests.customerId, messageId: entry.message.id, n: 0 };
    const { answers } = opened.writer.run([
      encodeAcceptances([entry]),
      encodeMarks([requests.mark(key)]),
      encodeSettlements([requests.sent(key, ["k"])]),
    ]);
    const [accepted, marked, settled] = answers.map((answer) => new WireReader(answer ?? []));
    expect(accepted?.number()).toBe(1);
    expect(marked?.list((item) => item.number())).toEqual([1]);
    expect(settled && decodeSettlementResults(settled)).toEqual([{ kind: "applied", status: "sent" }]);
  });
});

describe("a full disk", () => {
  it("refuses everything as disk_full, keeps what was committed, and goes on when there is room again", () => {
    using opened = openWriter();
    const requests = createRequests();
    const { connection, writer } = opened;
    const pages = integer(connection.prepare("PRAGMA page_count").get()?.[0]);
    connection.execute(`PRAGMA max_page_count = ${pages + 40}`);
    const accept = () => {
      const entries = Array.from({ length: 20 }, () =>
        requests.acceptance({ text: "x".repeat(300), leased: true }),
      );
      return { entries, ...writer.run(entries.map((entry) => encodeAcceptances([entry]))) };
    };
    const rounds = Array.from({ length: 30 }, accept);
    const [committed, refused] = [rounds.filter(isWhole), rounds.filter((round) => !isWhole(round))];
    expect(committed.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ failures }) => failures.every(({ reason }) => reason === "disk_full"))).toBe(
      true,
    );
    expect(refused.every(({ answers }) => answers.every((answer) => answer === null))).toBe(true);

    connection.execute("PRAGMA max_page_count = 1000000");
    expect(isWhole(accept())).toBe(true);
    const stored = integer(connection.prepare("SELECT count(*) FROM messages").get()?.[0]);
    expect(stored).toBe((committed.length + 1) * 20);
    expect(connection.prepare("PRAGMA integrity_check").get()).toEqual(["ok"]);
    const [depth] = connection.prepare("SELECT waiting, in_flight FROM queue_depths").all();
    expect(depth).toEqual([stored, 0]);
    const [entry] = committed[0]?.entries ?? [];
    if (entry === undefined) throw new Error("a round was committed");
    const mark = requests.mark({ customerId: requests.customerId, messageId: entry.message.id, n: 0 });
    expect(opened.run(encodeMarks([mark])).list((item) => item.number())).toEqual([1]);
  });

  it("lets no record of the journal overtake one that found no room, beside a defect in the same pile", () => {
    using opened = openWriter();
    const requests = createRequests();
    const { connection, writer } = opened;
    fillUp(connection);
    const [large, small] = [requests.acceptance({ targets: 1_000 }), requests.acceptance()];
    const records = [large, small].map((entry, index) =>
      encodeApply({ sequence: index + 1, payload: encodeJournaled([entry]) }),
    );
    const { failures } = writer.run([POISON, ...records]);
    expect(failures.map(({ reason }) => reason)).toEqual([null, "disk_full", "disk_full"]);
    connection.execute("PRAGMA max_page_count = 1000000");
    expect(writer.run(records).failures).toEqual([]);
    expect(connection.prepare("SELECT count(*) FROM messages").get()).toEqual([2]);
  });

  it("does not make an operation of a refused pile seem done", () => {
    using opened = openWriter();
    const requests = createRequests();
    const { connection, writer } = opened;
    fillUp(connection);
    const entry = requests.acceptance({ targets: 1_000 });
    expect(writer.run([encodeAcceptances([entry])]).failures).toMatchObject([{ reason: "disk_full" }]);
    connection.execute("PRAGMA max_page_count = 1000000");
    expect(decodeAcceptanceOutcomes(opened.run(encodeAcceptances([entry])))).toEqual([{ kind: "accepted" }]);
  });
});

describe("a record of the journal", () => {
  it("is not taken before those that it follows, unless they are passed over", () => {
    using opened = openWriter();
    const requests = createRequests();
    const [first, second, third] = [1, 2, 3].map((sequence) =>
      encodeApply({ sequence, payload: encodeJournaled([requests.acceptance()]) }),
    ) as [Wire, Wire, Wire];
    const { failures } = opened.writer.run([second, third]);
    expect(failures.map(({ reason }) => reason)).toEqual(["busy", "busy"]);
    expect(opened.writer.run([first, encodePassOver(2), second, third]).failures).toEqual([]);
    expect(opened.connection.prepare("SELECT count(*) FROM messages").get()).toEqual([2]);
  });
});

describe("what the writer remembers beside the database", () => {
  it("is put back before anything else is done, when that failed after a pile was rolled back", () => {
    using opened = openWriter();
    const { connection, writer } = opened;
    const payload = encodeJournaled([createRequests().acceptance()]);
    const record = encodeApply({ sequence: 1, payload });
    connection.execute("ALTER TABLE receipt_buckets RENAME TO away"); // it is read again after a rollback
    const refused = writer.run([record, POISON]);
    expect(refused.answers).toEqual([null, null]);
    connection.execute("ALTER TABLE away RENAME TO receipt_buckets");
    expect(writer.run([record]).failures).toEqual([]);
    expect(connection.prepare("SELECT count(*) FROM messages").get()).toEqual([1]);
  });

  it("is what the database has after an expiry was rolled back: leased targets are still ended", () => {
    using opened = openWriter();
    const requests = createRequests();
    opened.run(encodeAcceptances([requests.acceptance({ leased: true, expiresAt: requests.in(60_000) })]));
    requests.passes(120_000);
    const { answers } = opened.writer.run([encodeExpiry({ now: requests.now(), limit: 1_000 }), POISON]);
    expect(decodeExpired(new WireReader(answers[0] ?? []))).toMatchObject({ gwTimeouts: 1 });
  });

  it("is what the database has after a recovery was rolled back: what a dead node had is still found", () => {
    using opened = openWriter();
    const requests = createRequests();
    opened.run(encodeAcceptances([requests.acceptance({ leased: true })]));
    const { carrierId, otherNode } = requests;
    const recovery = { carrierId, liveNodes: [otherNode], policy: "resend", limit: 10 } as const;
    const { answers } = opened.writer.run([encodeRecovery({ ...recovery, now: requests.now() }), POISON]);
    expect(decodeRecovered(new WireReader(answers[0] ?? []))).toMatchObject({ released: 1 });
  });
});

/** Leaves the database no page beyond those that it has. */
function fillUp(connection: Connection): void {
  const pages = integer(connection.prepare("PRAGMA page_count").get()?.[0]);
  connection.execute(`PRAGMA max_page_count = ${pages}`);
}

function isWhole({ failures }: { readonly failures: readonly unknown[] }): boolean {
  return failures.length === 0;
}

function claimOf(requests: ReturnType<typeof createRequests>) {
  const { carrierId, node } = requests;
  return { carrierId, node, now: requests.now(), limit: 100, characters: CLAIM_MAX_CHARACTERS };
}
