/** So many, with nothing answered between, are no matter of one message. */
const SIGNS_OF_LOSS = 3;

/**
 * What has come of messages over a lane's sending bind. A carrier may lose the bind and keep the connection, enquire_link and all:
 * nothing gets through until it is made anew. It may also take every bind and answer nothing. So the lane is on trial when its bind
 * is made anew because nothing was answered, or messages were lost with binds over which nothing was; the first answer for a
 * message ends the trial.
 */
export class BindTrust {
  /** Signs in a row, over one bind, that the carrier has lost it: an answer that we are not bound, or none in time. */
  #signsOfLoss = 0;
  /** Whether anything was answered over this bind. */
  #hasAnswered = false;
  /** Messages in a row that were lost with a bind over which nothing was answered. */
  #cutShort = 0;
  #isOnTrial = false;
  /** Of which message a part was counted last. */
  #counted: object | null = null;

  get isOnTrial(): boolean {
    return this.#isOnTrial;
  }

  /** The carrier answered for a message, were it by an error. */
  answered(): void {
    this.#signsOfLoss = 0;
    this.#endTrial();
  }

  /** The carrier answered that we are not bound. True when the bind should be made anew. */
  answeredNotBound(): boolean {
    this.#endTrial();
    return this.#isLostByNow();
  }

  /** The carrier did not answer for a part of a message in time. True when the bind should be made anew. */
  unanswered(message: object): boolean {
    if (!this.#isAnother(message) || !this.#isLostByNow()) return false;
    this.#isOnTrial = true;
    return true;
  }

  /** The bind ended before the carrier had answered for a part of a message. */
  cutShort(message: object): void {
    if (this.#hasAnswered || !this.#isAnother(message)) return;
    this.#cutShort++;
    if (this.#cutShort >= SIGNS_OF_LOSS) this.#isOnTrial = true;
  }

  /** The bind has ended: nothing of it is held against the next one, save that it is on trial. */
  ended(): void {
    this.#signsOfLoss = 0;
    this.#hasAnswered = false;
  }

  #endTrial(): void {
    this.#hasAnswered = true;
    this.#cutShort = 0;
    this.#isOnTrial = false;
  }

  /** Parts of one message are one sign. */
  #isAnother(message: object): boolean {
    const isAnother = message !== this.#counted;
    this.#counted = message;
    return isAnother;
  }

  #isLostByNow(): boolean {
    this.#signsOfLoss++;
    if (this.#signsOfLoss < SIGNS_OF_LOSS) return false;
    this.#signsOfLoss = 0;
    return true;
  }
}
