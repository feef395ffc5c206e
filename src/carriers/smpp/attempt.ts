import type { OutboundTarget } from "../../domain/outbound-target.ts";
import type { SubmitOutcome } from "../carrier.ts";
import { errorWords, type PartResult } from "./part-result.ts";
import { DOUBTFUL_ATTEMPTS, refusalSentence, type StatusMeanings } from "./submit-failures.ts";

type Refusal = SubmitOutcome & { readonly kind: "refused" };

/** Longest carrier's words that go onto a trail. */
const MAX_WORDS = 300;

/** One target on its way through one bind: collects what becomes of its parts and says once how the attempt ended. */
export class Attempt {
  readonly target: OutboundTarget;
  /** The reference of its parts, null when there is but one. */
  readonly reference: number | null;
  readonly #results: (PartResult | null)[];
  readonly #wanted: readonly boolean[];
  readonly #partsPerReceipt: number;
  readonly #settle: (outcome: SubmitOutcome) => void;
  #open: number;

  /**
   * `wanted` tells for each part whether it is sent now; the others were taken in an earlier attempt. `partsPerReceipt` is 1, or
   * the number of all parts when the receipt of the last speaks for them.
   */
  constructor(
    target: OutboundTarget,
    reference: number | null,
    wanted: readonly boolean[],
    settle: (outcome: SubmitOutcome) => void,
    partsPerReceipt = 1,
  ) {
    this.target = target;
    this.reference = reference;
    this.#results = Array.from(wanted, nothingYet);
    this.#wanted = wanted;
    this.#open = countOf(wanted);
    this.#settle = settle;
    this.#partsPerReceipt = partsPerReceipt;
  }

  /** Whether every part has its result. */
  get isDone(): boolean {
    return this.#open === 0;
  }

  /** Whether the part is to be sent in this attempt. */
  wants(part: number): boolean {
    return this.#wanted[part] === true;
  }

  /**
   * Whether the last part may not be written yet: one receipt speaks for all, and it is the last part's. It would say that all were
   * delivered while one of them has still to be taken.
   */
  get holdsLast(): boolean {
    if (this.#partsPerReceipt === 1) return false;
    const others = this.#results.slice(0, -1);
    return !others.every((result, part) => (result === null ? !this.wants(part) : result.kind === "taken"));
  }

  /** Whether all parts but the last have their results. */
  get isLastDue(): boolean {
    return this.#open === 1 && this.#results.at(-1) === null;
  }

  /** Notes what became of a part; true when it was the last one open. */
  note(part: number, result: PartResult): boolean {
    if (this.#results[part] !== null) throw new Error(`part ${part} has two results`);
    this.#results[part] = result;
    this.#open--;
    return this.#open === 0;
  }

  /** Says how it ended; every part must have its result. */
  finish(meanings: StatusMeanings, retryAfterMs: number | null): SubmitOutcome {
    const outcome = this.#shortOutcome() ?? this.#outcome(meanings, retryAfterMs);
    this.#settle(outcome);
    return outcome;
  }

  /** The usual one: a message of one part, taken. */
  #shortOutcome(): SubmitOutcome | null {
    const [result] = this.#results;
    if (this.#results.length !== 1 || this.#partsPerReceipt !== 1 || result?.kind !== "taken") return null;
    return { kind: "taken", receiptKeys: [result.key], tookMs: result.tookMs, words: result.words };
  }

  // The strongest result decides: a refused part fails the whole, an unknown one leaves it unknown (and is told of beside a
  // refusal too), and only when nothing worse happened to any part does it count as taken, or as waiting for the parts that
  // are still to be sent.
  #outcome(meanings: StatusMeanings, retryAfterMs: number | null): SubmitOutcome {
    const results = this.#results.filter((result) => result !== null);
    const tookMs = results.reduce(
      (most, result) => Math.max(most, "tookMs" in result ? result.tookMs : 0),
      0,
    );
    const words = wordsOf(results);
    const progress = { partStates: this.#partStates(), receiptKeys: this.#receiptKeys(), words };
    const unknown = results.filter(({ kind }) => kind === "unknown");
    const refusal = this.#refusal(results, meanings, tookMs);
    if (refusal !== null && unknown.length > 0)
      return { ...refusal, unanswered: { ...progress, words: wordsOf(unknown) } };
    if (refusal !== null) return refusal;
    if (unknown.length > 0) return { kind: "unknown", ...progress };
    if (results.every(({ kind }) => kind === "taken"))
      return { kind: "taken", receiptKeys: progress.receiptKeys, tookMs, words };
    const hadProgress = results.some(({ kind }) => kind !== "unsent");
    if (!hadProgress) return { kind: "unsent", words };
    // Parts that a bind did not get to write before it went say nothing of our pace.
    const errors = results.filter((result) => result.kind === "error");
    const throttled =
      errors.length > 0 && errors.every((error) => meanings.of(error.commandStatus).kind === "throttled");
    return { kind: "later", throttled, retryAfterMs: throttled ? retryAfterMs : null, ...progress };
  }

  #refusal(results: readonly PartResult[], meanings: StatusMeanings, tookMs: number): Refusal | null {
    for (const result of results) {
      if (result.kind === "unwritable") return unwritable(result.field, result.words);
      if (result.kind !== "error") continue;
      const { commandStatus } = result;
      const meaning = meanings.of(commandStatus);
      const isFinal =
        meaning.kind === "refused" ||
        (meaning.kind === "doubtful" && this.target.attempts + 1 >= DOUBTFUL_ATTEMPTS);
      if (!isFinal) continue;
      const carrierCode = errorWords(commandStatus);
      const failure = { code: meaning.code, carrierCode, message: refusalSentence(commandStatus) };
      return { kind: "refused", failure, elsewhere: meaning.elsewhere, tookMs, words: carrierCode };
    }
    return null;
  }

  /** One letter a part; nothing for a message of one part. */
  #partStates(): string {
    const states = this.#results;
    if (states.length === 1) return "";
    const before = this.target.partStates;
    return states
      .map((result, part) => (result?.kind === "taken" ? "s" : result === null ? before.charAt(part) : "q"))
      .join("");
  }

