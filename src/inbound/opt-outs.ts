import type { Clock } from "../domain/clock.ts";
import type { Ids } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { Message } from "../domain/message.ts";
import type { Metrics } from "../domain/metrics.ts";
import type { OptOutSettings, OwnedNumber } from "../domain/owned-number.ts";
import type { OptOutStore } from "../store/opting-out.ts";
import { foldKeyword, type OptOutWish, readWish, resolveOptOut } from "./opt-out-keywords.ts";

/** What a handset asked of a number. */
export interface Wish {
  /** The opt-out is durable, or has ended durably, when it resolves. */
  carryOut(): Promise<void>;
  /** Tells the handset so, after its message is stored. */
  answer(): void;
}

/** STOP, START and HELP at numbers that customers own. */
export interface OptOuts {
  /** What a message asks for; null when that is nothing, or nobody knows for parts of it are missing. */
  read(message: Message, owner: OwnedNumber | null): Promise<Wish | null>;
}

export interface OptOutDependencies {
  readonly store: OptOutStore;
  /** The customer's own settings; null when he made none. */
  readonly customerSettings: (owner: OwnedNumber) => Promise<OptOutSettings | null>;
  /** Sends a text from our number to the handset, even to one that has just opted out. */
  readonly reply: (owner: OwnedNumber, handset: string, text: string) => Promise<void>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createOptOuts(dependencies: OptOutDependencies): OptOuts {
  const { store, clock, ids, logger, metrics } = dependencies;

  async function carryOut(
    wish: OptOutWish,
    owner: OwnedNumber,
    handset: string,
    keyword: string,
  ): Promise<void> {
    const now = clock.now();
    const { customerId, number: sender } = owner;
    switch (wish) {
      case "stop": {
        const id = ids.at(now);
        const period = {
          id,
          customerId,
          sender,
          handset,
          since: now,
          until: null,
          beganBy: keyword,
          endedBy: "",
        };
        await store.beginOptOut(period);
        return;
      }
      case "start":
        await store.endOptOut(customerId, sender, handset, now, keyword);
        return;
      case "help":
        return;
    }
  }

  return {
    async read(message, owner) {
      if (owner === null || message.options.missingParts !== undefined) return null;
      const settings = resolveOptOut(owner.optOut, await dependencies.customerSettings(owner));
      const wish = readWish(message.text, settings);
      if (wish === null) return null;
      const handset = message.source.target;
      const text = answerTo(wish, settings);
      return {
        async carryOut() {
          await carryOut(wish, owner, handset, `keyword:${foldKeyword(message.text)}`);
          metrics.count("msgbin_opt_out_keywords_total", { wish });
        },
        answer() {
          if (text === "") return;
          dependencies
            .reply(owner, handset, text)
            .catch((error: unknown) =>
              logger.warn({ wish, error: String(error) }, "a keyword could not be answered"),
            );
        },
      };
    },
  };
}

function answerTo(wish: OptOutWish, settings: Required<OptOutSettings>): string {
  switch (wish) {
    case "stop":
      return settings.stopAnswer;
    case "start":
      return settings.startAnswer;
    case "help":
      return settings.helpAnswer;
  }
}
