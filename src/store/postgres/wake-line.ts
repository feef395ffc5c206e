import { Client } from "pg";
import type { Logger } from "../../domain/logger.ts";
import type { Wake } from "../store.ts";
import { isOfEvents, WakeThrottle } from "../wake-throttle.ts";

const CHANNEL = "msgbin_wake";
/** Nodes of the version before take a wake that they do not know for one of the directory, and would read it again each time. */
const EVENTS_CHANNEL = "msgbin_events";

/** At most 20 times a second: each is a lock that every committing session waits for, so they stand outside. */
const WINDOW_MS = 55;
/** A payload has less than 8,000 bytes, and all of it is ASCII. */
const PAYLOAD_CHARACTERS = 7_999;
/** On one channel at once: they hold 1,600 customers with events. Wakes beyond them are left to the others' polling. */
const PAYLOADS_MAX = 8;

const NOTIFY =
  "SELECT pg_notify(n.channel, n.payload) FROM unnest($1::text[], $2::text[]) n (channel, payload)";

const RECONNECT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Who only listens does not notice that the server vanished without a word: so often it is asked something. */
const ASK_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;

/** Tells the listeners of this process and of all others, by NOTIFY on a direct connection, that reconnects by itself. */
export class WakeLine {
  readonly #url: string;
  readonly #logger: Logger;
  readonly #local = new WakeThrottle();
  /** Names this process, so that it does not hear itself. */
  readonly #name = crypto.randomUUID();
  #client: Client | null = null;
  #owed = new Set<string>();
  #window: NodeJS.Timeout | null = null;
  #reconnect: NodeJS.Timeout | null = null;
  #asking: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(url: string, logger: Logger) {
    this.#url = url;
    this.#logger = logger;
  }

  listen(listener: (wake: Wake) => void): () => void {
    return this.#local.listen(listener);
  }

  /** Passes on what a commit owes: here at once, elsewhere within the window. */
  wake(keys: readonly string[]): void {
    if (keys.length === 0 || this.#isClosed) return;
    this.#local.wake(keys);
    for (const key of keys) this.#owed.add(key);
    this.#window ??= setTimeout(() => void this.#notify(), WINDOW_MS);
  }

  /** Connects, now and whenever the connection was lost. Resolves after the first try, whatever came of it. */
  async open(): Promise<void> {
    this.#asking ??= setInterval(() => void this.#ask("SELECT 1", []), ASK_MS);
    const client = new Client({
      connectionString: this.#url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      application_name: "msgbin wakes",
    });
    client.on("notification", ({ payload = "" }) => this.#hear(payload));
    client.on("error", (error) => this.#logger.debug({ error: error.message }, "wake line broke"));
    client.on("end", () => this.#lost(client));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}; LISTEN ${EVENTS_CHANNEL}`);
      if (this.#isClosed) await client.end();
      else this.#client = client;
    } catch {
      await client.end().catch(() => undefined); // it never was open
      this.#lost(client);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#local.close();
    if (this.#asking !== null) clearInterval(this.#asking);
    if (this.#window !== null) {
      clearTimeout(this.#window);
      await this.#notify(); // a node that leaves says that its slots are free
    }
    if (this.#reconnect !== null) clearTimeout(this.#reconnect);
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined); // the server ends it then
  }

  #lost(client: Client): void {
    if (this.#client === client) this.#client = null;
    if (this.#isClosed || this.#client !== null || this.#reconnect !== null) return;
    this.#reconnect = setTimeout(() => {
      this.#reconnect = null;
      void this.open();
    }, RECONNECT_MS);
  }

  async #notify(): Promise<void> {
    const owed = [...this.#owed];
    this.#owed = new Set();
    this.#window = null;
    const events = payloadsOf(this.#name, owed.filter(isOfEvents));
    const others = payloadsOf(
      this.#name,
      owed.filter((key) => !isOfEvents(key)),
    );
    const channels = [...events.map(() => EVENTS_CHANNEL), ...others.map(() => CHANNEL)];
    await this.#ask(NOTIFY, [channels, [...events, ...others]]); // a wake that is lost is found by polling
  }

  /** A connection that does not answer is given up, and made anew. */
  async #ask(text: string, values: readonly (readonly string[])[]): Promise<void> {
    const client = this.#client;
    await client?.query(text, [...values]).catch(() => client.end());
  }

  #hear(payload: string): void {
    const [name, ...keys] = payload.split(" ");
    if (name !== this.#name) this.#local.wake(keys);
  }
}

/** Wakes as payloads that name who tells of them. */
function payloadsOf(name: string, keys: readonly string[]): readonly string[] {
  const payloads: string[] = [];
  for (const key of keys.filter(({ length }) => name.length + length < PAYLOAD_CHARACTERS)) {
    const begun = payloads.pop() ?? name;
    if (begun.length + key.length < PAYLOAD_CHARACTERS) payloads.push(`${begun} ${key}`);
    else payloads.push(begun, `${name} ${key}`);
  }
  return payloads.slice(0, PAYLOADS_MAX);
}
