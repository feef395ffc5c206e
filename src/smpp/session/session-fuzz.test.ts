import { describe, expect, it } from "vitest";
import { GOLDEN_PDUS, hex } from "../pdu/golden-pdus.fixture.ts";
import { mutate, seededRandom, type SeededRandom } from "../pdu/seeded-random.fixture.ts";
import { boundEsme, boundSmsc, DELIVER, type SessionPeer, SUBMIT } from "./session-peer.fixture.ts";

const RUNS = Number(process.env["MSGBIN_TEST_FUZZ_RUNS"] ?? 50_000);
const SEED = process.env["MSGBIN_TEST_FUZZ_SEED"];
const CORPUS = GOLDEN_PDUS.map((golden) => hex(golden.hex));
const OPTIONS = { windowSize: 20, maxUnansweredRequests: 10, responseTimeoutMs: 500 };
const MAX_BUFFERED = 128 * 1024;

/** Says something mutated to the session, sends, answers some, lets a little time pass. */
function step(peer: SessionPeer, isEsme: boolean, random: SeededRandom): number {
  const context = `${peer.nowMs}`;
  const isTaken = peer.session.request(isEsme ? SUBMIT : DELIVER, context, peer.nowMs).ok;
  const golden = CORPUS[random.below(CORPUS.length)] ?? new Uint8Array(0);
  peer.sends(random.below(3) === 0 ? mutate(golden, random) : golden);
  while (random.below(4) > 0) {
    const request = peer.requests.shift();
    if (request !== undefined) peer.session.answer(request, random.below(3), "id");
    else break;
  }
  peer.session.resumeReading(peer.nowMs);
  peer.passes(random.below(50));
  return isTaken ? 1 : 0;
}

describe("a session whose peer says anything at all", () => {
  it(
    `never throws, holds no more than its limits and gives every request one outcome, in ${RUNS} runs`,
    () => {
      const random = seededRandom(SEED === undefined ? undefined : Number(SEED));
      console.log(`session fuzz: MSGBIN_TEST_FUZZ_SEED=${random.seed}`);
      let sessions = 0;
      for (let run = 0; run < RUNS;) {
        const isEsme = random.below(2) === 0;
        const peer = isEsme ? boundEsme(OPTIONS) : boundSmsc(OPTIONS);
        let taken = 0;
        for (let steps = 1 + random.below(200); steps > 0 && peer.closed === undefined; steps--, run++) {
          taken += step(peer, isEsme, random);
          const { pendingRequests, unansweredRequests, bufferedBytes } = peer.session;
          if (pendingRequests > 20 || unansweredRequests > 10 || bufferedBytes > MAX_BUFFERED)
            throw new Error(`run ${run}: ${pendingRequests} ${unansweredRequests} ${bufferedBytes}`);
        }
        peer.session.socketClosed({ kind: "connection-lost", message: "", code: null });
        peer.written();
        if (peer.outcomes.length !== taken)
          throw new Error(`run ${run}: ${peer.outcomes.length} of ${taken} outcomes`);
        sessions++;
      }
      expect(sessions).toBeGreaterThan(RUNS / 200);
    },
    60_000 + RUNS,
  );
});