  #receiptKeys(): (string | null)[] {
    if (this.#partsPerReceipt > 1) {
      const last = this.#results.at(-1);
      const key = last?.kind === "taken" ? last.key : null;
      return Array.from({ length: this.#partsPerReceipt }, () => key);
    }
    return this.#results.map((result) => (result?.kind === "taken" ? result.key : null));
  }
}

/** Which parts are to be sent now: all, unless the target tells that some were taken before. */
export function wantedParts({ partStates }: OutboundTarget, parts: number): readonly boolean[] {
  if (parts === 1) return ONE_PART;
  const isResumed = partStates.length === parts;
  return Array.from({ length: parts }, (_, part) => !isResumed || partStates.charAt(part) === "q");
}

const ONE_PART: readonly boolean[] = [true];

function nothingYet(): null {
  return null;
}

function countOf(wanted: readonly boolean[]): number {
  let count = 0;
  for (const isWanted of wanted) if (isWanted) count++;
  return count;
}

/** The addresses are all that can be too long or hold characters that have no place: texts are cut and written to fit. */
function unwritable(field: string, words: string): Refusal {
  const code = field.startsWith("destination")
    ? "invalid_destination"
    : field.startsWith("source")
      ? "sender_not_allowed"
      : "content_rejected";
  const message = `SMPP cannot carry this message: ${field} ${words}.`;
  return {
    kind: "refused",
    failure: { code, carrierCode: "", message },
    elsewhere: true,
    tookMs: 0,
    words: message,
  };
}

/** What the carrier said, each thing once, in the order of the parts. */
function wordsOf(results: readonly PartResult[]): string {
  const [first] = results;
  if (results.length === 1 && first !== undefined) return wordsOfPart(first).slice(0, MAX_WORDS);
  return [...new Set(results.map(wordsOfPart))].join(", ").slice(0, MAX_WORDS);
}

function wordsOfPart(result: PartResult): string {
  return result.kind === "error" ? errorWords(result.commandStatus) : result.words;
}
