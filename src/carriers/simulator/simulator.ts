import type { MessageOptions } from "../../domain/message.ts";
import { type ServerTls, SmppServer } from "../../smpp/net/smpp-server.ts";
import type { SessionOptions } from "../../smpp/session/session-options.ts";
import { Accounts } from "./accounts.ts";
import { type Behaviours, defaultBehaviours } from "./behaviours.ts";
import { BindDesk } from "./bind-desk.ts";
import { type Counters, noCounts } from "./counters.ts";
import { Deliveries, type Delivery } from "./deliveries.ts";
import type { HandsetMessage } from "./handset.ts";
import { deliverBodies } from "./handset-text.ts";
import { Handsets } from "./handsets.ts";
import { MessageCenter } from "./message-center.ts";
import { MessageIds } from "./message-ids.ts";
import { Schedule } from "./schedule.ts";
import { type SubmitEntry, SubmitLog } from "./submit-log.ts";

/** How a simulator is made; everything has a default. */
export interface SimulatorOptions {
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0, the default, for any free one. */
  readonly port?: number;
  /** Passwords by system id; without it anybody may bind. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** Given, clients have to speak TLS. */
  readonly tls?: ServerTls;
  readonly behaviours?: Partial<Behaviours>;
  /** How many submit_sm the log keeps. */
  readonly logLimit?: number;
  /** The first message id; made from the clock unless given, so that ids do not come again after a restart. */
  readonly firstId?: number;
  /** Called for each submit_sm as it is read, before it is answered. */
  readonly onSubmit?: (entry: SubmitEntry) => void;
  /** Called for each message that a handset got whole. */
  readonly onHandsetMessage?: (number: string, message: HandsetMessage) => void;
  /** Called with what was thrown over a client's request, which is answered with ESME_RSYSERR. */
  readonly onFault?: (error: unknown) => void;
  readonly monotonicMs?: () => number;
  readonly wallMs?: () => number;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/** A telephone behind the simulator. */
export interface SimulatedHandset {
  readonly inbox: readonly HandsetMessage[];
  /** Messages of which parts are still missing. */
  readonly incomplete: number;
  /**
   * Sends a message to a number, in parts when it is long; throws RangeError for a text that cannot be written. A number that
   * SMPP has no room for is nobody's: what goes there is dropped.
   */
  write(to: string, text: string, options?: MessageOptions): void;
}

/** A client that is bound. */
export interface BoundClient {
  /** As in the log's `connection`. */
  readonly number: number;
  readonly systemId: string;
  readonly kind: "trx" | "tx" | "rx";
  readonly submits: number;
  /** Says unbind, as a carrier that restarts does. */
  unbind(): void;
  /** Breaks the connection. */
  drop(): void;
  /** Puts bytes on its wire as they are. */
  writeRaw(bytes: Uint8Array): void;
}

/** An SMSC on a TCP port with handsets behind it. */
export interface Simulator {
  /** Resolves when it listens; rejects with the system's error. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Unbinds everybody and resolves when all connections are closed. */
  close(): Promise<void>;
  /** Changes how it behaves from now on; the three about enquire_link and the window of a bind count for new connections only. */
  behave(changes: Partial<Behaviours>): void;
  readonly behaviours: Behaviours;
  /** The latest submit_sm, the oldest first. */
  log(): readonly SubmitEntry[];
  counters(): Readonly<Counters>;
  handset(number: string): SimulatedHandset;
  clients(): readonly BoundClient[];
}

const HOST = "127.0.0.1";
const LOG_LIMIT = 10_000;
const IDS_PER_MS = 1_000;
/** A client's unanswered requests; the simulator itself may be told never to answer. */
const MAX_UNANSWERED = 100_000;
const UNBIND_TIMEOUT_MS = 1_000;

/** Makes a simulator that does not listen yet. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  return new SmscSimulator(options);
}

class SmscSimulator implements Simulator {
  readonly #options: SimulatorOptions;
  readonly #log: SubmitLog;
  readonly #counters = noCounts();
  readonly #accounts = new Accounts();
  readonly #schedule: Schedule;
  readonly #deliveries: Deliveries;
  readonly #handsets: Handsets;
  readonly #desk: BindDesk;
  readonly #server: SmppServer<Delivery>;
  #behaviours: Behaviours;
  #reference = 0;

  constructor(options: SimulatorOptions) {
    const monotonicMs = options.monotonicMs ?? (() => performance.now());
    const wallMs = options.wallMs ?? (() => Date.now());
    const behaviours = () => this.#behaviours;
    this.#options = options;
    this.#behaviours = { ...defaultBehaviours(), ...options.behaviours };
    this.#log = new SubmitLog(options.logLimit ?? LOG_LIMIT);
    this.#schedule = new Schedule(monotonicMs);
    this.#deliveries = new Deliveries(behaviours, this.#schedule, this.#counters);
    this.#handsets = new Handsets({
      write: (from, to, text) => this.#write(from, to, text, {}),
      onMessage: (number, message) => this.#gotMessage(number, message),
    });
    const center = new MessageCenter({
      behaviours,
      schedule: this.#schedule,
      counters: this.#counters,
      deliveries: this.#deliveries,
      handsets: this.#handsets,
      ids: new MessageIds(options.firstId ?? wallMs() * IDS_PER_MS),
      note: (entry) => {
        const noted = this.#log.add(entry);
        options.onSubmit?.(noted);
      },
      monotonicMs,
      wallMs,
      random: options.random ?? Math.random,
      onFault: (error) => options.onFault?.(error),
    });
    this.#desk = new BindDesk({
      behaviours,
      passwords: options.passwords ?? null,
      accounts: this.#accounts,
      center,
      deliveries: this.#deliveries,
      schedule: this.#schedule,
      counters: this.#counters,
    });
    this.#server = new SmppServer<Delivery>({
      host: options.host ?? HOST,
      port: options.port ?? 0,
      systemId: "simulator",
      ...(options.tls !== undefined && { tls: options.tls }),
      session: this.#sessionOptions(),
      authenticate: this.#desk.authenticate,
      onError: (error) => {
        throw error;
      },
      monotonicMs,
    });
  }

  get behaviours(): Behaviours {
    return this.#behaviours;
  }

  async listen(): Promise<{ readonly host: string; readonly port: number }> {
    const { port } = await this.#server.listen();
    return { host: this.#options.host ?? HOST, port };
  }

  async close(): Promise<void> {
    this.#schedule.clear();
    await this.#server.close();
    // Clients that left while others were still leaving may have set something off.
    this.#schedule.clear();
  }

  behave(changes: Partial<Behaviours>): void {
    this.#behaviours = { ...this.#behaviours, ...changes };
  }

  log(): readonly SubmitEntry[] {
    return this.#log.entries();
  }

  counters(): Readonly<Counters> {
    return { ...this.#counters };
  }

  handset(number: string): SimulatedHandset {
    const handset = this.#handsets.get(number);
    return {
      inbox: [...handset.inbox],
      incomplete: handset.incomplete,
      write: (to, text, options = {}) => this.#write(number, to, text, options),
    };
  }

  clients(): readonly BoundClient[] {
    return Array.from(this.#desk.binds, ({ number, account, kind, submits, connection }) => ({
      number,
      systemId: account.systemId,
      kind,
      submits,
      unbind: () => connection.unbind(),
      drop: () => connection.destroy(),
      writeRaw: (bytes) => connection.writeRaw(bytes),
    }));
  }

  #write(from: string, to: string, text: string, options: MessageOptions): void {
    const account = this.#accounts.receiver();
    if (account === null)
      throw new RangeError("nobody has bound yet: a message from a handset has nowhere to go");
    this.#reference = (this.#reference + 1) & 0xff;
    for (const body of deliverBodies({ from, to, text, options }, this.#behaviours, this.#reference))
      this.#deliveries.deliver({ account, body, origin: null, attempts: 0 });
  }

  #gotMessage(number: string, message: HandsetMessage): void {
    this.#counters.handsetMessages++;
    this.#options.onHandsetMessage?.(number, message);
  }

  #sessionOptions(): Partial<SessionOptions> {
    const { answersEnquireLink, enquireLinkMs, deliverWindow } = this.#behaviours;
    return {
      windowSize: deliverWindow,
      answersEnquireLink,
      enquireLinkIntervalMs: enquireLinkMs,
      unbindTimeoutMs: UNBIND_TIMEOUT_MS,
      maxUnansweredRequests: MAX_UNANSWERED,
    };
  }
}
